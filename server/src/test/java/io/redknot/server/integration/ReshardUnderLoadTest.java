package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Clients of each kind count and append in slots that go back and forth between two primaries:
 * whatever they were told has happened must have happened, once.
 */
class ReshardUnderLoadTest {
  private static final int SLOTS = 8;
  private static final int MOVES = 4;
  private static final int WRITES_BETWEEN_MOVES = 300;

  @RegisterExtension private final Nodes nodes = Nodes.forTest();

  /** Writes keys of its own until it is told to end, and knows what they have to be. */
  private static final class Writer extends Thread {
    private final String name;
    private final ClusterRequests client;
    private final AtomicBoolean ends;
    private final Map<String, Long> counters = new HashMap<>();
    private final Map<String, List<String>> lists = new HashMap<>();
    private volatile int writes;
    private volatile @Nullable Throwable failure;

    Writer(String name, ClusterRequests client, AtomicBoolean ends) {
      super(name);
      this.name = name;
      this.client = client;
      this.ends = ends;
    }

    @Override
    public void run() {
      try {
        for (int i = 0; !ends.get(); i++) {
          write(i);
          writes = i + 1;
        }
      } catch (RuntimeException | AssertionError failed) {
        failure = failed;
      }
    }

    private void write(int i) {
      String tag = "{" + Slots.tagIn(i % SLOTS) + "}" + name;
      long counted = counters.merge(tag, 1L, Long::sum);
      assertEquals(counted, client.incr(tag + "counter"), tag);
      List<String> list = lists.computeIfAbsent(tag, _ -> new ArrayList<>());
      list.add("element" + i);
      assertEquals(list.size(), client.rpush(tag + "list", "element" + i), tag);
      client.hset(tag + "hash", "field" + i % 10, Integer.toString(i));
      assertEquals(Integer.toString(i), client.hget(tag + "hash", "field" + i % 10), tag);
    }

    void check() {
      Throwable failed = failure;
      if (failed != null) {
        throw new AssertionError(getName() + ": " + failed + ", last: " + last(failed), failed);
      }
      counters.forEach(
          (tag, count) -> assertEquals(Long.toString(count), client.get(tag + "counter"), tag));
      lists.forEach((tag, list) -> assertEquals(list, client.elements(tag + "list"), tag));
    }
  }

  /** What the last attempt ended with: a redirect names a node, a broken connection the reason. */
  private static Throwable last(Throwable failure) {
    Throwable last = failure;
    while (last.getCause() != null) {
      last = last.getCause();
    }
    return last.getSuppressed().length == 0 ? last : last.getSuppressed()[0];
  }

  @ParameterizedTest(name = "to and from {0}")
  @EnumSource
  void everyAcknowledgedWriteIsThereOnce(NodeKind other) throws Exception {
    List<NodeProcess> all = nodes.startAll(List.of(NodeKind.REDKNOT, other, NodeKind.REDKNOT));
    SixNodes.form(all, 0);
    AtomicBoolean ends = new AtomicBoolean();
    List<Writer> writers = new ArrayList<>();
    try {
      for (ClusterRequests.Kind kind : ClusterRequests.Kind.values()) {
        writers.add(new Writer(kind.name(), kind.connect(all.getFirst()), ends));
      }
      writers.forEach(Thread::start);
      try {
        for (int i = 0; i < MOVES; i++) {
          awaitWrites(writers, (i + 1) * WRITES_BETWEEN_MOVES);
          ReshardTest.move(all.get(i % 2), all.get(1 - i % 2), SLOTS, all);
        }
      } finally {
        ends.set(true);
        for (Writer writer : writers) {
          writer.join();
        }
      }
      for (Writer writer : writers) {
        writer.check();
      }
    } finally {
      writers.forEach(writer -> writer.client.close());
    }
    assertNoKeyIsAtTheWrongNode(all);
  }

  private static void awaitWrites(List<Writer> writers, int wanted) {
    for (Writer writer : writers) {
      Waiting.until(
          "writes of " + writer.getName(), () -> writer.writes >= wanted || writer.failure != null);
    }
  }

  private static void assertNoKeyIsAtTheWrongNode(List<NodeProcess> all) throws IOException {
    assertEquals(0, all.get(1).ask("DBSIZE").number());
    assertEquals(
        3L * ClusterRequests.Kind.values().length * SLOTS, all.getFirst().ask("DBSIZE").number());
  }
}
