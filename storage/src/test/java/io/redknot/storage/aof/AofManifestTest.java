package io.redknot.storage.aof;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.aof.AofFile.Role;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class AofManifestTest {
  private static final String TWO =
      "file a.1.base.rdb seq 1 type b\nfile a.1.incr.aof seq 1 type i\n";

  private static AofManifest parse(String text) throws ManifestException {
    return AofManifest.parse(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String refusal(String text) {
    return String.valueOf(assertThrows(ManifestException.class, () -> parse(text)).getMessage());
  }

  @Test
  void whatIsReadIsWrittenAsItWas() throws ManifestException {
    assertEquals(TWO, parse(TWO).toString());
    String history = "file h seq 1 type h\n";
    String all = "file b seq 2 type b\n" + history + "file i seq 7 type i\nfile j seq 9 type i\n";
    assertEquals(all, parse(all).toString());
    assertEquals(all, parse(history + all.replace(history, "")).toString());
  }

  @Test
  void namesThatNeedItAreQuoted() throws ManifestException {
    String quoted = "file \"a b\\x01\\\"\\n\" seq 1 type b\n";
    AofFile base = parse(quoted).base();
    assertEquals(new AofFile("a b\u0001\"\n", 1, Role.BASE), base);
    assertEquals(quoted, parse(quoted).toString());
    assertEquals("it's", parse("FILE 'it\\'s' Seq 1 TYPE b\n").toLoad().getFirst().name());
  }

  @Test
  void keysOfNewerVersionsAreIgnored() throws ManifestException {
    AofManifest newer = parse("file i seq 3 type i startoffset 12 endoffset 40\n# a note\n");
    assertEquals("file i seq 3 type i\n", newer.toString());
  }

  @Test
  void whatRedisRefusesIsRefusedInItsWords() {
    assertEquals("Found an empty AOF manifest", refusal(""));
    String badFormat = "Invalid AOF manifest file format";
    for (String line :
        List.of(
            "\n",
            "file a seq 1\n",
            "file a seq 1 type\n",
            "file a seq 1 type b extra\n",
            "file a seq 0 type b\n",
            "file a seq x type b\n",
            "file \"a seq 1 type b\n",
            "file \"a\"b seq 1 type b\n",
            "name a seq 1 type b\n")) {
      assertEquals(badFormat, refusal(line), line);
    }
    String tooLong = "The AOF manifest file contains too long line";
    assertEquals(tooLong, refusal("file a seq 1 type b"));
    assertEquals(tooLong, refusal("file " + "a".repeat(1024) + " seq 1 type b\n"));
    assertEquals("File can't be a path, just a filename", refusal("file ../a seq 1 type b\n"));
    assertEquals("Found duplicate base file information", refusal(TWO + "file c seq 2 type b\n"));
    assertEquals("Found a non-monotonic sequence number", refusal(TWO + "file c seq 1 type i\n"));
    assertEquals("Unknown AOF file type", refusal("file c seq 1 type x extra 1\n"));
  }

  @Test
  void aRewriteMakesHistoryOfWhatTheNewBaseHolds() throws ManifestException {
    AofManifest before = parse(TWO);
    AofFile second = before.nextIncrement("a");
    AofManifest during = before.withIncrement(second);
    assertEquals(TWO + "file a.2.incr.aof seq 2 type i\n", during.toString());
    AofManifest after = during.rewritten(during.nextBase("a", false), second.seq());
    assertEquals(
        """
        file a.2.base.aof seq 2 type b
        file a.1.base.rdb seq 1 type h
        file a.1.incr.aof seq 1 type h
        file a.2.incr.aof seq 2 type i
        """,
        after.toString());
    assertEquals(
        """
        file a.2.base.aof seq 2 type b
        file a.2.incr.aof seq 2 type i
        """,
        after.withoutHistory().toString());
    assertEquals("a.3.incr.aof", after.withoutHistory().nextIncrement("a").name());
  }

  @Test
  void noBytesBreakTheParser() {
    long seed = Long.getLong("redknot.seed", 20260401);
    SplittableRandom random = new SplittableRandom(seed);
    int parsed = 0;
    for (int i = 0; i < 5_000; i++) {
      byte[] bytes = mutated(random);
      try {
        AofManifest manifest = AofManifest.parse(bytes);
        byte[] again = manifest.format();
        if (again.length > 0) {
          assertArrayEquals(again, AofManifest.parse(again).format(), "seed " + seed);
        }
        parsed++;
      } catch (ManifestException refused) {
        assertTrue(refused.line() >= 0);
      }
    }
    assertTrue(parsed > 500, "only " + parsed + " of seed " + seed);
  }

  private static byte[] mutated(SplittableRandom random) {
    List<String> lines = new ArrayList<>();
    for (int i = random.nextInt(1, 5); i > 0; i--) {
      char type = "bhi".charAt(random.nextInt(3));
      lines.add("file a." + i + " seq " + (9 - i) + " type " + type + "\n");
    }
    byte[] bytes = String.join("", lines).getBytes(StandardCharsets.ISO_8859_1);
    for (int i = random.nextInt(3); i > 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return bytes;
  }
}
