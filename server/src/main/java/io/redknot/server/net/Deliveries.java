package io.redknot.server.net;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What other connections and threads have for the connections of one event loop, in the order in
 * which it was handed over. The loop delivers all that is there in one turn, and has each
 * connection flushed once behind it. It also does so before it reads a request of who may get any
 * of it: so what was handed over before somebody was answered comes before the reply to what is
 * asked later.
 */
final class Deliveries {
  /** What may have been handed over and the loop has not come to. */
  private static final long UNDER_WAY_BYTES_MAX = 256L << 20;

  /** Room for so many is kept from turn to turn. */
  private static final int KEPT_MAX = 4096;

  private final Executor loop;
  private final Runnable turn = this::runAll;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private List<Delivery> handedOver = new ArrayList<>();

  @GuardedBy("lock")
  private long underWayBytes;

  @GuardedBy("lock")
  private long dropped;

  /** Something was handed over, and the loop has been told. Set under the lock. */
  private volatile boolean waiting;

  /** What the turn delivers; the loop's own, as all below. */
  private List<Delivery> delivered = new ArrayList<>();

  /** How many of these are done. */
  private int done;

  /** What those were gathered in that were done last, if it has not ended. */
  private Delivery.@Nullable Gathering open;

  private long takenBytes;
  private final Flushes flushes;

  private boolean running;

  Deliveries(Executor loop, Flushes flushes) {
    this.loop = loop;
    this.flushes = flushes;
  }

  /** Hands over; false where it is lost, because too much is on its way. Any thread. */
  boolean add(Delivery delivery) {
    return add(delivery, UNDER_WAY_BYTES_MAX);
  }

  /** As {@link #add(Delivery)}, never lost: for what is there at most once. */
  void addAnyway(Delivery delivery) {
    boolean _ = add(delivery, Long.MAX_VALUE);
  }

  private boolean add(Delivery delivery, long bytesMax) {
    int bytes = delivery.bytes();
    boolean tells;
    lock.lock();
    try {
      if (underWayBytes + bytes > bytesMax) {
        dropped++;
        return false;
      }
      underWayBytes += bytes;
      handedOver.add(delivery);
      tells = !waiting;
      waiting = true;
    } finally {
      lock.unlock();
    }
    if (tells) {
      loop.execute(turn);
    }
    return true;
  }

  /** Number of messages that were lost. */
  long dropped() {
    lock.lock();
    try {
      return dropped;
    } finally {
      lock.unlock();
    }
  }

  /** Delivers what was handed over up to now; on the loop, and not within a batch of requests. */
  void runAll() {
    if (running || (!waiting && !isUnfinished())) {
      return;
    }
    running = true;
    try {
      if (!isUnfinished()) {
        takenBytes = take();
      }
      deliverAll();
    } finally {
      if (isUnfinished()) {
        // One has failed, which is reported; the others go on where it was.
        loop.execute(turn);
      } else {
        end(takenBytes);
      }
      flushes.delivered(takenBytes);
      running = false;
    }
  }

  private boolean isUnfinished() {
    return done < delivered.size() || open != null;
  }

  private void end(long bytes) {
    done = 0;
    if (delivered.size() > KEPT_MAX) {
      delivered = new ArrayList<>();
    } else {
      delivered.clear();
    }
    lock.lock();
    try {
      underWayBytes -= bytes;
    } finally {
      lock.unlock();
    }
  }

  /** Returns how many bytes the loop has come to. */
  private long take() {
    lock.lock();
    try {
      List<Delivery> taken = handedOver;
      handedOver = delivered;
      delivered = taken;
      waiting = false;
      return underWayBytes;
    } finally {
      lock.unlock();
    }
  }

  @SuppressWarnings("ReferenceEquality") // a gathering is itself only
  private void deliverAll() {
    while (done < delivered.size()) {
      Delivery next = delivered.get(done);
      if (next.gathering() != open) {
        endGathering();
      }
      open = next.gathering();
      done++;
      next.run();
    }
    endGathering();
  }

  private void endGathering() {
    Delivery.Gathering ended = open;
    open = null;
    if (ended != null) {
      ended.end();
    }
  }

  /** Has a connection flushed when all is delivered. */
  void flushSoon(ConnectionHandler connection) {
    flushes.add(connection);
  }
}
