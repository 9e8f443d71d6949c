package io.redknot.cluster;

import io.redknot.cluster.store.NodesConf;
import io.redknot.cluster.wire.NodeFlags;

/** The text of CLUSTER NODES, and single lines of it for CLUSTER REPLICAS. */
public final class ClusterNodesText {
  private ClusterNodesText() {}

  /**
   * All nodes, one per line, every line ended by a newline.
   *
   * @param tls whether the client that asks came over TLS, and wants TLS ports
   */
  public static String render(ClusterView view, boolean tls) {
    StringBuilder text = new StringBuilder(192 * view.nodes().size());
    for (int i = 0; i < view.nodes().size(); i++) {
      appendLine(text, view, i, tls);
      text.append('\n');
    }
    return text.toString();
  }

  /** One node, without the newline. */
  public static String line(ClusterView view, int index, boolean tls) {
    StringBuilder text = new StringBuilder(192);
    appendLine(text, view, index, tls);
    return text.toString();
  }

  private static void appendLine(StringBuilder text, ClusterView view, int index, boolean tls) {
    NodeView node = view.nodes().get(index);
    text.append(node.id()).append(' ').append(node.address().ip());
    text.append(':').append(view.clientPort(index, tls));
    text.append('@').append(node.address().busPort());
    if (!node.hostname().isEmpty()) {
      text.append(',').append(node.hostname());
    }
    text.append(' ').append(NodeFlags.toText(node.flags())).append(' ');
    int primary = node.primaryIndex();
    text.append(primary == ClusterView.NONE ? "-" : view.nodes().get(primary).id());
    text.append(' ').append(node.pingSentMs()).append(' ').append(node.pongReceivedMs());
    text.append(' ').append(node.configEpoch());
    text.append(node.linkConnected() ? " connected" : " disconnected");
    NodesConf.appendRanges(text, node.slots());
    if (node.isMyself()) {
      appendMarkers(text, view);
    }
  }

  private static void appendMarkers(StringBuilder text, ClusterView view) {
    int[] leaving = view.migratingSlots();
    int[] arriving = view.importingSlots();
    int l = 0;
    int a = 0;
    while (l < leaving.length || a < arriving.length) {
      if (a == arriving.length || (l < leaving.length && leaving[l] <= arriving[a])) {
        int slot = leaving[l++];
        // Leaving wins when an administrator set both.
        a += a < arriving.length && arriving[a] == slot ? 1 : 0;
        NodesConf.appendMarker(text, slot, "->-", view.nodes().get(view.migratingTo(slot)).id());
      } else {
        int slot = arriving[a++];
        NodesConf.appendMarker(text, slot, "-<-", view.nodes().get(view.importingFrom(slot)).id());
      }
    }
  }
}
