package io.redknot.storage.keyspace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyspaceModelTest {
  private static final long NOW = 1_700_000_000_000L;

  private static int randomLength(CheckedKeyspace checked) {
    int log2 = checked.random.nextInt(10) == 0 ? 1 + checked.random.nextInt(19) : 7;
    return checked.random.nextInt(1 << log2);
  }

  private static void randomVerb(CheckedKeyspace checked, String key, String other, int growth) {
    int verb = checked.random.nextInt(100);
    if (verb < growth) {
      checked.put(key, checked.randomValue(randomLength(checked)));
    } else if (verb < 80) {
      checked.remove(key);
    } else if (verb < 85) {
      checked.resize(key, randomLength(checked));
    } else if (verb < 90) {
      checked.expireAt(key, checked.nowMs() + checked.random.nextInt(20_000));
    } else if (verb < 92) {
      checked.expireAt(key, Keyspace.NO_EXPIRY);
    } else if (verb < 97) {
      checked.rename(key, other);
    } else {
      checked.assertSame(key);
    }
  }

  @ParameterizedTest(name = "seed {0}, {1} keys, one slot: {2}")
  @CsvSource({
    "1, 5, false",
    "2, 5, true",
    "3, 40, true",
    "4, 40, false",
    "5, 300, true",
    "6, 3000, true",
    "7, 3000, false",
    "8, 20000, true",
    "9, 20000, false",
    "10, 7, true",
    "11, 500, false"
  })
  void behavesLikeAMap(long seed, int keyCount, boolean oneSlot) {
    CheckedKeyspace checked = new CheckedKeyspace(seed, NOW);
    String prefix = oneSlot ? "{one}" : "k";
    int phaseLength = Math.max(2_000, keyCount * 2);
    for (int phase = 0; phase < 6; phase++) {
      int growth = phase % 2 == 0 ? 70 : 12;
      for (int i = 0; i < phaseLength; i++) {
        String key = prefix + checked.random.nextInt(keyCount);
        randomVerb(checked, key, prefix + checked.random.nextInt(keyCount), growth);
        if (checked.random.nextInt(1000) == 0) {
          checked.time(checked.nowMs() + checked.random.nextInt(3_000));
          checked.keys.removeExpired(checked.random.nextInt(200));
          checked.keys.memory().compact(20_000, 50_000);
        }
      }
      checked.assertSame();
    }
    checked.removeAll();
    checked.time(checked.nowMs() + 1_000_000);
    assertTrue(checked.keys.removeExpired(Integer.MAX_VALUE));
    assertEquals(0, checked.keys.size());
    assertEquals(0, checked.keys.expiring());
    assertEquals(0, checked.keys.arena().usedBytes(), "no block is lost");
  }

  @Test
  void aHundredThousandKeysInOneSlotSplitAndMerge() {
    CheckedKeyspace checked = new CheckedKeyspace(77, NOW);
    long before = checked.keys.memory().usedBytes();
    int count = 100_000;
    for (int i = 0; i < count; i++) {
      checked.put("{tag}" + i, new byte[i % 7]);
    }
    int slot = CheckedKeyspace.slot(CheckedKeyspace.bytes("{tag}"));
    assertEquals(count, checked.keys.walk().countInSlot(slot));
    assertTrue(SegmentFormat.depth(checked.keys.tables().segmentFor(slot, 0)) >= 4);
    checked.assertSame();
    for (int i = 0; i < count - 100; i++) {
      checked.remove("{tag}" + i);
      if (i % 20_000 == 0) {
        TableChecker.check(checked.keys);
      }
    }
    checked.assertSame();
    assertEquals(0, SegmentFormat.depth(checked.keys.tables().segmentFor(slot, 0)));
    checked.removeAll();
    assertEquals(before, checked.keys.memory().usedBytes());
  }

  @ParameterizedTest(name = "{0} keys")
  @ValueSource(ints = {300, 3_000, 20_000})
  void keysThatGoInTheOrderOfTheirTagsLeaveTheOthersInPlace(int count) {
    CheckedKeyspace checked = new CheckedKeyspace(80, NOW);
    for (int i = 0; i < count; i++) {
      checked.put("{tag}" + i, new byte[i % 7]);
    }
    int slot = CheckedKeyspace.slot(CheckedKeyspace.bytes("{tag}"));
    List<String> inOrder = new ArrayList<>();
    checked
        .keys
        .walk()
        .visitSlotKeys(slot, ref -> inOrder.add(new String(checked.keys.keyCopy(ref), ISO_8859_1)));
    assertEquals(count, inOrder.size());
    for (int i = 0; i < count; i++) {
      checked.remove(inOrder.get(i));
      if (i % (count / 20) == 0) {
        TableChecker.check(checked.keys);
        checked.assertSame();
      }
    }
    assertEquals(0, checked.keys.size());
    assertEquals(0, checked.keys.arena().usedBytes(), "no block is lost");
  }

  @Test
  void everySlotTakesKeys() {
    CheckedKeyspace checked = new CheckedKeyspace(78, NOW);
    for (int i = 0; i < 150_000; i++) {
      checked.put("key:" + i, new byte[3]);
    }
    int taken = 0;
    for (int slot = 0; slot < checked.keys.walk().slots(); slot++) {
      taken += checked.keys.walk().countInSlot(slot) > 0 ? 1 : 0;
    }
    assertTrue(taken > checked.keys.walk().slots() * 0.99);
    checked.assertSame();
  }

  /** The tag 0 is one of 2^28: an empty cell must not be taken for it. */
  @Test
  void anEmptyCellIsNotTheTagZero() {
    CheckedKeyspace checked = new CheckedKeyspace(79, NOW);
    checked.put("a", new byte[1]);
    SlotTables tables = checked.keys.tables();
    EntryMatcher matcher = new EntryMatcher(checked.keys.arena(), new LargeObjects());
    byte[] key = CheckedKeyspace.bytes("a");
    int slot = CheckedKeyspace.slot(key);
    assertEquals(0, tables.find(slot, 0, matcher.key(CheckedKeyspace.bytes("b"), 0, 1)));
  }

  @Test
  void keysAndValuesMayBeEmpty() {
    CheckedKeyspace checked = new CheckedKeyspace(80, NOW);
    checked.put("", new byte[0]);
    checked.assertSame();
    checked.append("", new byte[] {1, 2});
    checked.expireAt("", NOW + 5);
    checked.assertSame();
    checked.put("", new byte[0]);
    checked.assertSame();
    checked.remove("");
    assertEquals(0, checked.keys.size());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10, 65_535, 65_536, 65_537, 200_000})
  void valuesGrowAndShrinkOverEveryBoundary(int keyLength) {
    CheckedKeyspace checked = new CheckedKeyspace(81 + keyLength, NOW);
    long before = checked.keys.memory().usedBytes();
    String key = "k".repeat(keyLength);
    checked.put(key, new byte[0]);
    while (checked.keys.valueLength(checked.find(key)) < 600_000) {
      int log2 = checked.random.nextInt(16);
      checked.append(key, checked.randomValue(1 + checked.random.nextInt(1 << log2)));
      checked.assertSame(key);
      if (checked.random.nextInt(50) == 0) {
        boolean has = checked.keys.expiry(checked.find(key)) != Keyspace.NO_EXPIRY;
        checked.expireAt(key, has ? Keyspace.NO_EXPIRY : NOW + 1_000);
      }
    }
    while (checked.keys.valueLength(checked.find(key)) > 0) {
      int old = checked.keys.valueLength(checked.find(key));
      checked.resize(key, old * checked.random.nextInt(100) / 100);
      checked.assertSame(key);
      checked.resize(key, checked.keys.valueLength(checked.find(key)) + 3);
      checked.assertSame(key);
      checked.resize(key, checked.keys.valueLength(checked.find(key)) - 3);
    }
    assertTrue(
        checked.keys.memory().usedBytes() - before < 2L * keyLength + 300,
        "a shrunk value gives room back");
    checked.remove(key);
    assertEquals(before, checked.keys.memory().usedBytes());
    assertEquals(0, checked.keys.size());
  }

  @Test
  void resizedLargeValuesAreZerosWhereTheyAreNew() {
    CheckedKeyspace checked = new CheckedKeyspace(82, NOW);
    checked.put("k", checked.randomValue(300_000));
    checked.resize("k", 200_000);
    checked.resize("k", 300_000);
    checked.assertSame("k");
  }

  @Test
  void valuesOfAllLengthsReplaceEachOther() {
    CheckedKeyspace checked = new CheckedKeyspace(83, NOW);
    int[] lengths = {0, 1, 15, 100, 5_000, 131_071, 131_072, 131_073, 262_144, 400_000};
    for (int first : lengths) {
      for (int second : lengths) {
        checked.put("k", checked.randomValue(first));
        checked.put("k", checked.randomValue(second));
        checked.assertSame("k");
      }
    }
    checked.remove("k");
    assertEquals(0, checked.keys.arena().usedBytes());
  }

  @Test
  void aRefOfAnotherLookUpIsRefused() {
    CheckedKeyspace checked = new CheckedKeyspace(84, NOW);
    checked.put("a", new byte[10]);
    checked.put("b", new byte[10]);
    long a = checked.find("a");
    checked.find("b");
    assertThrows(IllegalStateException.class, () -> checked.keys.remove(a));
    assertEquals(0, checked.find("c"));
    byte[] key = CheckedKeyspace.bytes("d");
    assertThrows(
        IllegalStateException.class, () -> checked.keys.put(0, key, 0, key.length, 1, 0, 4));
    checked.assertSame();
  }

  @ParameterizedTest
  @ValueSource(longs = {91, 92})
  void driftingSizesDoNotGrowThePagesWithoutBound(long seed) {
    CheckedKeyspace checked = new CheckedKeyspace(seed, NOW);
    int keyCount = 50_000;
    long worst = 0;
    for (int i = 0; i < 300_000; i++) {
      double drift = 5 + 4 * Math.sin(i / 30_000.0);
      int length = checked.random.nextInt(1 << (int) drift);
      checked.put("key" + checked.random.nextInt(keyCount), checked.randomValue(length));
      if (i % 500 == 0) {
        long used = checked.keys.memory().usedBytes();
        checked.keys.memory().compact(64 * 1024, used / 10);
        long held = checked.keys.memory().heldBytes();
        worst = Math.max(worst, held - used * 13 / 10);
      }
    }
    checked.assertSame();
    long beyond = worst;
    assertTrue(beyond < 2 * 1024 * 1024, () -> "held is 1.3 times what is used and " + beyond);
  }

  @Test
  void compactionGivesPagesBackAfterManyRemovals() {
    CheckedKeyspace checked = new CheckedKeyspace(93, NOW);
    for (int i = 0; i < 100_000; i++) {
      checked.put("key" + i, new byte[i % 200]);
    }
    for (int i = 0; i < 100_000; i++) {
      if (checked.random.nextInt(20) != 0) {
        checked.remove("key" + i);
      }
    }
    long before = checked.keys.memory().heldBytes();
    int calls = 0;
    while (checked.keys.memory().compact(64 * 1024, 64 * 1024) > 0) {
      assertTrue(++calls < 1_000, "compaction comes to an end");
    }
    checked.assertSame();
    long held = checked.keys.memory().heldBytes();
    long used = checked.keys.memory().usedBytes();
    assertTrue(held < before / 4, () -> before + " bytes before, " + held + " after");
    assertTrue(held < used * 3 / 2 + 2 * 1024 * 1024, () -> held + " held for " + used);
  }
}
