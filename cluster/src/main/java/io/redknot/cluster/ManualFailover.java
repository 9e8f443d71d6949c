package io.redknot.cluster;

import io.redknot.cluster.FailoverEvent.Kind;
import io.redknot.cluster.LogLine.Level;
import org.jspecify.annotations.Nullable;

/**
 * State of CLUSTER FAILOVER on both sides: the primary holds writes back, the replica waits until
 * it has processed all of them.
 */
final class ManualFailover {
  static final long TIMEOUT_MS = 5000;
  static final long PAUSE_MS = 2 * TIMEOUT_MS;
  private static final long UNKNOWN = -1;

  private final CoreContext ctx;

  /** When to give up; 0 when none is going on. */
  private long endsMs;

  /** On the primary: the replica that asked. */
  private @Nullable ClusterNode replica;

  private long primaryOffset = UNKNOWN;

  /** On the replica: the primary has got the request. */
  private boolean answered;

  private boolean canStart;

  ManualFailover(CoreContext ctx) {
    this.ctx = ctx;
  }

  boolean isArmed() {
    return endsMs != 0;
  }

  /** On a replica: whether the election may begin at once. */
  boolean canStart() {
    // Asked also between two ticks, by which the primary may have let writes go on.
    return canStart && ctx.nowMs <= endsMs;
  }

  /** On a primary: the replica to keep informed of the offset. */
  @Nullable ClusterNode replica() {
    return replica;
  }

  void startAsReplica(boolean force) {
    reset();
    endsMs = ctx.nowMs + TIMEOUT_MS;
    canStart = force;
    ctx.note(Kind.MANUAL, ctx.self(), force ? "begun by force" : "begun");
    if (force) {
      ctx.pending().election();
    }
  }

  void startAsPrimary(ClusterNode asking) {
    // Without a gap, in which writes would go on behind the offset that was told before.
    replica = null;
    reset();
    endsMs = ctx.nowMs + TIMEOUT_MS;
    replica = asking;
    ctx.note(Kind.MANUAL, asking, "writes are held back for it");
    ctx.notice("Replica " + asking + " asked for a manual failover; holding writes back");
    ctx.events.add(new ClusterEvent.PauseWrites(ctx.clockMs(ctx.nowMs + PAUSE_MS)));
  }

  /**
   * The primary has got the request. What it told of its offset before may come of an earlier
   * request, whose time is over before that of this one, and writes go on then.
   */
  void onAnswer() {
    answered = isArmed();
  }

  /** The primary announced the offset at which it stopped. */
  void onPausedAt(long offset) {
    if (answered && isArmed() && ctx.self().isReplica() && primaryOffset == UNKNOWN) {
      primaryOffset = offset;
      ctx.notice("The paused primary stands at offset " + offset);
      ctx.note(Kind.MANUAL, ctx.self(), "the primary stands at offset " + offset);
      step();
    }
  }

  /** Called often: the replica may have caught up, or the time may be over. */
  void step() {
    if (!isArmed()) {
      return;
    }
    if (ctx.nowMs > endsMs) {
      ctx.log(Level.WARNING, "Manual failover timed out");
      ctx.note(Kind.MANUAL, ctx.self(), "timed out");
      reset();
    } else if (!canStart
        && primaryOffset != UNKNOWN
        && ctx.facts.replicationOffset() == primaryOffset) {
      canStart = true;
      ctx.note(Kind.MANUAL, ctx.self(), "all of the primary's writes are here");
      ctx.notice("All writes of the paused primary are processed; starting the election");
      ctx.pending().election();
    }
  }

  void reset() {
    if (replica != null) {
      ctx.events.add(new ClusterEvent.ResumeWrites());
    }
    endsMs = 0;
    replica = null;
    primaryOffset = UNKNOWN;
    answered = false;
    canStart = false;
  }
}
