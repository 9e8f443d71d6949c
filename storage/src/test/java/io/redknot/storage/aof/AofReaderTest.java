package io.redknot.storage.aof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.aof.AofReader.Outcome;
import io.redknot.storage.rdb.ByteSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class AofReaderTest {
  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Gives bytes in pieces of a size. */
  private static ByteSource source(byte[] bytes, int pieces) {
    int[] at = {0};
    return (target, offset, length) -> {
      if (at[0] == bytes.length) {
        return -1;
      }
      int part = Math.min(Math.min(length, pieces), bytes.length - at[0]);
      System.arraycopy(bytes, at[0], target, offset, part);
      at[0] += part;
      return part;
    };
  }

  private static String words(AofReader reader) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < reader.count(); i++) {
      words.add(
          new String(
              reader.array(), reader.offset(i), reader.length(i), StandardCharsets.ISO_8859_1));
    }
    return String.join(" ", words);
  }

  private static byte[] written(List<String> commands) {
    AofWriter writer = new AofWriter();
    for (int i = 0; i < commands.size(); i++) {
      byte[] command = resp(commands.get(i));
      writer.append(i / 3, 1_700_000_000L + i / 2, command, 0, command.length);
    }
    return Arrays.copyOf(writer.array(), writer.size());
  }

  private static byte[] resp(String command) {
    StringBuilder text = new StringBuilder();
    String[] words = command.split(" ", -1);
    text.append('*').append(words.length).append("\r\n");
    for (String word : words) {
      text.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
    }
    return latin(text.toString());
  }

  @Test
  void theWriterSelectsDatabasesAndNotesTimes() {
    AofWriter writer = new AofWriter();
    byte[] command = resp("DEL k");
    writer.append(0, 1_700_000_000L, command, 0, command.length);
    writer.append(0, 1_700_000_000L, command, 0, command.length);
    writer.append(11, 1_700_000_001L, command, 0, command.length);
    writer.beginFile();
    writer.append(11, AofWriter.NO_TIME, command, 0, command.length);
    String del = new String(command, StandardCharsets.ISO_8859_1);
    String eleven = "*2\r\n$6\r\nSELECT\r\n$2\r\n11\r\n";
    assertEquals(
        "#TS:1700000000\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n"
            + del
            + del
            + "#TS:1700000001\r\n"
            + eleven
            + del
            + eleven
            + del,
        new String(writer.array(), 0, writer.size(), StandardCharsets.ISO_8859_1));
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    List<String> commands = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      if (i % 3 == 0) {
        expected.add("SELECT " + i / 3);
      }
      commands.add("SET k" + i + " " + "v".repeat(i * i * 20));
      expected.add(commands.getLast());
    }
    byte[] bytes = written(commands);
    for (int pieces : new int[] {1000, 65_536, Integer.MAX_VALUE}) {
      AofReader reader = new AofReader(source(bytes, pieces), 9);
      for (String command : expected) {
        assertEquals(Outcome.COMMAND, reader.next());
        assertEquals(command, words(reader));
      }
      assertEquals(Outcome.END, reader.next());
      assertEquals(9 + bytes.length, reader.position());
    }
  }

  @Test
  void everyTruncationIsToldWithTheEndOfTheLastCommand() throws IOException {
    byte[] bytes = written(List.of("SET a 1", "SET b 22", "DEL a"));
    List<Long> ends = new ArrayList<>(List.of(0L));
    AofReader whole = new AofReader(source(bytes, 7), 0);
    while (whole.next() == Outcome.COMMAND) {
      ends.add(whole.position());
    }
    for (int length = 0; length <= bytes.length; length++) {
      AofReader reader = new AofReader(source(Arrays.copyOf(bytes, length), 7), 0);
      int commands = 0;
      Outcome outcome = reader.next();
      while (outcome == Outcome.COMMAND) {
        commands++;
        outcome = reader.next();
      }
      assertEquals(ends.get(commands), reader.position());
      assertTrue(reader.position() <= length);
      // Behind a line with the time the file may end as behind a command.
      boolean atEnd = ends.contains((long) length) || bytes[Math.max(0, length - 1)] == '\n';
      assertTrue(atEnd || outcome == Outcome.TRUNCATED, length + ": " + outcome);
    }
  }

  @Test
  void whatIsNoCommandIsRefused() {
    for (String bytes :
        List.of(
            "SET a 1\r\n",
            "*0\r\n",
            "*-1\r\n",
            "*1\n$4\r\nPING\r\n",
            "*1\r\n:4\r\nPING\r\n",
            "*1\r\n$4\r\nPINGxx",
            "*1\r\n$-4\r\nPING\r\n",
            "*1\r\n$99999999999\r\nPING\r\n",
            "*1\r\n$2147483647\r\nPING\r\n")) {
      AofReader reader = new AofReader(source(latin(bytes), 100), 0);
      assertThrows(AofException.class, reader::next, bytes);
    }
  }

  @Test
  void noBytesBreakTheReader() throws IOException {
    long seed = Long.getLong("redknot.seed", 20260402);
    SplittableRandom random = new SplittableRandom(seed);
    byte[] valid = written(List.of("SET a 1", "MSET a b c d", "DEL a", "SET b " + "x".repeat(90)));
    int whole = 0;
    for (int i = 0; i < 5_000; i++) {
      byte[] bytes = valid.clone();
      for (int flips = random.nextInt(4); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      AofReader reader = new AofReader(source(bytes, 50), 0);
      try {
        while (reader.next() == Outcome.COMMAND) {
          assertTrue(reader.position() <= bytes.length, "seed " + seed);
          assertTrue(words(reader).length() <= bytes.length, "seed " + seed);
        }
        whole++;
      } catch (AofException refused) {
        assertTrue(reader.position() < bytes.length, "seed " + seed);
      }
    }
    assertTrue(whole > 1000, "only " + whole + " of seed " + seed);
  }
}
