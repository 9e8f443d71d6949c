package io.redknot.cluster;

import io.redknot.cluster.wire.BusBody.Gossip;
import io.redknot.cluster.wire.BusFormat;
import io.redknot.cluster.wire.BusHeader;
import io.redknot.cluster.wire.BusMessage;
import io.redknot.cluster.wire.MessageType;
import io.redknot.cluster.wire.NodeAddress;
import io.redknot.cluster.wire.NodeFlags;
import io.redknot.cluster.wire.NodeIds;
import io.redknot.cluster.wire.PingExtension;
import org.jspecify.annotations.Nullable;

/** Handles PING, PONG and MEET, which carry all of a node's standing claims. */
final class PingHandler {
  private final CoreContext ctx;
  private final Rules rules;

  PingHandler(CoreContext ctx, Rules rules) {
    this.ctx = ctx;
    this.rules = rules;
  }

  void handle(BusLink link, @Nullable ClusterNode sender, BusMessage message, Gossip gossip) {
    BusHeader header = message.header();
    if (sender != null) {
      sender.extended = isExtended(header, gossip);
    }
    if (message.type() != MessageType.PONG) {
      answer(link, sender, message, gossip);
    }
    if (sender == ctx.self()) {
      dropLinkToMyself(link);
      return;
    }
    if (!link.inbound && !isExpectedPeer(link, sender, header)) {
      return;
    }
    if (sender != null) {
      readFlags(link, sender, message);
    }
    if (!link.inbound && message.type() == MessageType.PONG && link.node != null) {
      link.node.pongReceivedMs = ctx.nowMs;
      link.node.pingSentMs = 0;
      link.node.answered = true;
      rules.failures.onPong(link.node);
    }
    if (sender != null) {
      readRole(sender, header);
      readSlots(sender, header);
      rules.epochs.resolveCollision(sender, header.configEpoch());
      rules.gossip.read(sender, gossip.entries());
      rules.gossip.readExtensions(sender, gossip.extensions());
      rules.openSlots.read(sender, gossip.extensions());
    }
  }

  /**
   * Redis 7.0 sends host names alone; 7.2 always more; newer ones always say that extensions may
   * follow, and begin with none.
   */
  private static boolean isExtended(BusHeader header, Gossip gossip) {
    boolean says = (header.messageFlags() & BusFormat.FLAG_EXTENSIONS) != 0;
    return (header.flags() & NodeFlags.EXTENSIONS) != 0
        || (says && gossip.extensions().isEmpty())
        || gossip.extensions().stream().anyMatch(e -> !(e instanceof PingExtension.Hostname));
  }

  /** Every PING and MEET is answered, whoever sent it: the sender measures us by the answer. */
  private void answer(
      BusLink link, @Nullable ClusterNode sender, BusMessage message, Gossip gossip) {
    boolean meet = message.type() == MessageType.MEET;
    learnOwnIp(link, meet);
    if (sender == null && meet) {
      rules.handshakes.answer(addressOf(link, message.header()));
      rules.gossip.read(null, gossip.entries());
    }
    rules.messenger.ping(link, MessageType.PONG);
  }

  /** The address others reach this node by is the one they connected to. */
  private void learnOwnIp(BusLink link, boolean meet) {
    NodeAddress own = ctx.self().address;
    boolean mayLearn = ctx.settings.announceIp().isEmpty() && (meet || own.ip().isEmpty());
    if (mayLearn && !link.localIp.isEmpty() && !link.localIp.equals(own.ip())) {
      ctx.self().address = own.withIp(link.localIp);
      ctx.notice("Own address is now " + link.localIp);
      ctx.pending().save();
    }
  }

  private NodeAddress addressOf(BusLink link, BusHeader header) {
    return NodeAddress.ofWire(
        header.ip().isEmpty() ? link.peerIp : header.ip(),
        header.port(),
        header.secondaryPort(),
        header.busPort(),
        ctx.settings.tlsCluster());
  }

  private void dropLinkToMyself(BusLink link) {
    ClusterNode node = link.node;
    if (!link.inbound && node != null && node.inHandshake()) {
      rules.membership.remove(node);
    }
  }

  /** On a link we opened: is the node at the other end the one we meant? */
  private boolean isExpectedPeer(BusLink link, @Nullable ClusterNode sender, BusHeader header) {
    ClusterNode node = link.node;
    if (node == null) {
      return true;
    }
    if (node.inHandshake()) {
      if (sender != null) {
        updateAddress(link, sender, header);
        rules.membership.remove(node);
        return false;
      }
      if (!NodeIds.isValid(header.sender())) {
        ctx.close(link);
        return false;
      }
      rules.handshakes.complete(node, header);
      return true;
    }
    if (!node.id.equals(header.sender())) {
      ctx.notice("Node " + header.sender() + " answers at the address of node " + node);
      node.set(NodeFlags.NOADDR);
      node.address = NodeAddress.UNKNOWN;
      ctx.close(link);
      ctx.pending().save();
      return false;
    }
    return true;
  }

  private void readFlags(BusLink link, ClusterNode sender, BusMessage message) {
    int flags = sender.flags & ~NodeFlags.NOFAILOVER;
    sender.flags = flags | (message.header().flags() & NodeFlags.NOFAILOVER);
    if (message.type() == MessageType.PING && !sender.inHandshake()) {
      updateAddress(link, sender, message.header());
    }
  }

  private void updateAddress(BusLink link, ClusterNode sender, BusHeader header) {
    NodeAddress address = addressOf(link, header);
    if (link != sender.outbound && !address.equals(sender.address)) {
      ctx.notice("Address of node " + sender + " is now " + address.ip() + ":" + header.port());
      rules.membership.moveTo(sender, address);
    }
  }

  private void readRole(ClusterNode sender, BusHeader header) {
    if (header.saysPrimary()) {
      rules.membership.promote(sender);
      return;
    }
    if (!sender.isReplica()) {
      rules.membership.demote(sender);
    }
    ClusterNode primary = ctx.state.find(header.primaryId());
    if (primary != null && primary != sender && primary != sender.primary) {
      rules.membership.follow(sender, primary);
      ctx.pending().save();
    }
  }

  private void readSlots(ClusterNode sender, BusHeader header) {
    ClusterNode holder = sender.isPrimary() ? sender : sender.primary;
    if (holder == null) {
      return;
    }
    boolean differs =
        !holder.slots().equals(header.slots())
            || (sender.isPrimary() && ctx.state.slots.hasUnclaimed(holder));
    if (!differs) {
      return;
    }
    if (sender.isPrimary()) {
      rules.claims.apply(sender, header.configEpoch(), header.slots());
    }
    rules.claims.correct(sender, header.configEpoch(), header.slots());
  }
}
