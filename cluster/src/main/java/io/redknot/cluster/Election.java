package io.redknot.cluster;

import io.redknot.cluster.FailoverEvent.Kind;
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

  /** Where the primary's process is gone: the voters have seen it too. */
  static final long FAST_FIXED_DELAY_MS = 200;

  static final int FAST_RANDOM_DELAY_MS = 200;
  static final long RANK_DELAY_MS = 1000;
  static final long TIMEOUT_MIN_MS = 2000;
  private static final long MS_PER_SECOND = 1000;

  private final CoreContext ctx;
  private final Rules rules;
  private final Messenger messenger;
  private final ManualFailover manual;

  /** When to ask for votes, or when it was asked. */
  private long startsMs;

  private boolean asked;

  /** Whether the delay is the short one. */
  private boolean fast;

  private int rank;
  private long epoch;

  /** When votes were asked for: while slots change hands there seem to be fewer primaries. */
  private int quorum;

  /** The primary the current plan is about. */
  private @Nullable ClusterNode contested;

  private final Set<String> voters = new HashSet<>();

  Election(CoreContext ctx, Rules rules) {
    this.ctx = ctx;
    this.rules = rules;
    this.messenger = rules.messenger;
    this.manual = rules.manual;
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
    if (voters.size() >= Math.max(quorum, ctx.state.quorum())) {
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
    fast = false;
    if (manual.canStart()) {
      rank = 0;
      startsMs = ctx.nowMs;
    } else {
      rank = rank();
      fast = contested != null && rules.processes.isGone(contested);
      long fixedMs = fast ? FAST_FIXED_DELAY_MS : FIXED_DELAY_MS;
      long jitterMs = ctx.random.nextInt(fast ? FAST_RANDOM_DELAY_MS : RANDOM_DELAY_MS);
      startsMs = ctx.nowMs + fixedMs + jitterMs + rank * RANK_DELAY_MS;
    }
    String plan =
        "in "
            + (startsMs - ctx.nowMs)
            + " ms, rank "
            + rank
            + ", offset "
            + ctx.facts.replicationOffset();
    ctx.notice("Election " + plan);
    // Siblings learn this replica's offset and can rank themselves.
    ClusterNode primary = ctx.self().primary;
    if (primary != null) {
      ctx.note(Kind.PLANNED, primary, plan);
    }
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
    quorum = ctx.state.quorum();
    voters.clear();
    ctx.notice("Asking for votes in epoch " + epoch);
    ClusterNode primary = ctx.self().primary;
    if (fast && primary != null) {
      // A voter that has not heard of the quorum yet would refuse, and is asked only once.
      messenger.broadcastFail(primary);
    }
    messenger.broadcastAuthRequest();
    asked = true;
    if (primary != null) {
      ctx.note(Kind.ASKED, primary, "in epoch " + epoch + ", rank " + rank);
    }
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
      ctx.note(Kind.VOTE_RECEIVED, voter, voters.size() + " of " + ctx.state.quorum());
      ctx.pending().election();
    }
  }

  private void win() {
    ClusterNode self = ctx.self();
    ctx.notice("Election won in epoch " + epoch);
    if (self.configEpoch < epoch) {
      self.configEpoch = epoch;
    }
    rules.health.onElected();
    takeOver();
  }

  /** Becomes the primary of the old one's slots and says so to everybody. */
  void takeOver() {
    ClusterNode self = ctx.self();
    ClusterNode old = self.primary;
    if (!self.isReplica() || old == null) {
      return;
    }
    rules.membership.promote(self);
    ctx.events.add(new ClusterEvent.BecamePrimary());
    if (!old.has(NodeFlags.FAIL)) {
      ctx.state.predecessor = old;
      ctx.state.predecessorUntilMs = ctx.nowMs + ctx.settings.nodeTimeoutMs();
    }
    int taken = old.slotCount();
    old.slots().forEach(slot -> ctx.state.assign(slot, self));
    rules.openSlots.takeUp(old);
    ctx.note(
        Kind.REPLACED,
        old,
        taken + " slots, " + voters.size() + " votes, config epoch " + self.configEpoch);
    // The next election, perhaps soon and about the same node, is planned anew.
    abandon();
    rules.health.update();
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
