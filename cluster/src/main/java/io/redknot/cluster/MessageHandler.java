package io.redknot.cluster;

import io.redknot.cluster.wire.BusBody;
import io.redknot.cluster.wire.BusHeader;
import io.redknot.cluster.wire.BusMessage;
import io.redknot.cluster.wire.MessageType;
import org.jspecify.annotations.Nullable;

/** What happens when a message arrives: find the sender, note what its header says, dispatch. */
final class MessageHandler {
  private final CoreContext ctx;
  private final Rules rules;
  private final PingHandler pings;

  MessageHandler(CoreContext ctx, Rules rules) {
    this.ctx = ctx;
    this.rules = rules;
    this.pings = new PingHandler(ctx, rules);
  }

  void handle(BusLink link, BusMessage message) {
    ctx.state.received[message.type().code()]++;
    link.receivedMs = ctx.nowMs;
    ClusterNode sender = ctx.state.find(message.header().sender());
    if (sender != null && sender != ctx.self()) {
      bind(link, sender);
      note(sender, message.header());
      noteHandOver(link, sender, message);
    }
    switch (message.body()) {
      case BusBody.Gossip gossip -> pings.handle(link, sender, message, gossip);
      case BusBody.Fail fail -> onFail(sender, fail);
      case BusBody.Update update -> onUpdate(sender, update);
      case BusBody.Publish publish -> onPublish(sender, message.type(), publish);
      case BusBody.Module module ->
          ctx.log(LogLine.Level.DEBUG, "Ignored a message of module " + module.moduleId());
      case BusBody.Empty empty -> onBare(link, sender, message);
    }
  }

  /** An accepted link belongs to the first known node that speaks on it. */
  private void bind(BusLink link, ClusterNode sender) {
    if (!link.inbound || link.node != null) {
      return;
    }
    BusLink old = sender.inbound;
    if (old != null) {
      ctx.close(old);
    }
    sender.inbound = link;
    link.node = sender;
  }

  private void note(ClusterNode sender, BusHeader header) {
    sender.dataReceivedMs = ctx.nowMs;
    rules.processes.onSignOfLife(sender);
    if (sender.inHandshake()) {
      return;
    }
    rules.epochs.observe(sender, header);
    sender.replicationOffset = header.replicationOffset();
  }

  private void noteHandOver(BusLink link, ClusterNode sender, BusMessage message) {
    if (sender.inHandshake() || ctx.self().primary != sender) {
      return;
    }
    // Unasked, a node pings on links of its own only.
    if (message.type() == MessageType.PING && !link.inbound) {
      rules.manual.onAnswer();
    }
    if (message.header().saysPaused()) {
      rules.manual.onPausedAt(message.header().replicationOffset());
    }
  }

  private void onFail(@Nullable ClusterNode sender, BusBody.Fail fail) {
    ClusterNode target = ctx.state.find(fail.nodeId());
    if (sender == null || target == null) {
      return;
    }
    if (target == ctx.self()) {
      onHeldForFailed(sender);
    } else {
      rules.failures.onFailMessage(target, sender);
    }
  }

  /** A quorum does not hear this node, and may elect another in its place: that is to be known. */
  private void onHeldForFailed(ClusterNode sender) {
    ClusterNode self = ctx.self();
    if (self.isPrimary() && self.slotCount() > 0 && !rules.health.isInDoubt()) {
      ctx.log(
          LogLine.Level.WARNING,
          "Node "
              + sender
              + " says that a quorum holds this node for failed; refusing writes until a majority"
              + " was heard from");
      rules.health.onDoubt();
    }
  }

  private void onPublish(@Nullable ClusterNode sender, MessageType type, BusBody.Publish publish) {
    if (sender != null) {
      boolean sharded = type == MessageType.PUBLISHSHARD;
      ctx.events.add(new ClusterEvent.Published(sharded, publish.channel(), publish.message()));
    }
  }

  private void onUpdate(@Nullable ClusterNode sender, BusBody.Update update) {
    ClusterNode target = ctx.state.find(update.nodeId());
    if (sender == null || target == null || target == ctx.self()) {
      return;
    }
    if (target.configEpoch >= update.configEpoch()) {
      return;
    }
    rules.membership.promote(target);
    target.configEpoch = update.configEpoch();
    ctx.pending().saveDurably();
    rules.claims.apply(target, update.configEpoch(), update.slots());
  }

  private void onBare(BusLink link, @Nullable ClusterNode sender, BusMessage message) {
    if (sender == null || sender == ctx.self()) {
      return;
    }
    switch (message.type()) {
      case AUTH_REQUEST -> rules.voting.onRequest(sender, message.header());
      case AUTH_ACK -> rules.election.onVote(sender, message.header());
      case MFSTART -> onManualFailoverStart(link, sender);
      default -> throw new IllegalStateException(message.type() + " without a body");
    }
  }

  private void onManualFailoverStart(BusLink link, ClusterNode sender) {
    if (sender.primary == ctx.self()) {
      rules.manual.startAsPrimary(sender);
      rules.messenger.ping(link, MessageType.PING);
    }
  }
}
