package io.redknot.server.signal;

import io.redknot.protocol.Args;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.net.ConnectionHandler;
import io.redknot.server.net.Suspension;
import io.redknot.storage.value.ValueType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A command that waits until one of its keys has something for it. It has a place among those who
 * wait for each of the keys, which all are in one shard.
 *
 * <p>Whether it still waits is decided under the lock of that shard: who serves it, and whoever
 * ends its waiting otherwise, has to find it there. So what it was given is never lost because its
 * time was over at the same moment.
 */
public final class Waiter {
  /**
   * What a command waits for.
   *
   * @param firstKey the first argument that is a key
   * @param keys how many keys follow each other
   * @param type what a key must hold
   * @param evenGone whether it is also to be executed when a key is gone or holds something else
   */
  public record Wish(int firstKey, int keys, ValueType type, boolean evenGone) {
    /** For keys that hold a type. */
    public static Wish of(int firstKey, int keys, ValueType type) {
      return new Wish(firstKey, keys, type, false);
    }
  }

  /**
   * The command that waits.
   *
   * @param args owned, as it is executed again
   * @param slot the slot of the keys as the command's context tells it
   */
  public record Call(CommandSpec spec, Args args, int slot) {}

  private final ConnectionHandler client;
  private final Suspension suspension;
  private final Call call;
  private final Wish wish;
  private final ShardSignals signals;
  private final List<WaitQueue.Place> places = new ArrayList<>(1);
  private boolean waiting;

  /** A command that does not wait yet. */
  public Waiter(
      ConnectionHandler client, Suspension suspension, Call call, Wish wish, ShardSignals signals) {
    this.client = client;
    this.suspension = suspension;
    this.call = call;
    this.wish = wish;
    this.signals = signals;
  }

  /** Begins to wait; the shard is locked. */
  public void begin() {
    int db = client.session().db();
    waiting = true;
    for (int i = wish.firstKey(); i < wish.firstKey() + wish.keys(); i++) {
      WaitQueue queue = signals.queue(db, call.args(), i);
      if (places.stream().noneMatch(place -> place.queue() == queue)) {
        places.add(queue.add(this));
      }
    }
  }

  /** Ends the waiting; the shard is locked. */
  public void end() {
    waiting = false;
    for (WaitQueue.Place place : places) {
      place.leave();
      signals.forgetIfEmpty(place.queue());
    }
    places.clear();
  }

  /** Ends the waiting from outside; false where it had ended. Takes the lock. */
  public boolean withdraw() {
    signals.lock();
    try {
      boolean waited = waiting;
      if (waited) {
        end();
      }
      return waited;
    } finally {
      signals.unlock();
    }
  }

  /** Whether it has not ended; the shard is locked. */
  public boolean isWaiting() {
    return waiting;
  }

  /** Whether what a key holds now, null for nothing, is a reason to execute the command again. */
  public boolean isFor(@Nullable ValueType held) {
    return wish.evenGone() || held == wish.type();
  }

  public ConnectionHandler client() {
    return client;
  }

  /** What is completed when the waiting has ended. */
  public Suspension suspension() {
    return suspension;
  }

  /** What is executed again. */
  public Call call() {
    return call;
  }
}
