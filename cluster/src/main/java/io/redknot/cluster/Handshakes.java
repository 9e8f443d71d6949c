package io.redknot.cluster;

import io.redknot.cluster.wire.BusHeader;
import io.redknot.cluster.wire.NodeAddress;
import io.redknot.cluster.wire.NodeFlags;
import io.redknot.cluster.wire.NodeIds;

/** Nodes we have an address of but no name for yet. They exist under a random id for a while. */
final class Handshakes {
  private final CoreContext ctx;
  private final Membership membership;

  Handshakes(CoreContext ctx, Membership membership) {
    this.ctx = ctx;
    this.membership = membership;
  }

  /** CLUSTER MEET: says MEET to that address, unless it is being met already. */
  void meet(String ip, int port, int busPort) {
    boolean tls = ctx.settings.tlsCluster();
    start(NodeAddress.ofWire(ip, port, 0, busPort, tls), NodeFlags.HANDSHAKE | NodeFlags.MEET);
  }

  /** Somebody unknown said MEET: connect back and ask for its name. */
  void answer(NodeAddress address) {
    start(address, NodeFlags.HANDSHAKE);
  }

  private void start(NodeAddress address, int flags) {
    for (ClusterNode node : ctx.state.nodes()) {
      boolean same =
          node.inHandshake()
              && node.address.ip().equals(address.ip())
              && node.address.busPort() == address.busPort()
              && node.address.tcpPort() == address.tcpPort();
      if (same) {
        return;
      }
    }
    membership.create(NodeIds.random(ctx.random), flags, address);
  }

  /** A handshake nobody answers ends after the node timeout, but not before a second. */
  void expire() {
    long timeoutMs = ctx.settings.handshakeTimeoutMs();
    for (ClusterNode node : ctx.state.nodesCopy()) {
      if (node.inHandshake() && ctx.nowMs - node.createdMs > timeoutMs) {
        membership.remove(node);
      }
    }
  }

  /** The node told its name. */
  void complete(ClusterNode node, BusHeader header) {
    ctx.state.rename(node, header.sender());
    node.clear(NodeFlags.HANDSHAKE | NodeFlags.MEET);
    node.set(header.flags() & (NodeFlags.PRIMARY | NodeFlags.REPLICA));
    ctx.notice("Handshake with node " + node + " is complete");
    ctx.pending().save();
    ctx.pending().health();
  }
}
