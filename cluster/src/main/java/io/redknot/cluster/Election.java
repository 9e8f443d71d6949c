package io.redknot.cluster;

import io.redknot.cluster.LogLine.Level;
import io.redknot.cluster.wire.BusHeader;
import io.redknot.cluster.wire.NodeFlags;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How a replica replaces its failed primary: wait by rank, ask for votes, take over. */
final class Election {
  static final long FIXED_DELAY_MS = 500;
  static final int RANDOM_DELAY_MS = 500;
  static final long RANK_DELAY_MS = 1000;
  static final long TIMEOUT_MIN_MS = 2000;
  private static final long MS_PER_SECOND = 1000;

  private final CoreContext ctx;
  private final Messenger messenger;
  private final Membership membership;
  private final ManualFailover manual;
  private final Health health;

  /** When to ask for votes, or when it was asked. */
  private long startsMs;

  private boolean asked;
  private int rank;
  private long epoch;

  /** The primary the current plan is about. */
  private @Nullable ClusterNode contested;

  private final Set<String> voters = new HashSet<>();

  Election(
      CoreContext ctx,
      Messenger messenger,
      Membership membership,
      ManualFailover manual,
      Health health) {
    this.ctx = ctx;
    this.messenger = messenger;
    this.membership = membership;
    this.manual = manual;
    this.health = health;
  }

  /** Moves the election on, if there is one to hold. */
  void step() {
    if (!isNeeded() || !isDataFresh()) {
      return;
    }
    if (contested != ctx.self().primary) {
      // Votes about another primary must not count for this one.
      abandon();
    }
    long timeoutMs = Math.max(2 * ctx.settings.nodeTimeoutMs(), TIMEOUT_MIN_MS);
    if (ctx.nowMs - startsMs > 2 * timeoutMs) {
      schedule();
      if (!manual.canStart()) {
        return;
      }
    }
    if (!asked && !manual.canStart()) {
      waitForBetterReplicas();
    }
    if (ctx.nowMs < startsMs || ctx.nowMs - startsMs > timeoutMs) {
      return;
    }
    if (!asked) {
      ask();
    }
    if (voters.size() >= ctx.state.quorum()) {
      win();
    }
  }

  private boolean isNeeded() {
    ClusterNode self = ctx.self();
    ClusterNode primary = self.primary;
    if (!self.isReplica() || primary == null || primary.slotCount() == 0) {
      return false;
    }
    return manual.canStart() || (primary.has(NodeFlags.FAIL) && !ctx.settings.replicaNoFailover());
  }

  private boolean isDataFresh() {
    long ageMs = ctx.facts.replicaDataAgeMs();
    if (manual.canStart()) {
      return true;
    }
    if (ageMs == Long.MAX_VALUE) {
      return false;
    }
    long timeoutMs = ctx.settings.nodeTimeoutMs();
    long countedMs = ageMs / MS_PER_SECOND * MS_PER_SECOND;
    countedMs -= countedMs > timeoutMs ? timeoutMs : 0;
    long factor = ctx.settings.replicaValidityFactor();
    long allowedMs = ctx.settings.replicaPingPeriodSeconds() * MS_PER_SECOND + timeoutMs * factor;
    return factor == 0 || countedMs <= allowedMs;
  }

  private void schedule() {
    asked = false;
    voters.clear();
    contested = ctx.self().primary;
    if (manual.canStart()) {
      rank = 0;
      startsMs = ctx.nowMs;
    } else {
      rank = rank();
      long jitterMs = ctx.random.nextInt(RANDOM_DELAY_MS);
      startsMs = ctx.nowMs + FIXED_DELAY_MS + jitterMs + rank * RANK_DELAY_MS;
    }
    ctx.notice(
        "Election in "
            + (startsMs - ctx.nowMs)
            + " ms, rank "
            + rank
            + ", offset "
            + ctx.facts.replicationOffset());
    // Siblings learn this replica's offset and can rank themselves.
    ClusterNode primary = ctx.self().primary;
    messenger.broadcastPong(node -> node.isReplica() && node.primary == primary);
  }

  /** How many siblings have processed more of the primary's stream. */
  private int rank() {
    ClusterNode self = ctx.self();
    ClusterNode primary = self.primary;
    int ahead = 0;
    if (primary != null) {
      long offset = ctx.facts.replicationOffset();
      for (ClusterNode sibling : primary.replicas) {
        boolean better =
            sibling != self
                && !sibling.has(NodeFlags.NOFAILOVER)
                && sibling.replicationOffset > offset;
        ahead += better ? 1 : 0;
      }
    }
    return ahead;
  }

  private void waitForBetterReplicas() {
    int now = rank();
    if (now > rank) {
      startsMs += (now - rank) * RANK_DELAY_MS;
      rank = now;
      ctx.notice("Better replicas appeared, rank is now " + rank);
    }
  }

  private void ask() {
    ctx.state.currentEpoch++;
    epoch = ctx.state.currentEpoch;
    // Its predecessor's vote in this epoch may be spent already: once it has won, it must not cast
    // a second one from the same seat, or two candidates could win one epoch.
    ctx.state.lastVoteEpoch = epoch;
    voters.clear();
    ctx.notice("Asking for votes in epoch " + epoch);
    messenger.broadcastAuthRequest();
    asked = true;
    ctx.pending().saveDurably();
  }

  void onVote(ClusterNode voter, BusHeader header) {
    boolean counts =
        asked
            && ctx.self().isReplica()
            && voter.isPrimary()
            && voter.slotCount() > 0
            && header.currentEpoch() >= epoch;
    if (counts && voters.add(voter.id)) {
      ctx.pending().election();
    }
  }

  private void win() {
    ClusterNode self = ctx.self();
    ctx.notice("Election won in epoch " + epoch);
    if (self.configEpoch < epoch) {
      self.configEpoch = epoch;
    }
    takeOver();
  }

  /** Becomes the primary of the old one's slots and says so to everybody. */
  void takeOver() {
    ClusterNode self = ctx.self();
    ClusterNode old = self.primary;
    if (!self.isReplica() || old == null) {
      return;
    }
    membership.promote(self);
    ctx.events.add(new ClusterEvent.BecamePrimary());
    old.slots().forEach(slot -> ctx.state.assign(slot, self));
    asked = false;
    health.update();
    ctx.pending().saveDurably();
    ctx.pending().health();
    messenger.broadcastPong(node -> true);
    manual.reset();
    ctx.log(Level.NOTICE, "Now primary of " + self.slotCount() + " slots of node " + old);
  }

  /** A new primary, or none: whatever was planned is void. */
  void abandon() {
    asked = false;
    startsMs = 0;
    voters.clear();
  }
}
