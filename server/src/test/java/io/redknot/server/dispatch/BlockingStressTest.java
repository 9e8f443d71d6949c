package io.redknot.server.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many clients push and many wait, on several event loops, while waiting ends in every other way:
 * each element arrives exactly once.
 */
class BlockingStressTest {
  private static final int PRODUCERS = 3;
  private static final int CONSUMERS = 6;
  private static final int ELEMENTS = Integer.getInteger("redknot.stress.elements", 1500);
  private static final int KEYS = 3;

  /** What ends a consumer. */
  private static final String END = "end";

  private @TempDir Path directory;

  @Test
  void everyElementArrivesOnce() throws Exception {
    try (RunningServer server =
        RunningServer.start("--io-threads", "4", "--dir", directory.toString())) {
      stress(server);
    }
  }

  private static void stress(RunningServer server) throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<List<Integer>>> consumers = new ArrayList<>();
      for (int i = 0; i < CONSUMERS; i++) {
        long seed = i;
        Callable<List<Integer>> task = () -> consume(server, new SplittableRandom(seed));
        consumers.add(threads.submit(task));
      }
      Future<?> unblocker = threads.submit(() -> unblock(server, over));
      List<Future<?>> producers = new ArrayList<>();
      for (int i = 0; i < PRODUCERS; i++) {
        int first = i;
        producers.add(threads.submit(() -> produce(server, first)));
      }
      for (Future<?> producer : producers) {
        producer.get();
      }
      end(server);
      List<Integer> arrived = new ArrayList<>();
      for (Future<List<Integer>> consumer : consumers) {
        arrived.addAll(consumer.get());
      }
      over.set(true);
      unblocker.get();
      assertEquals(
          IntStream.range(0, PRODUCERS * ELEMENTS).boxed().toList(),
          arrived.stream().sorted().toList());
    }
  }

  private static String key(int number) {
    return "list" + number;
  }

  private static void produce(RunningServer server, int first) {
    SplittableRandom random = new SplittableRandom(100 + first);
    try (RawClient client = server.connect()) {
      int at = first * ELEMENTS;
      int end = at + ELEMENTS;
      while (at < end) {
        String key = key(random.nextInt(KEYS));
        switch (random.nextInt(4)) {
          case 0 -> {
            client.command("MULTI").command("RPUSH", key, "" + at).command("EXEC");
            client.reply();
            client.reply();
            client.reply();
          }
          case 1 -> {
            client.ask("RPUSH", "aside" + first, "" + at);
            client.ask("LMOVE", "aside" + first, key, "LEFT", "LEFT");
          }
          default -> client.ask(random.nextBoolean() ? "RPUSH" : "LPUSH", key, "" + at);
        }
        at++;
      }
    }
  }

  /** One for each consumer, behind everything else: who pops from the left finds them last. */
  private static void end(RunningServer server) {
    try (RawClient client = server.connect()) {
      for (int i = 0; i < KEYS; i++) {
        String key = key(i);
        Eventually.await("an empty list", () -> client.ask("LLEN", key).equals(":0\r\n"));
      }
      for (int i = 0; i < CONSUMERS; i++) {
        client.ask("RPUSH", key(0), END);
      }
    }
  }

  private static List<Integer> consume(RunningServer server, SplittableRandom random) {
    List<Integer> arrived = new ArrayList<>();
    try (RawClient client = server.connect()) {
      while (true) {
        String timeout = random.nextBoolean() ? "0" : "0.00" + (1 + random.nextInt(9));
        String reply =
            switch (random.nextInt(3)) {
              case 0 -> client.ask("BLPOP", key(2), key(1), key(0), timeout);
              case 1 -> client.ask("BRPOP", key(0), key(1), key(2), timeout);
              default ->
                  client.ask("BLMPOP", timeout, "3", key(1), key(0), key(2), "LEFT", "COUNT", "1");
            };
        if (reply.startsWith("*2")) {
          List<String> lines = reply.lines().toList();
          String element = lines.getLast();
          if (element.equals(END)) {
            return arrived;
          }
          arrived.add(Integer.parseInt(element));
        }
      }
    }
  }

  /** Ends the waiting of whoever waits. */
  private static void unblock(RunningServer server, AtomicBoolean over) {
    SplittableRandom random = new SplittableRandom(7);
    try (RawClient client = server.connect()) {
      while (!over.get()) {
        client.ask("CLIENT", "UNBLOCK", "" + random.nextInt(20), "ERROR");
      }
    }
  }
}
