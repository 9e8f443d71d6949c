package io.redknot.cluster;

import io.redknot.cluster.FailoverEvent.Kind;
import io.redknot.cluster.wire.BusBody;
import io.redknot.cluster.wire.BusFormat;
import io.redknot.cluster.wire.BusHeader;
import io.redknot.cluster.wire.MessageType;
import io.redknot.cluster.wire.NodeFlags;
import org.jspecify.annotations.Nullable;

/** Answers a replica's request for a vote: at most one per epoch, saved before it is sent. */
final class Voting {
  static final int VOTE_AGAIN_TIMEOUTS = 2;

  private final CoreContext ctx;
  private final Messenger messenger;

  Voting(CoreContext ctx, Messenger messenger) {
    this.ctx = ctx;
    this.messenger = messenger;
  }

  void onRequest(ClusterNode candidate, BusHeader request) {
    ClusterNode self = ctx.self();
    if (self.isReplica() || self.slotCount() == 0) {
      return;
    }
    String refusal = refusal(candidate, request);
    ClusterNode failed = candidate.primary;
    if (refusal != null || failed == null) {
      ctx.notice("No vote for node " + candidate + ": " + refusal);
      ctx.note(Kind.VOTE_REFUSED, candidate, String.valueOf(refusal));
      return;
    }
    ctx.state.lastVoteEpoch = ctx.state.currentEpoch;
    failed.votedAtMs = ctx.nowMs;
    failed.votedEpoch = ctx.state.currentEpoch;
    ctx.pending().saveDurably();
    messenger.sendTo(candidate, MessageType.AUTH_ACK, BusBody.Empty.INSTANCE);
    ctx.notice("Voted for node " + candidate + " in epoch " + ctx.state.currentEpoch);
    ctx.note(
        Kind.VOTE_GIVEN,
        candidate,
        "to replace node " + failed + ", offset " + request.replicationOffset());
  }

  private @Nullable String refusal(ClusterNode candidate, BusHeader request) {
    if (request.currentEpoch() < ctx.state.currentEpoch) {
      return "its epoch " + request.currentEpoch() + " is over";
    }
    if (ctx.state.lastVoteEpoch == ctx.state.currentEpoch) {
      return "already voted in epoch " + ctx.state.currentEpoch;
    }
    if (predecessorMayVote()) {
      return "its predecessor may vote as well, until it knows that it is replaced";
    }
    ClusterNode failed = candidate.primary;
    if (candidate.isPrimary() || failed == null) {
      return "it is not a replica with a known primary";
    }
    if (!failed.has(NodeFlags.FAIL) && !request.forcesAck()) {
      return "its primary is up";
    }
    long sinceMs = ctx.nowMs - failed.votedAtMs;
    // The winner of that vote has to have the time to tell. Who has won a later election since, and
    // failed again, has been told of.
    boolean wonSince = failed.configEpoch > failed.votedEpoch;
    if (!wonSince && sinceMs < VOTE_AGAIN_TIMEOUTS * ctx.settings.nodeTimeoutMs()) {
      return "voted about its primary " + sinceMs + " ms ago";
    }
    return outdatedSlot(request);
  }

  /** Two votes for the same slots in one epoch could make two winners. */
  private boolean predecessorMayVote() {
    ClusterNode predecessor = ctx.state.predecessor;
    boolean may =
        predecessor != null
            && predecessor.primary != ctx.self()
            && ctx.nowMs < ctx.state.predecessorUntilMs;
    if (!may) {
      ctx.state.predecessor = null;
    }
    return may;
  }

  private @Nullable String outdatedSlot(BusHeader request) {
    for (int slot = 0; slot < BusFormat.SLOTS; slot++) {
      if (request.slots().contains(slot) && !ctx.state.slots.isUnclaimed(slot)) {
        ClusterNode owner = ctx.state.slots.owner(slot);
        if (owner != null && owner.configEpoch > request.configEpoch()) {
          return "slot " + slot + " has a newer owner in epoch " + owner.configEpoch;
        }
      }
    }
    return null;
  }
}
