package io.redknot.storage.keyspace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AccessClockTest {
  private static final long NOW = 1_700_000_000_000L;
  private static final long MINUTE_MS = 60_000;

  private final AccessClock clock = new AccessClock();
  private final XorShift random = new XorShift(42);

  @Test
  void leastRecentlyUsedKeepsSeconds() {
    int fresh = clock.fresh(NOW);
    assertFalse(clock.isLfu());
    assertTrue(fresh >= 0 && fresh < 1 << 24);
    assertEquals(0, clock.idleSeconds(fresh, NOW + 500));
    assertEquals(77, clock.idleSeconds(fresh, NOW + 77_000));
    int touched = clock.touched(fresh, NOW + 77_000, random);
    assertEquals(0, clock.idleSeconds(touched, NOW + 77_000));
  }

  @Test
  void idleTimeSurvivesTheWrapOfTheClock() {
    long wrapMs = (1L << 24) * 1000;
    long justBefore = (NOW / wrapMs + 1) * wrapMs - 3_000;
    int clockBefore = clock.fresh(justBefore);
    assertEquals(10, clock.idleSeconds(clockBefore, justBefore + 10_000));
    assertEquals(1234, clock.idleSeconds(clock.idleClock(1234, NOW), NOW));
    long afterWrap = justBefore + 4_000;
    assertEquals(1234, clock.idleSeconds(clock.idleClock(1234, afterWrap), afterWrap));
  }

  @Test
  void leastFrequentlyUsedStartsAtFiveAndFallsWithTime() {
    clock.configure(true, 10, 1);
    int fresh = clock.fresh(NOW);
    assertTrue(clock.isLfu());
    assertTrue(fresh >= 0 && fresh < 1 << 24);
    assertEquals(5, clock.frequency(fresh, NOW));
    assertEquals(3, clock.frequency(fresh, NOW + 2 * MINUTE_MS));
    assertEquals(0, clock.frequency(fresh, NOW + 60 * MINUTE_MS));
    clock.configure(true, 10, 3);
    assertEquals(4, clock.frequency(fresh, NOW + 5 * MINUTE_MS));
    clock.configure(true, 10, 0);
    assertEquals(5, clock.frequency(fresh, NOW + 5000 * MINUTE_MS));
  }

  @Test
  void frequencyFallsAcrossTheWrapOfItsMinutes() {
    clock.configure(true, 10, 1);
    long wrapMs = (1L << 16) * MINUTE_MS;
    long justBefore = (NOW / wrapMs + 1) * wrapMs - MINUTE_MS;
    assertEquals(3, clock.frequency(clock.fresh(justBefore), justBefore + 2 * MINUTE_MS));
  }

  /** Redis documents about 10, 18, 142 and 255 hits' worth for a factor of 10. */
  @Test
  void theCounterGrowsLogarithmically() {
    clock.configure(true, 10, 1);
    assertEquals(10, meanAfter(100), 3);
    assertEquals(18, meanAfter(1_000), 4);
    assertEquals(142, meanAfter(100_000), 15);
    assertEquals(255, meanAfter(1_000_000), 1);
  }

  private double meanAfter(int hits) {
    int runs = 5;
    int sum = 0;
    for (int run = 0; run < runs; run++) {
      int value = clock.fresh(NOW);
      for (int i = 0; i < hits; i++) {
        value = clock.touched(value, NOW, random);
      }
      sum += clock.frequency(value, NOW);
    }
    return (double) sum / runs;
  }

  @Test
  void theFirstHitsAlwaysCount() {
    clock.configure(true, 10, 1);
    long later = NOW + 5 * MINUTE_MS;
    int decayed = clock.fresh(NOW);
    for (int hit = 1; hit <= 6; hit++) {
      decayed = clock.touched(decayed, later, random);
      assertEquals(hit, clock.frequency(decayed, later));
    }
  }
}
