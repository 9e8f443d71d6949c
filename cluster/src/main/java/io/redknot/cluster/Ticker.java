package io.redknot.cluster;

import io.redknot.cluster.wire.MessageType;
import io.redknot.cluster.wire.NodeFlags;
import java.util.List;

/** What has to happen by itself, ten times a second. */
final class Ticker {
  private static final int TICKS_PER_SECOND = 10;
  private static final int RANDOM_DRAWS = 5;
  private static final int NOT_WATCHED = NodeFlags.MYSELF | NodeFlags.NOADDR | NodeFlags.HANDSHAKE;

  private final CoreContext ctx;
  private final Rules rules;
  private long ticks;

  Ticker(CoreContext ctx, Rules rules) {
    this.ctx = ctx;
    this.rules = rules;
  }

  void tick() {
    rules.stalls.onTick();
    rules.manual.step();
    rules.handshakes.expire();
    for (BusLink link : ctx.links.all()) {
      checkLink(link);
    }
    connect();
    boolean newSecond = ticks++ % TICKS_PER_SECOND == 0;
    if (newSecond) {
      pingRandomNode();
    }
    watchNodes();
    rules.membership.leaveSubReplica();
    rules.migration.onTick();
    ctx.pending().election();
    rules.health.onTick();
    // Making a view is most of what a tick of an idle node takes.
    if (newSecond || ctx.eventful || !ctx.actions.isEmpty()) {
      ctx.pending().view();
    }
  }

  private void checkLink(BusLink link) {
    long limit = ctx.settings.linkSendBufferLimitBytes();
    long waitingBytes = ctx.facts.sendBufferBytes(link.id);
    ctx.eventful |= waitingBytes != link.sendBufferBytes;
    link.sendBufferBytes = waitingBytes;
    ClusterNode node = link.node;
    if (limit > 0 && link.sendBufferBytes > limit) {
      ctx.notice("Send buffer of a link to " + link.peerIp + " is over its limit; closing it");
      ctx.state.linksOverLimit++;
      ctx.close(link);
    } else if (node != null && !link.inbound) {
      checkOutbound(link, node);
    }
  }

  /** A link that neither connects nor answers may be dead without an error: try a new one. */
  private void checkOutbound(BusLink link, ClusterNode node) {
    long timeoutMs = ctx.settings.nodeTimeoutMs();
    long ageMs = ctx.nowMs - link.createdMs;
    if (!link.up) {
      if (ageMs > Math.max(timeoutMs / 2, 1)) {
        startWaiting(node, link.createdMs);
        rules.processes.onNotConnected(node, false);
        ctx.close(link);
      }
      return;
    }
    boolean waiting = node.pingSentMs != 0 && ctx.nowMs - node.pingSentMs > timeoutMs / 2;
    boolean silent = ctx.nowMs - node.dataReceivedMs > timeoutMs / 2;
    // It may speak on a link of its own, while what this node says on this one is lost.
    boolean unheard = ctx.nowMs - link.receivedMs > timeoutMs;
    if (ageMs > timeoutMs && waiting && (silent || unheard)) {
      ctx.close(link);
    }
  }

  /** A node we cannot even connect to counts as pinged, so that it can be suspected. */
  static void startWaiting(ClusterNode node, long sinceMs) {
    if (node.pingSentMs == 0) {
      node.pingSentMs = sinceMs;
    }
  }

  private void connect() {
    for (ClusterNode node : ctx.state.nodes()) {
      boolean wanted =
          node != ctx.self()
              && !node.has(NodeFlags.NOADDR)
              && node.outbound == null
              && node.address.isKnown();
      if (wanted) {
        BusLink link = ctx.links.connect(node, ctx.nowMs);
        ctx.actions.add(new LinkAction.Connect(link.id, node.address.ip(), node.address.busPort()));
      }
    }
  }

  private void pingRandomNode() {
    List<ClusterNode> nodes = ctx.state.nodes();
    ClusterNode oldest = null;
    for (int i = 0; i < RANDOM_DRAWS; i++) {
      ClusterNode node = nodes.get(ctx.random.nextInt(nodes.size()));
      boolean idle =
          !node.has(NodeFlags.MYSELF | NodeFlags.HANDSHAKE)
              && node.isReachable()
              && node.pingSentMs == 0;
      if (idle && (oldest == null || node.pongReceivedMs < oldest.pongReceivedMs)) {
        oldest = node;
      }
    }
    if (oldest != null) {
      ping(oldest);
    }
  }

  private void watchNodes() {
    int suspects = 0;
    for (ClusterNode node : ctx.state.nodes()) {
      if (!node.has(NOT_WATCHED)) {
        pingIfDue(node);
        rules.failures.onTick(node);
        suspects += node.has(NodeFlags.PFAIL) ? 1 : 0;
      }
    }
    ctx.state.pfailNodes = suspects;
    rules.failures.onTickEnd();
  }

  private void pingIfDue(ClusterNode node) {
    if (!node.isReachable()) {
      return;
    }
    boolean due =
        node.pingSentMs == 0 && ctx.nowMs - node.pongReceivedMs > ctx.settings.pingAfterMs();
    boolean failingOver =
        ctx.self().isPrimary() && rules.manual.isArmed() && rules.manual.replica() == node;
    if (due || failingOver) {
      ping(node);
    }
  }

  private void ping(ClusterNode node) {
    BusLink link = node.outbound;
    if (link != null) {
      rules.messenger.ping(link, MessageType.PING);
    }
  }
}
