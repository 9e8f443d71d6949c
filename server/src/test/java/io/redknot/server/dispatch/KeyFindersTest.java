package io.redknot.server.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespParser;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyFindersTest {
  private static final List<String> WORDS =
      List.of(
          "get", "set", "by", "store", "limit", "keys", "auth", "auth2", "\"\"", "overflow", "a");

  @Test
  void everyFinderStaysWithinTheArgumentsWhateverTheyAre() {
    long seed = 11;
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      String line = line(random);
      Args args = Objects.requireNonNull(RespParser.splitLine(line));
      for (KeyFinder finder : finders()) {
        int[] found = new int[1];
        boolean any =
            finder.find(
                args,
                (position, flags) -> {
                  found[0]++;
                  assertTrue(
                      position > 0 && position < args.count(),
                      position + " on " + line + ", seed " + seed);
                });
        assertEquals(any, found[0] > 0, line + ", seed " + seed);
      }
    }
  }

  private static List<KeyFinder> finders() {
    return List.of(
        KeyFinders::set,
        KeyFinders::bitfield,
        KeyFinders::sort,
        KeyFinders::sortReadOnly,
        KeyFinders::migrate);
  }

  /** At least the words that the command with the most mandatory ones has. */
  private static String line(Random random) {
    StringBuilder line = new StringBuilder("x");
    for (int i = 5 + random.nextInt(8); i > 0; i--) {
      line.append(' ').append(WORDS.get(random.nextInt(WORDS.size())));
    }
    return line.toString();
  }
}
