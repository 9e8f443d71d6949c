package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.Clock;
import io.redknot.server.SystemClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** What tests of replication wait for and compare. */
final class Replicas {
  private static final long PAUSE_NANOS = 1_000_000;
  private static final long LIMIT_MS = 60_000;
  private static final Clock CLOCK = new SystemClock();

  private Replicas() {}

  /** What is asked again and again. */
  @FunctionalInterface
  interface Condition {
    boolean holds() throws IOException;
  }

  static void await(String what, Condition condition) throws IOException {
    long endMs = CLOCK.nowMs() + LIMIT_MS;
    while (!condition.holds()) {
      assertTrue(CLOCK.nowMs() < endMs, "never came true: " + what);
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** A field of INFO replication or stats. */
  static String info(RawConnection connection, String field) throws IOException {
    for (String line : connection.call("INFO", "replication", "stats").raw().split("\r\n", -1)) {
      if (line.startsWith(field + ":")) {
        return line.substring(field.length() + 1);
      }
    }
    return "";
  }

  /** Waits until a replica is online and has all of its primary's stream. */
  static void awaitInSync(RawConnection primary, RawConnection replica) throws IOException {
    await("the link is up", () -> info(replica, "master_link_status").equals("up"));
    await("the replica is online", () -> info(primary, "slave0").contains("state=online"));
    await(
        "the offsets are equal",
        () -> info(primary, "master_repl_offset").equals(info(replica, "master_repl_offset")));
    await(
        "the histories are the same",
        () -> info(primary, "master_replid").equals(info(replica, "master_replid")));
  }

  /** The data sets are equal: by the digests of the values, which the replica computes. */
  static void assertSameData(Path directory, RawConnection primary, RawConnection replica)
      throws IOException {
    Path folder = Files.createDirectories(directory.resolve("judge"));
    try (ReferenceServer judge = new ReferenceServer(folder, RdbExchangeTest.with());
        RawConnection values = new RawConnection(judge.port())) {
      List<String> keys = RdbExchangeTest.keys(primary);
      assertEquals(keys.size(), RdbExchangeTest.keys(replica).size());
      for (String key : keys) {
        RdbExchangeTest.carry(primary, key, values, "a");
        RdbExchangeTest.carry(replica, key, values, "b");
        RdbExchangeTest.assertSame(values, "a", "b");
        if (key.equals("stream")) {
          assertEquals(RdbExchangeTest.told(values, "a"), RdbExchangeTest.told(values, "b"));
        }
        values.call("FLUSHALL");
      }
    }
  }
}
