package io.redknot.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.protocol.RespParser.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RespParserTest {
  private static final int ROUNDS = 2000;

  private final Args args = new Args();
  private final RespParser parser = new RespParser(args);

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private Outcome parse(String bytes) {
    byte[] buffer = latin(bytes);
    return parser.parse(buffer, 0, buffer.length);
  }

  private List<String> words() {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < args.count(); i++) {
      words.add(args.text(i));
    }
    return words;
  }

  private static String resp(List<String> words) {
    StringBuilder bytes = new StringBuilder("*" + words.size() + "\r\n");
    for (String word : words) {
      bytes.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
    }
    return bytes.toString();
  }

  @Test
  void argumentsMayHoldAnyByteAndAnyLength() {
    List<String> words = List.of("SET", "", "a\r\nb\0\u00ff", "x".repeat(100), "y".repeat(1000));
    assertEquals(Outcome.COMMAND, parse(resp(words)));
    assertEquals(words, words());
    assertEquals(resp(words).length(), parser.consumed());
  }

  @Test
  void aCountOfNoneIsAnEmptyRequest() {
    for (String empty : List.of("*0\r\n", "*-1\r\n", "*-100\r\n", "\r\n", "\n", "  \t \r\n")) {
      assertEquals(Outcome.EMPTY, parse(empty + "PING\r\n"), empty);
      assertEquals(empty.length(), parser.consumed());
    }
  }

  @Test
  void aLineFeedAloneDoesNotEndALengthLine() {
    assertEquals(Outcome.NEED_MORE, parse("*1\n$4\nPING\n"));
  }

  @Test
  void smallerLimitsHoldBeforeAuthentication() {
    parser.authenticated(false);
    assertEquals(Outcome.ERROR, parse("*11\r\n"));
    assertEquals("ERR Protocol error: unauthenticated multibulk length", parser.error());
    RespParser other = new RespParser(new Args());
    other.authenticated(false);
    byte[] bulk = latin("*1\r\n$16385\r\n");
    assertEquals(Outcome.ERROR, other.parse(bulk, 0, bulk.length));
    assertEquals("ERR Protocol error: unauthenticated bulk length", other.error());
  }

  @Test
  void theMissingBytesOfALongArgumentAreAnnounced() {
    String start = "*2\r\n$3\r\nSET\r\n$1000\r\nabc";
    assertEquals(Outcome.NEED_MORE, parse(start));
    assertEquals(1002 - 3, parser.missingHint(start.length()));
  }

  @Test
  void theSameRequestsAreFoundHoweverTheirBytesAreCut() {
    for (int round = 0; round < ROUNDS; round++) {
      Random random = new Random(round);
      List<List<String>> requests = randomRequests(random);
      StringBuilder stream = new StringBuilder();
      for (List<String> request : requests) {
        stream.append(resp(request));
      }
      assertEquals(requests, parseInPieces(latin(stream.toString()), random), "seed " + round);
    }
  }

  private static List<List<String>> randomRequests(Random random) {
    List<List<String>> requests = new ArrayList<>();
    for (int i = random.nextInt(5); i >= 0; i--) {
      List<String> words = new ArrayList<>();
      for (int j = random.nextInt(12); j >= 0; j--) {
        words.add(randomText(random, random.nextInt(random.nextInt(10) == 0 ? 2000 : 20)));
      }
      requests.add(words);
    }
    return requests;
  }

  private static String randomText(Random random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append((char) random.nextInt(256));
    }
    return text.toString();
  }

  /** Feeds pieces of random sizes, and moves what is unfinished to another place each time. */
  private List<List<String>> parseInPieces(byte[] stream, Random random) {
    List<List<String>> found = new ArrayList<>();
    byte[] rest = {};
    int read = 0;
    while (read < stream.length) {
      int piece = Math.min(stream.length - read, 1 + random.nextInt(40));
      int shift = random.nextInt(10);
      byte[] buffer = new byte[shift + rest.length + piece];
      System.arraycopy(rest, 0, buffer, shift, rest.length);
      System.arraycopy(stream, read, buffer, shift + rest.length, piece);
      read += piece;
      int from = shift;
      while (parser.parse(buffer, from, buffer.length) == Outcome.COMMAND) {
        found.add(words());
        from += parser.consumed();
      }
      rest = Arrays.copyOfRange(buffer, from, buffer.length);
    }
    assertEquals(0, rest.length);
    return found;
  }

  @Test
  void randomBytesNeverDoMoreThanFail() {
    String alphabet = "*$0123456789-\r\n\r\n\"'\\x ab\0\u00ff";
    for (int round = 0; round < ROUNDS; round++) {
      Random random = new Random(round);
      byte[] buffer = new byte[random.nextInt(200)];
      for (int i = 0; i < buffer.length; i++) {
        buffer[i] = (byte) alphabet.charAt(random.nextInt(alphabet.length()));
      }
      assertEndsWithin(buffer, "seed " + round);
    }
  }

  private static void assertEndsWithin(byte[] buffer, String seed) {
    Args found = new Args();
    RespParser fresh = new RespParser(found);
    int from = 0;
    while (true) {
      Outcome outcome = fresh.parse(buffer, from, buffer.length);
      if (outcome == Outcome.ERROR || outcome == Outcome.NEED_MORE) {
        assertEquals(outcome == Outcome.ERROR, !fresh.error().isEmpty(), seed);
        return;
      }
      assertTrue(fresh.consumed() > 0, seed);
      assertEquals(outcome == Outcome.COMMAND, found.count() > 0 && outcome == Outcome.COMMAND);
      from += fresh.consumed();
      assertTrue(from <= buffer.length, seed);
      for (int i = 0; outcome == Outcome.COMMAND && i < found.count(); i++) {
        assertEquals(found.length(i), found.copy(i).length, seed);
      }
    }
  }

  @Test
  void inlineWordsAreUnescaped() {
    Args words = RespParser.splitLine("set \"a\\x41\\\"\\n\" 'it\\'s' \"\" plain\"");
    assertEquals(null, words);
    Args good = RespParser.splitLine("set \"a\\x41\\\"\\n\\q\" 'it\\'s \\n' \"\" x");
    assertTrue(good != null && good.count() == 5);
    assertArrayEquals(latin("aA\"\nq"), good.copy(1));
    assertArrayEquals(latin("it's \\n"), good.copy(2));
    assertEquals(0, good.length(3));
  }

  @Test
  void anInlineRequestOfManyReadsIsScannedOnce() {
    String words = "echo " + "x".repeat(60_000);
    byte[] buffer = latin(words + "\r\n");
    for (int to = 1; to < buffer.length; to += 1000) {
      assertEquals(Outcome.NEED_MORE, parser.parse(buffer, 0, to));
    }
    assertEquals(Outcome.COMMAND, parser.parse(buffer, 0, buffer.length));
    assertEquals(60_000, args.length(1));
  }

  @Test
  void detachedArgumentsOutliveTheBuffer() {
    byte[] buffer = latin("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n");
    assertEquals(Outcome.COMMAND, parser.parse(buffer, 0, buffer.length));
    Args kept = args.detach();
    Arrays.fill(buffer, (byte) 'z');
    assertEquals("k", kept.text(1));
    assertTrue(kept.is(0, "get"));
  }
}
