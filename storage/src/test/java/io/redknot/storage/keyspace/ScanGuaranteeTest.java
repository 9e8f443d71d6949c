package io.redknot.storage.keyspace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What SCAN is built on: visiting slots piece by piece while everything changes. */
class ScanGuaranteeTest {
  private static final long NOW = 1_700_000_000_000L;

  private final Map<String, Integer> seen = new HashMap<>();
  private CheckedKeyspace checked = new CheckedKeyspace(0, NOW);

  @ParameterizedTest(name = "seed {0}, {1} steady keys, up to {2} others, one slot: {3}")
  @CsvSource({
    "1, 500, 2000, true", "2, 500, 60000, true", "3, 5000, 60000, true", "4, 3, 9000, true",
    "5, 5000, 20000, false", "6, 20000, 100, false", "7, 1, 30000, true", "8, 900, 900, true"
  })
  void keysThatStayAreVisitedExactlyOnce(long seed, int steady, int others, boolean oneSlot) {
    checked = new CheckedKeyspace(seed, NOW);
    String prefix = oneSlot ? "{t}" : "";
    SplittableRandom random = checked.random;
    for (int i = 0; i < steady; i++) {
      checked.put(prefix + "steady" + i, new byte[random.nextInt(30)]);
    }
    boolean grow = seed % 2 == 0;
    if (!grow) {
      churn(prefix, others, others, true);
    }
    for (int slot = 0; slot < checked.keys.walk().slots(); slot++) {
      long position = 0;
      while (position >= 0) {
        position = step(slot, position, 1 + random.nextInt(50));
        if (oneSlot ? seen.size() > 0 : slot % 500 == 0) {
          boolean now = random.nextInt(8) == 0 ? !grow : grow;
          churn(prefix, others, 1 + random.nextInt(1 + others / 20), now);
        }
      }
    }
    for (int i = 0; i < steady; i++) {
      String key = prefix + "steady" + i;
      assertEquals(1, seen.getOrDefault(key, 0), key);
      checked.assertSame(key);
    }
    TableChecker.check(checked.keys);
  }

  private long step(int slot, long position, int wanted) {
    int[] left = {wanted};
    return checked
        .keys
        .walk()
        .visitSlot(
            slot,
            position,
            ref -> {
              seen.merge(new String(checked.keys.keyCopy(ref), ISO_8859_1), 1, Integer::sum);
              return --left[0] > 0;
            });
  }

  private void churn(String prefix, int others, int count, boolean grow) {
    for (int i = 0; i < count; i++) {
      String key = prefix + "other" + checked.random.nextInt(others);
      if (checked.random.nextInt(10) == 0 ? !grow : grow) {
        checked.put(key, new byte[checked.random.nextInt(60)]);
      } else {
        checked.remove(key);
      }
    }
    if (checked.random.nextInt(3) == 0) {
      checked.keys.memory().compact(100_000, 10_000);
    }
    assertTrue(checked.keys.size() > 0);
  }

  @ParameterizedTest
  @CsvSource({"11", "12"})
  void positionsAscendAndStepsAreBounded(long seed) {
    checked = new CheckedKeyspace(seed, NOW);
    for (int i = 0; i < 20_000; i++) {
      checked.put("{t}" + i, new byte[0]);
    }
    int slot = HashSlot.of(CheckedKeyspace.bytes("t"), 0, 1);
    long position = 0;
    int visited = 0;
    while (position >= 0) {
      int before = seen.size();
      long next = step(slot, position, 10);
      assertTrue(next < 0 || next > position);
      assertTrue(next < 1L << KeyspaceWalk.positionBits());
      assertTrue(seen.size() - before <= 10 + 5, "only keys of the same tag come on top");
      visited += seen.size() - before;
      position = next;
    }
    assertEquals(20_000, visited);
  }
}
