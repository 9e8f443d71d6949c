package io.redknot.server.persistence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.redknot.protocol.Args;
import io.redknot.server.dispatch.CommandFlag;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.ReplayClient;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import io.redknot.storage.encoding.ListLimits;
import io.redknot.storage.keyspace.Shards;
import io.redknot.storage.rdb.EncodingLimits;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that hold anything end in an error or are loaded; nothing breaks, hangs or grows. */
class FileFuzzTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final int DAMAGES = 400;
  private static final int COMMANDS = 30_000;
  private static final int WORDS_MAX = 9;

  /**
   * Bytes that loading may allocate for each of the file, beyond what one without keys takes: three
   * bytes of LZF make 264, which are copied from array to array and into a page.
   */
  private static final long ALLOCATED_FACTOR = 600;

  /** For strings that are announced and do not come: what is read at a time, and errors. */
  private static final long CLAIMED_BYTES_MAX = 512 * 1024;

  private static final byte[] WITHOUT_KEYS =
      "REDIS0010\u00ff\0\0\0\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);

  private static final List<String> WORDS =
      List.of(
          "a",
          "b",
          "c",
          "d",
          "0",
          "1",
          "-1",
          "2",
          "7",
          "100",
          "1.5",
          "-inf",
          "+inf",
          "nan",
          "*",
          "$",
          ">",
          "-",
          "+",
          "(1",
          "[a",
          "9223372036854775807",
          "-9223372036854775808",
          "1-1",
          "2-*",
          "g",
          "me",
          "",
          "COUNT",
          "LIMIT",
          "WITHSCORES",
          "MATCH",
          "EX",
          "PX",
          "NX",
          "XX",
          "GT",
          "KEEPTTL",
          "GET",
          "LEFT",
          "RIGHT",
          "BEFORE",
          "STORE",
          "MAXLEN",
          "MINID",
          "~",
          "=",
          "ID",
          "STREAMS",
          "GROUP",
          "MKSTREAM",
          "JUSTID",
          "FORCE",
          "IDLE",
          "WEIGHTS",
          "AGGREGATE",
          "MAX",
          "u8",
          "i64",
          "#1",
          "INCRBY",
          "OVERFLOW",
          "SAT",
          "BYSCORE",
          "BYLEX",
          "REV",
          "BY",
          "ASC",
          "ALPHA",
          "REPLACE",
          "ABSTTL",
          "FROMLONLAT",
          "BYRADIUS",
          "km",
          "\0\u00ff\r\n");

  private static final EncodingLimits LIMITS =
      new EncodingLimits(512, 64, 512, 128, 64, 128, 64, ListLimits.of(-2));

  private @TempDir Path directory;

  private byte[] snapshot() throws IOException {
    try (RunningServer server =
            RunningServer.start("--dir", directory.toString(), "--rdbchecksum", "no");
        RawClient client = server.connect()) {
      client.ask("MSET", "number", "12", "text", "abc", "long", "xyz".repeat(300));
      client.ask("PEXPIREAT", "number", "4102444800123");
      for (int i = 0; i < 200; i++) {
        client.ask("RPUSH", "list", "element " + i, "" + i);
        client.ask("SADD", "set", "member " + i);
        client.ask("SADD", "ints", "" + i * 7);
        client.ask("ZADD", "sorted", "" + i / 3.0, "member " + i);
        client.ask("HSET", "hash", "field " + i, "" + i);
        client.ask("XADD", "stream", i + 1 + "-1", "field", "v" + i);
      }
      client.ask("HSET", "small-hash", "f", "v", "n", "12");
      client.ask("ZADD", "small-sorted", "1.5", "m", "-inf", "n");
      client.ask("XGROUP", "CREATE", "stream", "g", "0");
      client.ask("XREADGROUP", "GROUP", "g", "me", "COUNT", "9", "STREAMS", "stream", ">");
      client.ask("SELECT", "3");
      client.ask("RPUSH", "small-list", "a", "1");
      client.ask("SAVE");
    }
    return Files.readAllBytes(directory.resolve("dump.rdb"));
  }

  private static byte[] damaged(byte[] good, SplittableRandom random) {
    byte[] bytes = good.clone();
    for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
      int at = 9 + random.nextInt(bytes.length - 9);
      bytes[at] =
          (byte) (random.nextBoolean() ? random.nextInt() : bytes[at] ^ 1 << random.nextInt(8));
    }
    return random.nextInt(8) == 0 ? Arrays.copyOf(bytes, random.nextInt(9, bytes.length)) : bytes;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void damagedSnapshotIsRefusedOrLoadedAndAllocatesLittle(long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] good = snapshot();
    long rest = allocatedWithoutKeys();
    int refused = 0;
    for (int i = 0; i < DAMAGES; i++) {
      byte[] bytes = damaged(good, random);
      long most = rest + ALLOCATED_FACTOR * bytes.length;
      long before = THREADS.getTotalThreadAllocatedBytes();
      try {
        load(bytes);
      } catch (IOException refusal) {
        assertFalse(
            refusal.getCause() instanceof RuntimeException, () -> "seed " + seed + ": " + refusal);
        refused++;
      }
      long allocated = THREADS.getTotalThreadAllocatedBytes() - before;
      assertTrue(allocated < most, "seed " + seed + ", " + i + ": " + allocated);
    }
    assertTrue(refused > DAMAGES / 10, refused + " refused");
  }

  private static long allocatedWithoutKeys() throws IOException, InterruptedException {
    long most = 0;
    for (int i = 0; i < 3; i++) {
      long before = THREADS.getTotalThreadAllocatedBytes();
      load(WITHOUT_KEYS);
      most = Math.max(most, THREADS.getTotalThreadAllocatedBytes() - before);
    }
    return most;
  }

  /** Of a key, a field and a library, each at the end of the file. */
  @ParameterizedTest
  @ValueSource(strings = {"\0", "\u00fa", "\u00f5", "\u00fa\1x"})
  void stringsThatClaimGibibytesTakeNone(String before) throws Exception {
    long rest = allocatedWithoutKeys();
    String claim = "REDIS0010" + before + "\u0080\u007f\u00ff\u00ff\0abc";
    long began = THREADS.getTotalThreadAllocatedBytes();
    IOException refusal =
        assertThrows(IOException.class, () -> load(claim.getBytes(StandardCharsets.ISO_8859_1)));
    long allocated = THREADS.getTotalThreadAllocatedBytes() - began;
    assertEquals("the data ends too early", refusal.getMessage());
    assertTrue(allocated < rest + CLAIMED_BYTES_MAX, allocated + " bytes, " + rest + " without");
  }

  private static void load(byte[] bytes) throws IOException, InterruptedException {
    Shards shards = new Shards(2, 16, () -> 42);
    ByteBuffer source = ByteBuffer.wrap(bytes);
    new DataLoader(Disk.REAL, shards, LIMITS, new LoadProgress(), 1)
        .load((target, at, length) -> read(source, target, at, length), 2);
  }

  private static int read(ByteBuffer source, byte[] target, int at, int length) {
    int count = Math.min(length, source.remaining());
    source.get(target, at, count);
    return count == 0 ? -1 : count;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void anyCommandsOfAnyWordsAreReplayed(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    try (RunningServer server = RunningServer.start("--dir", directory.toString())) {
      List<CommandSpec> commands = new ArrayList<>();
      for (CommandSpec spec : server.server().table().all()) {
        if (!spec.has(CommandFlag.ADMIN) && !spec.isContainer()) {
          commands.add(spec);
        }
      }
      ReplayClient client = ReplayClient.ofFile(server.server());
      for (int i = 0; i < COMMANDS; i++) {
        byte[][] words = words(commands.get(random.nextInt(commands.size())), random);
        String error = client.execute(Args.of(words));
        assertNotEquals("ERR internal error", error, () -> "seed " + seed + ": " + shown(words));
      }
    }
  }

  /** The name, and words as many as the command takes, more or less. */
  private static byte[][] words(CommandSpec spec, SplittableRandom random) {
    String[] name = spec.name().split("[|]", -1);
    int count = name.length + random.nextInt(WORDS_MAX);
    byte[][] words = new byte[count][];
    for (int i = 0; i < count; i++) {
      String word = i < name.length ? name[i] : WORDS.get(random.nextInt(WORDS.size()));
      words[i] = word.getBytes(StandardCharsets.ISO_8859_1);
    }
    return words;
  }

  private static String shown(byte[][] words) {
    StringBuilder text = new StringBuilder();
    for (byte[] word : words) {
      text.append(new String(word, StandardCharsets.ISO_8859_1)).append(' ');
    }
    return text.toString();
  }
}
