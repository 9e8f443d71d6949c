package io.redknot.server.pubsub;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import io.redknot.storage.keyspace.GlobPattern;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The index of patterns finds all that fit, and only these. */
class PatternsTest {
  private static final int PATTERNS = 400;
  private static final int CHANNELS = 400;
  private static final String[] PIECES = {
    "a", "b", "ab", "news", ".", "*", "?", "[ab]", "[^a]", "\\*", "\\a", "[a-", "]"
  };

  private static String draw(SplittableRandom random, boolean pattern) {
    StringBuilder text = new StringBuilder();
    int pieces = 1 + random.nextInt(5);
    for (int i = 0; i < pieces; i++) {
      text.append(PIECES[random.nextInt(pattern ? PIECES.length : 5)]);
    }
    // Longer than what is looked up.
    return random.nextInt(10) == 0 ? "x".repeat(80) + text : text.toString();
  }

  private static int countFitting(List<String> patterns, String channel) {
    byte[] bytes = channel.getBytes(StandardCharsets.ISO_8859_1);
    int count = 0;
    for (String pattern : patterns) {
      GlobPattern glob = GlobPattern.of(pattern.getBytes(StandardCharsets.ISO_8859_1));
      count += glob.matches(bytes, 0, bytes.length) ? 1 : 0;
    }
    return count;
  }

  @Test
  void asManyGetAMessageAsPatternsFit() {
    SplittableRandom random = new SplittableRandom(5);
    Set<String> drawn = new LinkedHashSet<>();
    while (drawn.size() < PATTERNS) {
      drawn.add(draw(random, true));
    }
    List<String> patterns = new ArrayList<>(drawn);
    try (RunningServer server = RunningServer.start();
        RawClient listener = server.connect();
        RawClient client = server.connect()) {
      patterns.forEach(pattern -> listener.ask("PSUBSCRIBE", pattern));
      for (int i = 0; i < CHANNELS; i++) {
        if (i == CHANNELS / 2) {
          while (patterns.size() > PATTERNS / 2) {
            String gone = patterns.remove(random.nextInt(patterns.size()));
            listener.command("PUNSUBSCRIBE", gone);
          }
          Eventually.await(
              "all patterns",
              () -> client.ask("PUBSUB", "NUMPAT").equals(":" + patterns.size() + "\r\n"));
        }
        String channel = draw(random, false);
        int expected = countFitting(patterns, channel);
        assertEquals(":" + expected + "\r\n", client.ask("PUBLISH", channel, "m"), channel);
      }
    }
  }
}
