package io.redknot.server.persistence;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import io.redknot.storage.aof.AofException;
import io.redknot.storage.aof.AofReader;
import io.redknot.storage.encoding.ListLimits;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shards;
import io.redknot.storage.memory.Bytes;
import io.redknot.storage.rdb.ByteSource;
import io.redknot.storage.rdb.Crc64;
import io.redknot.storage.rdb.DumpPayload;
import io.redknot.storage.rdb.EncodingLimits;
import io.redknot.storage.rdb.RdbException;
import io.redknot.storage.rdb.RdbFileWriter;
import io.redknot.storage.rdb.RdbOutput;
import io.redknot.storage.rdb.ValueReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever stands in a file or a payload, and whatever lengths it claims: no more is allocated,
 * pages of the keyspace included, than some of its size and a fixed rest.
 */
class AllocationFuzzTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Three bytes of LZF make 264, which are copied from array to array and into a page. */
  private static final long FACTOR = 600;

  /** A first page of each kind, and tables. */
  private static final long REST_BYTES = 1 << 20;

  private static final int ROUNDS = 400;
  private static final int FOOTER_BYTES = Short.BYTES + Long.BYTES;
  private static final byte[] KEY = {'k'};

  private static final EncodingLimits LIMITS =
      new EncodingLimits(512, 64, 512, 128, 64, 128, 64, ListLimits.of(-2));

  /** Lengths of 14, 32 and 64 bits, and of a compressed string, far beyond what follows. */
  private static final byte[][] LENGTHS = {
    {0x7f, -1},
    {-0x80, 0x7f, -1, -1, -1},
    {-0x80, 0x10, 0, 0, 0},
    {-0x7f, 0, 0, 0, 0, 0x7f, -1, -1, -1},
    {-0x7f, 0x7f, -1, -1, -1, -1, -1, -1, -1},
    {-0x3d, 0x7f, -1, -0x80, 0x10, 0, 0, 0}
  };

  private interface Action {
    void run() throws Exception;
  }

  private static void assertBounded(byte[] input, String what, Action action) throws Exception {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    action.run();
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertTrue(
        allocated <= REST_BYTES + FACTOR * input.length,
        () -> what + ": " + allocated + " bytes for " + input.length);
  }

  private static List<byte[]> payloads() {
    List<byte[]> all = new ArrayList<>();
    try (RunningServer server = RunningServer.start();
        RawClient client = server.connect()) {
      client.ask("SET", "text", "abcabcabc".repeat(30));
      for (int i = 0; i < 600; i++) {
        client.ask("RPUSH", i < 5 ? "small-list" : "list", "element " + i);
        client.ask("SADD", i < 5 ? "small-set" : "set", "member " + i);
        client.ask("SADD", "ints", "" + i * 7);
        client.ask("ZADD", i < 5 ? "small-sorted" : "sorted", "" + i / 3.0, "member " + i);
        client.ask("HSET", i < 5 ? "small-hash" : "hash", "field " + i, "" + i);
        client.ask("XADD", "stream", i + 1 + "-1", "field", "v" + i);
      }
      client.ask("XGROUP", "CREATE", "stream", "g", "0");
      client.ask("XREADGROUP", "GROUP", "g", "me", "COUNT", "9", "STREAMS", "stream", ">");
      for (String key :
          List.of(
              "text",
              "small-list",
              "list",
              "small-set",
              "set",
              "ints",
              "small-sorted",
              "sorted",
              "small-hash",
              "hash",
              "stream")) {
        String reply = client.ask("DUMP", key);
        int from = reply.indexOf('\n') + 1;
        all.add(reply.substring(from, reply.length() - 2).getBytes(ISO_8859_1));
      }
    }
    return all;
  }

  /** Changed bytes, and lengths put over others near the beginning, where counts stand. */
  private static byte[] damaged(byte[] good, int from, int end, SplittableRandom random) {
    byte[] bytes = good.clone();
    for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
      int room = random.nextBoolean() ? Math.min(end, from + 16) : end;
      int at = from + random.nextInt(room - from);
      byte[] length = LENGTHS[random.nextInt(LENGTHS.length)];
      if (random.nextInt(3) == 0) {
        bytes[at] = (byte) random.nextInt();
      } else {
        System.arraycopy(length, 0, bytes, at, Math.min(length.length, end - at));
      }
    }
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void payloadsOfRestore(long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    int refused = 0;
    for (byte[] good : payloads()) {
      int end = good.length - FOOTER_BYTES;
      for (int i = 0; i < ROUNDS; i++) {
        byte[] bytes = i == 0 ? good : damaged(good, 1, end, random);
        int summed = bytes.length - Long.BYTES;
        Bytes.putLong(bytes, summed, Crc64.update(0, bytes, 0, summed));
        Shards shards = new Shards(1, 1, () -> 42);
        Keyspace keys = shards.shard(0).keyspace(0);
        boolean[] failed = {false};
        assertBounded(bytes, "seed " + seed + ", " + i, () -> failed[0] = !isStored(bytes, keys));
        assertTrue(i > 0 || !failed[0]);
        refused += failed[0] ? 1 : 0;
      }
    }
    assertTrue(refused > ROUNDS, refused + " refused");
  }

  private static boolean isStored(byte[] bytes, Keyspace keys) throws IOException {
    DumpPayload payload = DumpPayload.checked(bytes, 0, bytes.length);
    assertTrue(payload != null);
    try {
      ValueReader.Target target =
          new ValueReader.Target(KEY, 0, KEY.length, keys.slotOf(KEY, 0, KEY.length));
      return payload.store(keys, target, LIMITS) != 0;
    } catch (RdbException refused) {
      return false;
    }
  }

  private static ByteSource source(byte[] bytes) {
    int[] at = {0};
    return (target, offset, length) -> {
      int count = Math.min(length, bytes.length - at[0]);
      System.arraycopy(bytes, at[0], target, offset, count);
      at[0] += count;
      return count == 0 ? -1 : count;
    };
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void filesOfCommands(long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> claims =
        List.of("*2147483647\r\n", "*1048576\r\n", "$2147483647\r\n", "$536870912\r\n", "*9\r\n");
    byte[] good = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\nabcd\r\n".repeat(20).getBytes(ISO_8859_1);
    for (int i = 0; i < ROUNDS; i++) {
      byte[] bytes = good.clone();
      byte[] claim = claims.get(random.nextInt(claims.size())).getBytes(ISO_8859_1);
      int at = random.nextInt(20) * (good.length / 20) + (random.nextBoolean() ? 0 : 4);
      System.arraycopy(claim, 0, bytes, at, claim.length);
      assertBounded(bytes, "seed " + seed + ", " + i, () -> read(bytes));
    }
  }

  private static void read(byte[] bytes) throws IOException {
    AofReader reader = new AofReader(source(bytes), 0);
    try {
      while (reader.next() == AofReader.Outcome.COMMAND) {
        assertTrue(reader.position() <= bytes.length);
      }
    } catch (AofException refused) {
      assertTrue(reader.position() < bytes.length);
    }
  }

  /** Tables that are prepared for what a file announces take no more than what it has. */
  @Test
  void announcedKeysTakeNothing() throws Exception {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    RdbOutput out = new RdbOutput(written::write, false, false);
    RdbFileWriter writer = new RdbFileWriter(out, 10);
    writer.database(0, 1L << 40, 0);
    RdbOutput records = RdbOutput.inMemory(false);
    for (int i = 0; i < 100_000; i++) {
      byte[] key = ("k" + i).getBytes(ISO_8859_1);
      records.u8(0);
      records.string(key, 0, key.length);
      records.string(1);
    }
    records.drainTo(writer);
    writer.end();
    byte[] bytes = written.toByteArray();
    Shards shards = new Shards(1, 1, () -> 42);
    new DataLoader(Disk.REAL, shards, LIMITS, new LoadProgress(), 1).load(source(bytes), 1);
    Keyspace keys = shards.shard(0).keyspace(0);
    assertTrue(keys.size() == 100_000);
    long held = keys.memory().heldBytes();
    assertTrue(held < 12L * bytes.length, held + " bytes for " + bytes.length);
  }
}
