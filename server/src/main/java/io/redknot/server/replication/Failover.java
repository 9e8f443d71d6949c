package io.redknot.server.replication;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.redknot.server.Server;
import io.redknot.server.config.ReplicaSource;
import io.redknot.server.dispatch.HeldWrites;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * FAILOVER: this primary holds writes back until a replica has everything, follows it from then on,
 * and tells it so in the same breath. If the replica refuses, all stays as it was.
 *
 * <p>Any thread; takes the locks of replication while it holds its own, never the other way round.
 */
public final class Failover {
  private static final Logger LOG = LoggerFactory.getLogger(Failover.class);
  private static final long NEVER = Long.MAX_VALUE;

  /** How far it is; the names are those of INFO. */
  public enum State {
    NO_FAILOVER,
    WAITING_FOR_SYNC,
    FAILOVER_IN_PROGRESS;

    /** As INFO tells it. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * What is asked for.
   *
   * @param target who is to take over; null: who has everything first
   * @param timeoutMs for how long to wait; 0: for ever
   * @param force whether the target takes over even then, whatever it has
   */
  public record Order(@Nullable ReplicaSource target, long timeoutMs, boolean force) {}

  private final Server server;
  private final Replication replication;
  private final HeldWrites writes;
  private final AtomicBoolean lookScheduled = new AtomicBoolean();
  private volatile State state = State.NO_FAILOVER;

  @GuardedBy("this")
  private Order order = new Order(null, 0, false);

  @GuardedBy("this")
  private long endMs;

  /** Held while the role changes because of this, so that giving it up comes before or behind. */
  private final Object turn = new Object();

  /** Whether it is being given up, by one who promotes this node again. */
  @GuardedBy("this")
  private boolean aborting;

  /** None has begun. */
  public Failover(Server server) {
    this.server = server;
    this.replication = server.replication();
    this.writes = new HeldWrites(server, this::look);
    replication.waiters().onEveryAck(this::look);
  }

  public State state() {
    return state;
  }

  /** Whether one is under way. */
  public boolean isRunning() {
    return state != State.NO_FAILOVER;
  }

  /** Runs something while none begins or is given up elsewhere; before all other locks. */
  public <T> T whileStill(Supplier<T> action) {
    synchronized (turn) {
      synchronized (this) {
        return action.get();
      }
    }
  }

  /** Begins; false where one is under way. */
  public synchronized boolean start(Order asked) {
    if (isRunning()) {
      return false;
    }
    order = asked;
    endMs = asked.timeoutMs() == 0 ? NEVER : server.clock().nowMs() + asked.timeoutMs();
    state = State.WAITING_FOR_SYNC;
    LOG.info("FAILOVER requested to {}.", asked.target() == null ? "any replica" : asked.target());
    // Not later: it could come behind the release of who gives it up at once.
    writes.hold(NEVER);
    return true;
  }

  /** Gives it up; false where none is under way. May wait for the locks of all shards. */
  public boolean abort(String reason) {
    synchronized (this) {
      if (!isRunning() || aborting) {
        return false;
      }
      LOG.info("Aborting the failover: {}", reason);
      if (state == State.WAITING_FOR_SYNC) {
        end();
        return true;
      }
      aborting = true;
    }
    synchronized (turn) {
      server.config().put("replicaof", "no one");
      replication.promote();
    }
    synchronized (this) {
      aborting = false;
      end();
    }
    return true;
  }

  @GuardedBy("this")
  private void end() {
    state = State.NO_FAILOVER;
    writes.release();
  }

  /**
   * Something may have changed: an acknowledgement came, writes are held back, time goes on. Any
   * thread, whatever it holds: what is to be done is done by the one for roles.
   */
  void look() {
    if (state == State.WAITING_FOR_SYNC && !lookScheduled.getAndSet(true)) {
      server.roles().execute(this::goOn);
    }
  }

  private void goOn() {
    lookScheduled.set(false);
    if (state != State.WAITING_FOR_SYNC) {
      return;
    }
    ReplicaSource next = null;
    boolean late;
    synchronized (this) {
      late = server.clock().nowMs() >= endMs;
      if (state == State.WAITING_FOR_SYNC) {
        next = late && order.force() ? order.target() : writes.areHeld() ? caughtUp() : null;
        if (next != null) {
          state = State.FAILOVER_IN_PROGRESS;
        }
      }
    }
    if (next != null) {
      followNext(next);
    } else if (late) {
      abort("the timeout has been reached");
    }
  }

  private void followNext(ReplicaSource next) {
    synchronized (turn) {
      synchronized (this) {
        if (aborting || state != State.FAILOVER_IN_PROGRESS) {
          return;
        }
      }
      LOG.info("Failover target {} is synced, failing over.", next);
      server.config().put("replicaof", next.host() + " " + next.port());
      replication.follow(next, this);
    }
  }

  @GuardedBy("this")
  private @Nullable ReplicaSource caughtUp() {
    long offset = replication.offset();
    for (ReplicaLink link : replication.replicas()) {
      ReplicaSource address = new ReplicaSource(link.ip(), link.options().port());
      boolean wanted = order.target() == null || address.equals(order.target());
      if (wanted && link.isOnline() && link.ackOffset() == offset) {
        return address;
      }
    }
    return null;
  }

  /** The new primary has taken this node for its replica. */
  synchronized void succeeded() {
    if (state == State.FAILOVER_IN_PROGRESS && !aborting) {
      end();
    }
  }
}
