package io.redknot.cluster;

import io.redknot.cluster.wire.BusBody;
import io.redknot.cluster.wire.BusFormat;
import io.redknot.cluster.wire.BusHeader;
import io.redknot.cluster.wire.BusMessage;
import io.redknot.cluster.wire.MessageType;
import io.redknot.cluster.wire.NodeAddress;
import io.redknot.cluster.wire.NodeFlags;
import io.redknot.cluster.wire.PingExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Composes messages and puts them on the right link: a PONG that answers goes back on the link of
 * the question, everything else over this node's own link, or, where that is down and the message
 * is for one node, over that node's. What cannot be sent now is dropped.
 */
final class Messenger {
  private static final long MS_PER_SECOND = 1000;

  private final CoreContext ctx;
  private final GossipPicker gossip;
  private final ManualFailover manual;

  Messenger(CoreContext ctx, ManualFailover manual) {
    this.ctx = ctx;
    this.gossip = new GossipPicker(ctx);
    this.manual = manual;
  }

  /** PING, PONG or MEET. A PING on an own link starts the wait for its pong. */
  void ping(BusLink link, MessageType type) {
    ClusterNode node = link.node;
    if (type == MessageType.PING && !link.inbound && node != null) {
      node.pingSentMs = ctx.nowMs;
    }
    send(link, type, new BusBody.Gossip(gossip.pick(), extensions(node)));
  }

  /** The first words on a fresh link of our own. */
  void greet(BusLink link, ClusterNode node) {
    long outstandingMs = node.pingSentMs;
    ping(link, node.has(NodeFlags.MEET) ? MessageType.MEET : MessageType.PING);
    if (outstandingMs != 0) {
      // A reconnect must not make a dead node look freshly pinged.
      node.pingSentMs = outstandingMs;
    }
    node.clear(NodeFlags.MEET);
  }

  /** PONG to everybody: the fastest way to make a new role or slot owner known. */
  void broadcastPong(Predicate<ClusterNode> to) {
    for (ClusterNode node : ctx.state.nodes()) {
      BusLink link = node.outbound;
      if (isTarget(node) && link != null && to.test(node)) {
        ping(link, MessageType.PONG);
      }
    }
  }

  void broadcastFail(ClusterNode failed) {
    broadcast(MessageType.FAIL, new BusBody.Fail(failed.id), node -> true);
  }

  void broadcastAuthRequest() {
    broadcast(MessageType.AUTH_REQUEST, BusBody.Empty.INSTANCE, node -> true);
  }

  void broadcast(MessageType type, BusBody body, Predicate<ClusterNode> to) {
    BusMessage message = new BusMessage(type, header(type), body);
    for (ClusterNode node : ctx.state.nodes()) {
      BusLink link = node.outbound;
      if (isTarget(node) && link != null && to.test(node)) {
        send(link, message);
      }
    }
  }

  /** Tells a node that the slots it claims belong to somebody with a newer epoch. */
  void update(ClusterNode to, ClusterNode about) {
    sendTo(
        to,
        MessageType.UPDATE,
        new BusBody.Update(about.configEpoch, about.id, ctx.state.slots.claimedSlots(about)));
  }

  /**
   * Where there is no own link, over the node's: one whose port is closed must learn things, too.
   */
  void sendTo(ClusterNode node, MessageType type, BusBody body) {
    BusLink link = node.isReachable() ? node.outbound : node.inbound;
    if (link != null) {
      send(link, type, body);
    }
  }

  private boolean isTarget(ClusterNode node) {
    return node != ctx.self() && !node.inHandshake() && node.isReachable();
  }

  private void send(BusLink link, MessageType type, BusBody body) {
    send(link, new BusMessage(type, header(type), body));
  }

  private void send(BusLink link, BusMessage message) {
    ctx.state.sent[message.type().code()]++;
    ctx.actions.add(new LinkAction.Send(link.id, message));
  }

  private BusHeader header(MessageType type) {
    ClusterNode self = ctx.self();
    ClusterNode holder = self.slotHolder();
    ClusterNode primary = self.primary;
    NodeAddress announced = ctx.settings.announced();
    boolean tls = ctx.settings.tlsCluster();
    return new BusHeader(
        self.id,
        ctx.state.currentEpoch,
        holder.configEpoch,
        ctx.facts.replicationOffset(),
        holder.slots(),
        self.isReplica() && primary != null ? primary.id : "",
        announced.ip(),
        announced.wirePort(tls),
        announced.wireSecondaryPort(tls),
        announced.busPort(),
        self.flags | NodeFlags.EXTENSIONS,
        ctx.state.ok,
        messageFlags(type));
  }

  private int messageFlags(MessageType type) {
    // Before all writes are held back the offset is not the last one, and must not pass for it.
    boolean paused = ctx.self().isPrimary() && manual.isArmed() && ctx.facts.holdsWritesBack();
    int flags = paused ? BusFormat.FLAG_PAUSED : 0;
    boolean force = type == MessageType.AUTH_REQUEST && manual.isArmed();
    // Always, with or without any: newer servers send theirs only to who has set it.
    return flags | BusFormat.FLAG_EXTENSIONS | (force ? BusFormat.FLAG_FORCE_ACK : 0);
  }

  /** For Redis 7.0 only what it knows: it logs each of the others. */
  private List<PingExtension> extensions(@Nullable ClusterNode to) {
    List<PingExtension> extensions = new ArrayList<>();
    ClusterNode self = ctx.self();
    if (!self.hostname.isEmpty()) {
      extensions.add(new PingExtension.Hostname(self.hostname));
    }
    if (to == null || !to.extended) {
      return extensions;
    }
    if (!self.nodename.isEmpty()) {
      extensions.add(new PingExtension.Nodename(self.nodename));
    }
    ctx.state.blacklist.forEach(
        (id, endsMs) -> {
          long seconds = (endsMs - ctx.nowMs) / MS_PER_SECOND;
          if (seconds > 0) {
            extensions.add(new PingExtension.ForgottenNode(id, seconds));
          }
        });
    extensions.add(new PingExtension.ShardId(self.shardId));
    if (OpenSlots.isMyReplica(ctx, to)) {
      extensions.addAll(OpenSlots.of(ctx.state.slots));
    }
    return extensions;
  }
}
