package io.redknot.storage.keyspace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.redknot.storage.value.StringValue;
import java.lang.management.ManagementFactory;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FootprintTest {
  private static final long NOW = 1_700_000_000_000L;

  private static byte[] key(int i) {
    return String.format("key:%012d", i).getBytes(ISO_8859_1);
  }

  private static Shards shards(int count, long seed) {
    Shards shards = new Shards(count, 1, new SplittableRandom(seed)::nextLong);
    for (int i = 0; i < count; i++) {
      shards.shard(i).keyspace(0).time(NOW);
    }
    return shards;
  }

  private static void set(Shards shards, byte[] key, byte[] value) {
    int slot = HashSlot.of(key, 0, key.length);
    Shard shard = shards.ofSlot(slot);
    shard.lock();
    try {
      Keyspace keys = shard.keyspace(0);
      long ref = keys.find(key, 0, key.length, slot);
      StringValue.set(keys, ref, key, 0, key.length, value, 0, value.length);
    } finally {
      shard.unlock();
    }
  }

  private static void resize(Shards shards, byte[] key, int valueLength) {
    int slot = HashSlot.of(key, 0, key.length);
    Shard shard = shards.ofSlot(slot);
    shard.lock();
    try {
      Keyspace keys = shard.keyspace(0);
      long _ = keys.resize(keys.find(key, 0, key.length, slot), valueLength);
    } finally {
      shard.unlock();
    }
  }

  private static int get(Shards shards, byte[] key) {
    int slot = HashSlot.of(key, 0, key.length);
    Shard shard = shards.ofSlot(slot);
    shard.lock();
    try {
      Keyspace keys = shard.keyspace(0);
      long ref = keys.read(key, 0, key.length, slot);
      return keys.valueArray(ref)[keys.valueOffset(ref)] + keys.valueLength(ref);
    } finally {
      shard.unlock();
    }
  }

  private static long heldBytes(int count, long expected) {
    Shards shards = shards(1, 1);
    shards.shard(0).keyspace(0).memory().expect(expected);
    byte[] value = new byte[16];
    for (int i = 0; i < count; i++) {
      set(shards, key(i), value);
    }
    TableChecker.check(shards.shard(0).keyspace(0));
    return shards.shard(0).keyspace(0).memory().usedBytes();
  }

  @Test
  void expectedKeysTakeAboutAsMuchAsOthers() {
    for (int count : new int[] {1000, 100_000, 1_000_000}) {
      long grown = heldBytes(count, 0);
      for (long expected : new long[] {1, count / 3, count, 3L * count, Long.MAX_VALUE}) {
        long held = heldBytes(count, expected);
        double most = expected <= count ? 1.03 : 2;
        assertTrue(held <= most * grown, expected + ": " + held + " for " + grown);
      }
    }
  }

  @ParameterizedTest(name = "values of {0} bytes, held at most {1} of 100 used")
  @CsvSource({"16, 121", "108, 116", "240, 113", "1423, 107"})
  void fewKeysInEachOfManySlotsLeaveLittleFree(int valueLength, int held) {
    int count = 100_000;
    Shards shards = shards(16, 1);
    for (int i = 0; i < count; i++) {
      set(shards, key(i), new byte[valueLength]);
    }
    long heldBytes = 0;
    long usedBytes = 0;
    for (int i = 0; i < shards.count(); i++) {
      heldBytes += shards.shard(i).keyspace(0).memory().heldBytes();
      usedBytes += shards.shard(i).keyspace(0).memory().usedBytes();
    }
    String told = heldBytes / count + " bytes a key held, " + usedBytes / count + " used";
    assertTrue(heldBytes * 100 <= usedBytes * held, told);
  }

  @ParameterizedTest(name = "values of {0} bytes")
  @CsvSource({"64, 125", "16, 75"})
  void aMillionKeysTakeFewBytesEach(int valueLength, int bytesMax) {
    int count = 1_000_000;
    Shards shards = shards(16, 1);
    byte[] value = new byte[valueLength];
    for (int i = 0; i < count; i++) {
      set(shards, key(i), value);
    }
    long held = 0;
    long used = 0;
    for (int i = 0; i < shards.count(); i++) {
      held += shards.shard(i).keyspace(0).memory().heldBytes();
      used += shards.shard(i).keyspace(0).memory().usedBytes();
    }
    double heldPerKey = (double) held / count;
    double usedPerKey = (double) used / count;
    System.out.printf(
        "%d B values: %.1f bytes held and %.1f used a key%n", valueLength, heldPerKey, usedPerKey);
    assertTrue(heldPerKey <= bytesMax, () -> heldPerKey + " bytes a key");
  }

  @Test
  void valueThatGrowsStepByStepTakesNoMoreThanOneWrittenAtOnce() {
    for (int length = 100; length <= 4000; length += 100) {
      Shards grown = shards(1, 3);
      Shards written = shards(1, 3);
      set(grown, key(1), new byte[10]);
      for (int i = 20; i <= length; i += 10) {
        resize(grown, key(1), i);
      }
      set(written, key(1), new byte[length]);
      assertEquals(
          written.shard(0).keyspace(0).memory().usedBytes(),
          grown.shard(0).keyspace(0).memory().usedBytes(),
          length + " bytes");
    }
  }

  @Test
  void aSteadyLoadAllocatesNothing() {
    int count = 20_000;
    Shards shards = shards(4, 2);
    byte[][] keys = new byte[count][];
    for (int i = 0; i < count; i++) {
      keys[i] = key(i);
      set(shards, keys[i], new byte[100]);
    }
    byte[] value = new byte[100];
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long self = Thread.currentThread().threadId();
    int operations = 400_000;
    long sum = 0;
    long before = 0;
    for (int round = 0; round < 3; round++) {
      before = threads.getThreadAllocatedBytes(self);
      for (int i = 0; i < operations; i++) {
        byte[] key = keys[(int) (i * 7919L % count)];
        set(shards, key, value);
        sum += get(shards, key);
      }
    }
    long allocated = threads.getThreadAllocatedBytes(self) - before;
    assertTrue(sum > 0);
    assertTrue(allocated < 10_000, () -> allocated + " bytes for " + operations + " operations");
  }
}
