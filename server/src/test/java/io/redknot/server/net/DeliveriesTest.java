package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is handed over to an event loop is delivered once, in order, and not without limit. */
class DeliveriesTest {
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private final Deliveries deliveries =
      new Deliveries(tasks::add, new Flushes(tasks::add, () -> 0, () -> 0));
  private final List<String> seen = new ArrayList<>();

  private final class Named implements Delivery {
    private final String name;
    private final int bytes;
    private final @Nullable Gathering gathering;

    Named(String name, int bytes, @Nullable Gathering gathering) {
      this.name = name;
      this.bytes = bytes;
      this.gathering = gathering;
    }

    @Override
    public int bytes() {
      return bytes;
    }

    @Override
    public void run() {
      seen.add(name);
      if (name.equals("broken")) {
        throw new IllegalStateException();
      }
    }

    @Override
    public @Nullable Gathering gathering() {
      return gathering;
    }
  }

  private boolean add(String name, int bytes) {
    return deliveries.add(new Named(name, bytes, null));
  }

  private void addGathered(String name, Delivery.Gathering gathering) {
    assertTrue(deliveries.add(new Named(name, 1, gathering)));
  }

  private static void breakOff() {
    throw new IllegalStateException();
  }

  @Test
  void oneTaskDeliversAll() {
    add("a", 1);
    add("b", 1);
    assertEquals(1, tasks.size());
    tasks.remove().run();
    assertEquals(List.of("a", "b"), seen);
    add("c", 1);
    deliveries.runAll();
    add("d", 1);
    // The task for c finds d, and the one for d nothing.
    assertEquals(2, tasks.size());
    tasks.remove().run();
    tasks.remove().run();
    assertEquals(List.of("a", "b", "c", "d"), seen);
  }

  @Test
  void gatheringEndsWhereAnotherOneFollows() {
    Delivery.Gathering first = () -> seen.add("first");
    Delivery.Gathering second = () -> seen.add("second");
    addGathered("a", first);
    addGathered("b", first);
    addGathered("c", second);
    add("d", 1);
    addGathered("e", first);
    deliveries.runAll();
    assertEquals(List.of("a", "b", "first", "c", "second", "d", "e", "first"), seen);
  }

  @Test
  void whatIsTooMuchIsLostAndCounted() {
    assertTrue(add("a", 200 << 20));
    assertFalse(add("b", 100 << 20));
    deliveries.addAnyway(new Named("c", 100 << 20, null));
    assertEquals(1, deliveries.dropped());
    deliveries.runAll();
    assertEquals(List.of("a", "c"), seen);
    assertTrue(add("d", 256 << 20));
  }

  @Test
  void failureOfOneIsNotTheEnd() {
    add("broken", 1 << 20);
    addGathered("a", () -> seen.add("gathered"));
    addGathered("b", DeliveriesTest::breakOff);
    add("c", 1);
    int failures = 0;
    while (!tasks.isEmpty()) {
      try {
        tasks.remove().run();
      } catch (IllegalStateException reported) {
        failures++;
      }
    }
    assertEquals(2, failures);
    assertEquals(List.of("broken", "a", "gathered", "b", "c"), seen);
    assertTrue(add("next", 256 << 20));
    deliveries.runAll();
    assertEquals("next", seen.getLast());
  }
}
