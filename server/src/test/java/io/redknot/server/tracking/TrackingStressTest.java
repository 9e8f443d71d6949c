package io.redknot.server.tracking;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

/**
 * Clients on several event loops keep what they have read, while others write: when a write was
 * answered, a client that asks for anything has been told of it before it gets its reply.
 */
class TrackingStressTest {
  private static final int KEYS = 4;
  private static final int READERS = 4;
  private static final int WRITES = Integer.getInteger("redknot.stress.elements", 3000);

  /** The last value of each key whose writing was answered. */
  private final AtomicIntegerArray written = new AtomicIntegerArray(KEYS);

  @Test
  void nobodyKeepsWhatHasChanged() throws Exception {
    try (RunningServer server = RunningServer.start("--io-threads", "4");
        ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<?>> writers = new ArrayList<>();
      for (int key = 0; key < KEYS; key++) {
        int written = key;
        writers.add(threads.submit(() -> write(server, written)));
      }
      List<Future<?>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        long seed = i;
        boolean broadcast = i % 2 == 1;
        readers.add(threads.submit(() -> read(server, broadcast, new SplittableRandom(seed))));
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
      for (Future<?> reader : readers) {
        reader.get();
      }
    }
  }

  private void write(RunningServer server, int key) {
    try (RawClient client = server.connect()) {
      for (int value = 1; value <= WRITES; value++) {
        client.ask("SET", "key" + key, Integer.toString(value));
        written.set(key, value);
      }
    }
  }

  private boolean isOver() {
    for (int key = 0; key < KEYS; key++) {
      if (written.get(key) < WRITES) {
        return false;
      }
    }
    return true;
  }

  private void read(RunningServer server, boolean broadcast, SplittableRandom random) {
    Map<String, Integer> cache = new HashMap<>();
    try (RawClient client = server.connect()) {
      client.ask("HELLO", "3");
      client.ask("CLIENT", "TRACKING", "ON", broadcast ? "BCAST" : "NOLOOP");
      boolean last = false;
      while (!last) {
        last = isOver();
        int[] before = new int[KEYS];
        for (int key = 0; key < KEYS; key++) {
          before[key] = written.get(key);
        }
        String key = "key" + random.nextInt(KEYS);
        if (cache.containsKey(key)) {
          client.command("PING");
          readReply(client, cache);
        } else {
          client.command("GET", key);
          String value = readReply(client, cache);
          cache.put(key, value.equals("_") ? 0 : Integer.parseInt(value));
        }
        for (int i = 0; i < KEYS; i++) {
          int kept = cache.getOrDefault("key" + i, before[i]);
          assertTrue(kept >= before[i], "key" + i + " is kept as " + kept + ", not " + before[i]);
        }
      }
    }
  }

  /** Forgets what the messages before the reply are about; returns the reply without its frame. */
  private static String readReply(RawClient client, Map<String, Integer> cache) {
    String reply = client.reply();
    while (reply.startsWith(">")) {
      reply.lines().forEach(cache::remove);
      reply = client.reply();
    }
    return reply.lines().toList().getLast();
  }
}
