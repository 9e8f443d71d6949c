package io.redknot.server.replication;

import io.redknot.protocol.RespWriter;
import io.redknot.server.Server;
import io.redknot.server.net.Suspension;
import io.redknot.server.persistence.AppendOnly;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Clients that wait until what they wrote has come to replicas, or to disks. Any thread. */
public final class AckWaiters {
  /**
   * What a client waits for.
   *
   * @param offset of the stream that replicas must have come to
   * @param replicas how many of them
   * @param disk null: it is enough that they have it
   */
  public record Goal(long offset, long replicas, @Nullable OnDisk disk) {}

  /**
   * That it is on disks, too.
   *
   * @param appended where the client's last change ended in what is appended to the file
   * @param local whether also on that of this node
   */
  public record OnDisk(long appended, boolean local) {}

  /** Told apart by identity: two clients may wait for the same. */
  private static final class Waiter {
    private final Goal goal;
    private final Suspension suspension;

    Waiter(Goal goal, Suspension suspension) {
      this.goal = goal;
      this.suspension = suspension;
    }
  }

  /** What a client is told that waits for a file which is not kept any more. */
  public static final String NO_FILE =
      "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.";

  private final Server server;
  private final Replication replication;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final Set<Waiter> waiters = ConcurrentHashMap.newKeySet();

  AckWaiters(Server server, Replication replication) {
    this.server = server;
    this.replication = replication;
  }

  /** Answers a command once its goal is reached, or its time is over. */
  public void add(Goal goal, Suspension suspension, long timeoutMs) {
    Waiter waiter = new Waiter(goal, suspension);
    waiters.add(waiter);
    suspension.onLeave(() -> waiters.remove(waiter));
    suspension.block(timeoutMs, out -> reply(goal, out));
    replication.askForAcks();
    // What was acknowledged before it was among the waiters.
    look(waiter);
  }

  /** Whether there is nothing to wait for. */
  public boolean isReached(Goal goal) {
    OnDisk disk = goal.disk();
    if (disk == null) {
      return countAcknowledged(goal.offset()) >= goal.replicas();
    }
    return (!disk.local() || isOnDisk(disk)) && countFsynced(goal.offset()) >= goal.replicas();
  }

  /** Writes how far it is. */
  public void reply(Goal goal, RespWriter out) {
    OnDisk disk = goal.disk();
    if (disk == null) {
      out.integer(countAcknowledged(goal.offset()));
    } else {
      out.array(2);
      out.integer(isOnDisk(disk) ? 1 : 0);
      out.integer(countFsynced(goal.offset()));
    }
  }

  private boolean isOnDisk(OnDisk disk) {
    return file().durable() >= disk.appended();
  }

  private AppendOnly file() {
    return server.persister().appendOnly();
  }

  /** Has something run with every acknowledgement. */
  void onEveryAck(Runnable action) {
    listeners.add(action);
  }

  /** Ends that. */
  void forget(Runnable action) {
    listeners.remove(action);
  }

  void onAck() {
    listeners.forEach(Runnable::run);
    onDurable();
  }

  /** More has come to the disk of this node, or nothing will any more. */
  public void onDurable() {
    waiters.forEach(this::look);
  }

  private void look(Waiter waiter) {
    OnDisk disk = waiter.goal.disk();
    if (disk != null && disk.local() && file().state() == AppendOnly.State.OFF) {
      end(waiter, NO_FILE);
    } else if (isReached(waiter.goal) && waiters.remove(waiter)) {
      waiter.suspension.complete(out -> reply(waiter.goal, out));
    }
  }

  /** This node is no primary any more: nobody acknowledges anything. */
  void endAll(String error) {
    waiters.forEach(waiter -> end(waiter, error));
  }

  private void end(Waiter waiter, String error) {
    if (waiters.remove(waiter)) {
      waiter.suspension.unblockWithError(error);
    }
  }

  /** Number of replicas that have come to an offset. */
  private int countAcknowledged(long offset) {
    int count = 0;
    for (ReplicaLink link : replication.replicas()) {
      if (link.isOnline() && link.ackOffset() >= offset) {
        count++;
      }
    }
    return count;
  }

  /** Number of replicas that have everything up to an offset on their disks. */
  private int countFsynced(long offset) {
    int count = 0;
    for (ReplicaLink link : replication.replicas()) {
      if (link.isOnline() && link.ackFsynced() >= offset) {
        count++;
      }
    }
    return count;
  }
}
