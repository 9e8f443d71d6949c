package io.redknot.cluster;

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
      return;
    }
    ctx.state.lastVoteEpoch = ctx.state.currentEpoch;
    failed.votedAtMs = ctx.nowMs;
    ctx.pending().saveDurably();
    messenger.sendTo(candidate, MessageType.AUTH_ACK, BusBody.Empty.INSTANCE);
    ctx.notice("Voted for node " + candidate + " in epoch " + ctx.state.currentEpoch);
  }

  private @Nullable String refusal(ClusterNode candidate, BusHeader request) {
    if (request.currentEpoch() < ctx.state.currentEpoch) {
      return "its epoch " + request.currentEpoch() + " is over";
    }
    if (ctx.state.lastVoteEpoch == ctx.state.currentEpoch) {
      return "already voted in epoch " + ctx.state.currentEpoch;
    }
    ClusterNode failed = candidate.primary;
    if (candidate.isPrimary() || failed == null) {
      return "it is not a replica with a known primary";
    }
    if (!failed.has(NodeFlags.FAIL) && !request.forcesAck()) {
      return "its primary is up";
    }
    long sinceMs = ctx.nowMs - failed.votedAtMs;
    if (sinceMs < VOTE_AGAIN_TIMEOUTS * ctx.settings.nodeTimeoutMs()) {
      return "voted about its primary " + sinceMs + " ms ago";
    }
    return outdatedSlot(request);
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
