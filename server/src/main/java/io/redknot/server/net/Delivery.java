package io.redknot.server.net;

import org.jspecify.annotations.Nullable;

/** A message that is no reply, on its way to an event loop that has it written to connections. */
public interface Delivery extends Runnable {
  /** Gathers deliveries that follow each other, so that they are written at once. */
  @FunctionalInterface
  interface Gathering {
    /** No delivery follows that belongs to it. */
    void end();
  }

  /** About how long the message is. */
  int bytes();

  /** Delivers it, or gives it to its gathering; on the event loop. */
  @Override
  void run();

  /** What this is gathered in; null: it is delivered at once. */
  default @Nullable Gathering gathering() {
    return null;
  }
}
