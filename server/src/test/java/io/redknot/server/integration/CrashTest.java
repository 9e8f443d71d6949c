package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node is killed while clients write, again and again on the same files: every start works, and
 * what was acknowledged is there. {@code scripts/crash-test} does it hundreds of times.
 */
class CrashTest {
  private static final int ROUNDS = Integer.getInteger("redknot.crash.rounds", 3);
  private static final long SEED = Long.getLong("redknot.crash.seed", 20_261_126);
  private static final int WRITERS = 4;

  /** Every so many steps belong to a transaction that also pushes to a list. */
  private static final int PUSH_EVERY = 3;

  /** Every so many steps of the first writer ask for a rewrite. */
  private static final int REWRITE_EVERY = 150;

  private static final long LOSS_NANOS_MAX = TimeUnit.SECONDS.toNanos(2);

  private @TempDir Path folder;
  private int port;

  /** Writes rising numbers, one after the other, until its connection ends. */
  private static final class Writer extends Thread {
    private final int port;
    private final int number;
    private final AtomicLong acknowledgements;
    private final AtomicReference<@Nullable AssertionError> wrong = new AtomicReference<>();
    private final List<Long> times = new ArrayList<>();
    private final long first;
    private volatile long sent;
    private volatile long acknowledged;

    Writer(int port, int number, long last, AtomicLong acknowledgements) {
      this.port = port;
      this.number = number;
      this.first = last + 1;
      this.sent = last;
      this.acknowledged = last;
      this.acknowledgements = acknowledgements;
      setDaemon(true);
    }

    @Override
    public void run() {
      try (RespConnection connection = new RespConnection(port)) {
        while (true) {
          long next = sent + 1;
          sent = next;
          write(connection, next);
          acknowledged = next;
          times.add(Waiting.nanos());
          acknowledgements.incrementAndGet();
          if (number == 0 && next % REWRITE_EVERY == 0) {
            var _ = connection.ask("BGREWRITEAOF");
          }
        }
      } catch (IOException killed) {
        // That is what ends every writer.
      } catch (AssertionError refused) {
        wrong.set(refused);
      }
    }

    private void write(RespConnection connection, long next) throws IOException {
      if (next % PUSH_EVERY != 0) {
        assertEquals("OK", connection.ask("SET", "last:" + number, "" + next).text());
        return;
      }
      var _ = connection.ask("MULTI");
      var _ = connection.ask("SET", "last:" + number, "" + next);
      var _ = connection.ask("RPUSH", "list:" + number, "" + next);
      assertFalse(connection.ask("EXEC").isError());
    }

    /** The last number that was acknowledged before that time. */
    long acknowledgedBefore(long nanos) {
      long last = first - 1;
      for (int i = 0; i < times.size() && times.get(i) < nanos; i++) {
        last = first + i;
      }
      return last;
    }
  }

  private ServerProcess start(String fsync, int loops) throws IOException {
    String[] arguments = {
      "--port",
      "" + port,
      "--bind",
      "127.0.0.1",
      "--save",
      "",
      "--appendonly",
      "yes",
      "--appendfsync",
      fsync,
      "--auto-aof-rewrite-min-size",
      "16kb",
      "--io-threads",
      "" + loops
    };
    return ServerProcess.start(NodeKind.REDKNOT, folder, arguments).awaitReady();
  }

  /** One alone syncs itself, several have it done by a thread. */
  private static int loops(int round) {
    return 1 + round % 2;
  }

  private List<Writer> writers(AtomicLong acknowledgements) throws IOException {
    List<Writer> writers = new ArrayList<>();
    try (RespConnection connection = new RespConnection(port)) {
      for (int i = 0; i < WRITERS; i++) {
        Reply last = connection.ask("GET", "last:" + i);
        writers.add(new Writer(port, i, last.isNil() ? 0 : last.number(), acknowledgements));
      }
    }
    return writers;
  }

  /** What is there now lies between what must be there and what was ever sent. */
  private void assertKept(Writer writer, long required, String when) throws IOException {
    try (RespConnection connection = new RespConnection(port)) {
      Reply reply = connection.ask("GET", "last:" + writer.number);
      long last = reply.isNil() ? 0 : reply.number();
      String message = when + ", writer " + writer.number + ": " + last + " of " + writer.sent;
      assertTrue(last >= required, message + ", required " + required);
      assertTrue(last <= writer.sent, message);
      long pushed = connection.ask("LLEN", "list:" + writer.number).number();
      assertEquals(last / PUSH_EVERY, pushed, message);
    }
  }

  /** Returns the time of the kill. */
  private static long killAfter(ServerProcess server, AtomicLong acknowledgements, long count) {
    Waiting.until("writes", () -> acknowledgements.get() >= count);
    server.close();
    return Waiting.nanos();
  }

  private void crash(String fsync, long acknowledgementsMin, long lossNanosMax)
      throws IOException, InterruptedException {
    port = Ports.claim();
    SplittableRandom random = new SplittableRandom(SEED);
    ServerProcess server = start(fsync, loops(0));
    for (int round = 0; round < ROUNDS; round++) {
      String when = fsync + ", seed " + SEED + ", round " + round + ", loops " + loops(round);
      AtomicLong acknowledgements = new AtomicLong();
      List<Writer> writers = writers(acknowledgements);
      writers.forEach(Thread::start);
      long count = acknowledgementsMin + random.nextLong(acknowledgementsMin);
      long killed = killAfter(server, acknowledgements, count);
      server = start(fsync, loops(round + 1));
      for (Writer writer : writers) {
        writer.join();
        assertNull(writer.wrong.get(), when);
        long required =
            lossNanosMax == 0
                ? writer.acknowledged
                : writer.acknowledgedBefore(killed - lossNanosMax);
        assertKept(writer, required, when);
      }
    }
    server.close();
  }

  @Test
  void alwaysLosesNothingThatWasAcknowledged() throws Exception {
    crash("always", 300, 0);
  }

  @Test
  void everySecondLosesNothingOlderThanTwoSeconds() throws Exception {
    crash("everysec", 20_000, LOSS_NANOS_MAX);
  }
}
