package io.redknot.server.integration;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes elements by a call that waits for them, and calls again whenever it came back without one,
 * as a program does that lives through a failover.
 */
final class Pops implements AutoCloseable {
  private final Supplier<@Nullable String> pop;
  private final Class<? extends RuntimeException> lost;
  private final List<String> taken = new ArrayList<>();
  private final Thread thread;
  private volatile boolean ends;
  private volatile @Nullable RuntimeException failure;

  /**
   * Starts taking.
   *
   * @param pop the next element, or null after a while without one
   * @param lost what is thrown where the server has gone or is no primary any longer
   */
  Pops(Supplier<@Nullable String> pop, Class<? extends RuntimeException> lost) {
    this.pop = pop;
    this.lost = lost;
    thread = Thread.ofPlatform().daemon().name("pops").start(this::run);
  }

  private void run() {
    while (!ends) {
      try {
        String element = pop.get();
        if (element != null) {
          synchronized (taken) {
            taken.add(element);
          }
        }
      } catch (RuntimeException e) {
        if (!lost.isInstance(e)) {
          failure = e;
          return;
        }
        Waiting.pause();
      }
    }
  }

  List<String> taken() {
    synchronized (taken) {
      return List.copyOf(taken);
    }
  }

  void awaitTaken(int count) {
    Waiting.untilNothing(
        count + " elements are taken",
        () -> taken().size() >= count ? "" : taken() + ", " + failure);
  }

  @Override
  public void close() {
    ends = true;
    Waiting.untilNothing("the last call ends", () -> thread.isAlive() ? "it waits" : "");
    RuntimeException failed = failure;
    if (failed != null) {
      throw failed;
    }
  }
}
