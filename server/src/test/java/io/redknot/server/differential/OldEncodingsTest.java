package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.redknot.server.net.RunningServer;
import io.redknot.storage.rdb.Crc64;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What old versions of Redis wrote is read as redis-server 7.0 reads it. No server writes these
 * forms any more, so they are put together by {@link OldEncodings}.
 */
final class OldEncodingsTest {
  private static final List<String> DEBUG = List.of("--enable-debug-command", "local");
  private static final int VALUES = 60;
  private static final int VERSION_OF_CHECKSUM = 5;
  private static final int VERSION_OF_FIELDS = 7;

  private @TempDir Path directory;

  private static byte[] little(int bytes, long value) {
    byte[] all = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    return Arrays.copyOf(all, bytes);
  }

  private static byte[] payload(byte[] value, int version) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(value);
    out.writeBytes(little(2, version));
    out.writeBytes(little(8, Crc64.update(0, out.toByteArray(), 0, out.size())));
    return out.toByteArray();
  }

  private static void assertSameThere(RawConnection redis, RawConnection redknot, String key)
      throws IOException {
    RdbExchangeTest.carry(redknot, key, redis, key + ".ours");
    RdbExchangeTest.assertSame(redis, key, key + ".ours");
    if (redis.call("TYPE", key).header().equals("+stream")) {
      assertEquals(RdbExchangeTest.told(redis, key), RdbExchangeTest.told(redis, key + ".ours"));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void payloadsOfOldVersionsAreRestored(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    OldEncodings values = new OldEncodings(random);
    try (ReferenceServer reference = new ReferenceServer(directory, DEBUG);
        RunningServer server = RunningServer.start("--dir", directory.toString());
        RawConnection redis = new RawConnection(reference.port());
        RawConnection redknot = new RawConnection(server.port())) {
      for (int i = 0; i < VALUES; i++) {
        byte[] payload = payload(values.any(), 1 + random.nextInt(9));
        String key = "seed" + seed + "value" + i + "type" + payload[0];
        for (RawConnection connection : List.of(redis, redknot)) {
          RdbExchangeTest.run(
              connection, List.of(RdbExchangeTest.words("RESTORE", key, 0, payload)));
        }
        assertSameThere(redis, redknot, key);
      }
    }
  }

  /** A file as a version of old wrote it: with what that version knew. */
  private static byte[] file(int version, SplittableRandom random) {
    OldEncodings values = new OldEncodings(random);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("REDIS%04d".formatted(version).getBytes(StandardCharsets.ISO_8859_1));
    if (version >= VERSION_OF_FIELDS) {
      field(out, values, "redis-ver", "3.2.0");
      field(out, values, "lua", "return 1");
      field(out, values, "%note", "kept by nobody");
      field(out, values, "never-heard-of", "x");
    }
    for (int database : new int[] {0, 3}) {
      out.write(0xfe);
      out.write(database);
      if (version >= VERSION_OF_FIELDS) {
        out.writeBytes(new byte[] {(byte) 0xfb, VALUES, VALUES});
      }
      for (int i = 0; i < VALUES / 2; i++) {
        record(out, values, "key" + i, random);
      }
    }
    out.write(0xff);
    if (version >= VERSION_OF_CHECKSUM) {
      byte[] all = out.toByteArray();
      out.writeBytes(little(8, random.nextBoolean() ? 0 : Crc64.update(0, all, 0, all.length)));
    }
    return out.toByteArray();
  }

  private static void field(
      ByteArrayOutputStream out, OldEncodings values, String name, String value) {
    out.write(0xfa);
    out.writeBytes(values.string(name.getBytes(StandardCharsets.ISO_8859_1)));
    out.writeBytes(values.string(value.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private static void record(
      ByteArrayOutputStream out, OldEncodings values, String key, SplittableRandom random) {
    switch (random.nextInt(4)) {
      case 0 -> {
        out.write(0xfd);
        out.writeBytes(little(4, 2_100_000_000));
      }
      case 1 -> {
        out.write(0xfc);
        out.writeBytes(little(8, 4_102_444_800_123L));
      }
      case 2 -> {
        out.write(0xfd);
        // In the past: the key is not loaded.
        out.writeBytes(little(4, 1_000_000_000));
      }
      default -> {}
    }
    byte[] value = values.any();
    out.write(value[0]);
    out.writeBytes(values.string(key.getBytes(StandardCharsets.ISO_8859_1)));
    out.write(value, 1, value.length - 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9})
  void filesOfOldVersionsAreLoaded(int version) throws IOException {
    Files.write(directory.resolve("dump.rdb"), file(version, new SplittableRandom(version)));
    try (ReferenceServer reference = new ReferenceServer(directory, DEBUG);
        RunningServer server = RunningServer.start("--dir", directory.toString());
        RawConnection redis = new RawConnection(reference.port());
        RawConnection redknot = new RawConnection(server.port())) {
      for (String database : List.of("0", "3")) {
        redis.call("SELECT", database);
        redknot.call("SELECT", database);
        List<String> all = RdbExchangeTest.keys(redknot);
        assertFalse(all.isEmpty());
        assertEquals(redis.call("DBSIZE").integer(), all.size());
        for (String key : all) {
          assertEquals(redis.call("PEXPIRETIME", key), redknot.call("PEXPIRETIME", key));
          assertSameThere(redis, redknot, key);
        }
      }
    }
  }
}
