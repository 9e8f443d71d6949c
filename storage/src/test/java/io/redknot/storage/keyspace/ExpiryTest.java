package io.redknot.storage.keyspace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.value.StringValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpiryTest {
  private static final long NOW = 1_700_000_000_000L;
  private static final long DAY_MS = 86_400_000L;
  private static final long YEAR_MS = 365 * DAY_MS;

  /** Beyond this an entry waits until it is accessed. */
  private static final long HORIZON_MS = 17 * YEAR_MS;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whatIsDueGoesWithinATickAndNothingGoesEarly(long seed) {
    CheckedKeyspace checked = new CheckedKeyspace(seed, NOW);
    for (int round = 0; round < 400; round++) {
      for (int i = 0; i < 30; i++) {
        changeAny(checked);
      }
      long step = checked.random.nextLong(1L << checked.random.nextInt(round % 20 == 0 ? 38 : 24));
      checked.time(checked.nowMs() + step);
      while (!checked.keys.removeExpired(1 + checked.random.nextInt(300))) {
        assertTrue(checked.keys.expiring() > 0);
      }
      if (round % 10 == 0) {
        checked.keys.memory().compact(50_000, 0);
      }
      assertOnlyDueIsGone(checked);
    }
    checked.assertSame();
  }

  private static void changeAny(CheckedKeyspace checked) {
    String key = "k" + checked.random.nextInt(600);
    int verb = checked.random.nextInt(10);
    long distance = checked.random.nextLong(1L << checked.random.nextInt(39));
    if (verb < 7) {
      if (checked.find(key) == 0) {
        checked.put(key, new byte[checked.random.nextInt(40)]);
      }
      checked.expireAt(key, checked.nowMs() + (verb == 0 ? -distance : distance));
      if (verb == 0) {
        // What is expired from the start goes with the tick in which it was set.
        checked.time(checked.nowMs() + ExpiryWheel.TICK_MS);
      }
    } else if (verb == 7) {
      checked.expireAt(key, Keyspace.NO_EXPIRY);
    } else if (verb == 8) {
      checked.remove(key);
    } else {
      checked.resize(key, checked.random.nextInt(200));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {31, 32, 33, 34, 35, 36})
  void nothingHasToGoBeforeTheTimeThatIsTold(long seed) {
    CheckedKeyspace checked = new CheckedKeyspace(seed, NOW);
    int waits = 0;
    for (int round = 0; round < 300; round++) {
      for (int i = 0; i < checked.random.nextInt(8); i++) {
        changeAny(checked);
      }
      while (!checked.keys.removeExpired(1 + checked.random.nextInt(300))) {
        assertTrue(checked.keys.expiring() > 0);
      }
      long due = checked.keys.nextDueMs();
      if (due == Long.MAX_VALUE) {
        continue;
      }
      assertTrue(due > checked.nowMs(), "told a time that has passed");
      waits += due - checked.nowMs() > 2 * ExpiryWheel.TICK_MS ? 1 : 0;
      checked.time(Math.max(checked.nowMs(), due - 1));
      assertOnlyDueIsGone(checked);
      checked.time(due + checked.random.nextLong(1L << checked.random.nextInt(20)));
    }
    assertTrue(waits > 20, "a longer time was told " + waits + " times");
  }

  @Test
  void keyspaceWithoutExpiriesIsNeverDueAndHiddenEntriesAreAlways() {
    CheckedKeyspace checked = new CheckedKeyspace(37, NOW);
    checked.put("k", new byte[1]);
    assertEquals(Long.MAX_VALUE, checked.keys.nextDueMs());
    checked.expireAt("k", NOW + 100 * YEAR_MS);
    assertEquals(Long.MAX_VALUE, checked.keys.nextDueMs());
    checked.keys.hideExpiredOnly(true);
    assertEquals(NOW, checked.keys.nextDueMs());
  }

  /** Removed are those that the model knows as due for a tick; compares without look-ups. */
  private static void assertOnlyDueIsGone(CheckedKeyspace checked) {
    long now = checked.nowMs();
    long alive = checked.model.values().stream().filter(k -> !isBefore(k, now)).count();
    long lateTick = now / ExpiryWheel.TICK_MS * ExpiryWheel.TICK_MS;
    long mayBeLate = checked.model.values().stream().filter(k -> !isBefore(k, lateTick)).count();
    assertTrue(checked.keys.size() >= alive, "something went early");
    assertTrue(checked.keys.size() <= mayBeLate, "something due for a tick is still there");
  }

  private static boolean isBefore(CheckedKeyspace.Known known, long time) {
    return known.expiryMs() != Keyspace.NO_EXPIRY && known.expiryMs() < time;
  }

  @Test
  void anEntryIsThereInItsLastMillisecondAndNotInTheNext() {
    CheckedKeyspace checked = new CheckedKeyspace(20, NOW);
    checked.put("k", new byte[1]);
    checked.expireAt("k", NOW + 500);
    checked.time(NOW + 500);
    assertTrue(checked.keys.removeExpired(1000));
    assertNotEquals(0, checked.find("k"));
    checked.time(NOW + 501);
    assertEquals(0, checked.find("k"));
    assertEquals(0, checked.keys.size());
    assertEquals(0, checked.keys.expiring());
    assertEquals(1, checked.keys.stats().expired);
  }

  @Test
  void stepsAreBounded() {
    CheckedKeyspace checked = new CheckedKeyspace(21, NOW);
    for (int i = 0; i < 10_000; i++) {
      checked.put("k" + i, new byte[1]);
      checked.expireAt("k" + i, NOW + 100);
    }
    checked.time(NOW + 1_000);
    assertFalse(checked.keys.removeExpired(100));
    assertTrue(checked.keys.size() >= 9_900);
    assertTrue(checked.keys.removeExpired(10_100));
    assertEquals(0, checked.keys.size());
  }

  @Test
  void longIdleTimesCostFewSteps() {
    CheckedKeyspace checked = new CheckedKeyspace(22, NOW);
    checked.put("far", new byte[1]);
    checked.expireAt("far", NOW + 10 * YEAR_MS);
    checked.put("near", new byte[1]);
    checked.expireAt("near", NOW + 3 * DAY_MS);
    checked.time(NOW + 9 * YEAR_MS);
    assertTrue(checked.keys.removeExpired(2_000));
    assertEquals(1, checked.keys.size());
    checked.time(NOW + 10 * YEAR_MS + ExpiryWheel.TICK_MS);
    assertTrue(checked.keys.removeExpired(2_000));
    assertEquals(0, checked.keys.size());
  }

  /** Keyspaces are made before the time is known. */
  @Test
  void theFirstExpiryFindsTheWheelAtTheCurrentTime() {
    CheckedKeyspace checked = new CheckedKeyspace(23, 0);
    checked.time(NOW);
    checked.put("k", new byte[1]);
    checked.expireAt("k", NOW + 1_000);
    checked.time(NOW + 1_200);
    assertTrue(checked.keys.removeExpired(100));
    assertEquals(0, checked.keys.size());
  }

  @Test
  void whatExpiresBeyondTheHorizonIsHiddenOnAccess() {
    CheckedKeyspace checked = new CheckedKeyspace(24, NOW);
    checked.put("k", new byte[1]);
    checked.expireAt("k", NOW + 3 * HORIZON_MS);
    checked.time(NOW + 3 * HORIZON_MS);
    assertTrue(checked.keys.removeExpired(100_000));
    assertNotEquals(0, checked.find("k"));
    checked.time(NOW + 3 * HORIZON_MS + 1);
    assertEquals(0, checked.find("k"));
    assertEquals(0, checked.keys.size());
  }

  @Test
  void extremeExpiriesAreKept() {
    CheckedKeyspace checked = new CheckedKeyspace(25, NOW);
    checked.put("max", new byte[1]);
    checked.expireAt("max", Long.MAX_VALUE);
    checked.put("zero", new byte[1]);
    checked.expireAt("zero", 0);
    checked.put("min", new byte[1]);
    checked.expireAt("min", Long.MIN_VALUE + 1);
    assertTrue(checked.keys.meanTtlMs() >= 0);
    checked.time(NOW + 2 * ExpiryWheel.TICK_MS);
    assertTrue(checked.keys.removeExpired(1000));
    assertEquals(1, checked.keys.size());
    checked.assertSame("max");
  }

  @Test
  void hiddenEntriesStayUntilTheyAreReplaced() {
    CheckedKeyspace checked = new CheckedKeyspace(26, NOW);
    for (int i = 0; i < 100; i++) {
      checked.put("k" + i, new byte[i]);
      checked.expireAt("k" + i, NOW + 10);
    }
    checked.time(NOW + 1_000);
    checked.keys.hideExpiredOnly(true);
    assertEquals(0, checked.find("k5"));
    assertTrue(checked.keys.removeExpired(1_000));
    assertEquals(100, checked.keys.size());
    assertEquals(0, checked.keys.stats().expired);
    checked.remove("k6");
    assertEquals(100, checked.keys.size());
    checked.put("k5", new byte[9]);
    assertEquals(100, checked.keys.size(), "the hidden entry was replaced");
    assertEquals(99, checked.keys.expiring());
    assertEquals(Keyspace.NO_EXPIRY, checked.keys.expiry(checked.find("k5")));
    byte[] target = CheckedKeyspace.bytes("k7");
    int slot = CheckedKeyspace.slot(target);
    checked.keys.copyFrom(checked.keys, checked.find("k5"), target, 0, target.length, slot);
    assertEquals(100, checked.keys.size());
    TableChecker.check(checked.keys);
    checked.keys.hideExpiredOnly(false);
    assertTrue(checked.keys.removeExpired(1_000));
    assertEquals(2, checked.keys.size());
    assertEquals(98, checked.keys.stats().expired);
  }

  @Test
  void puttingKeepsTheExpiryAndReadingCounts() {
    CheckedKeyspace checked = new CheckedKeyspace(27, NOW);
    byte[] key = CheckedKeyspace.bytes("k");
    int slot = CheckedKeyspace.slot(key);
    assertEquals(0, checked.keys.read(key, 0, 1, slot));
    checked.put("k", new byte[1]);
    checked.expireAt("k", NOW + 10);
    assertEquals(10, checked.keys.meanTtlMs());
    long ref = StringValue.set(checked.keys, checked.find("k"), key, 0, 1, 42L);
    assertEquals(NOW + 10, checked.keys.expiry(ref));
    assertNotEquals(0, checked.keys.read(key, 0, 1, slot));
    assertNotEquals(0, checked.keys.readNoTouch(key, 0, 1, slot));
    checked.time(NOW + 11);
    assertEquals(0, checked.keys.readNoTouch(key, 0, 1, slot));
    assertEquals(2, checked.keys.stats().hits);
    assertEquals(2, checked.keys.stats().misses);
    assertEquals(0, checked.keys.meanTtlMs());
  }
}
