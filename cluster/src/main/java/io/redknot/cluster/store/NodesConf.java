package io.redknot.cluster.store;

import io.redknot.cluster.wire.NodeAddress;
import io.redknot.cluster.wire.NodeFlags;
import io.redknot.cluster.wire.SlotSet;
import java.util.TreeMap;

/**
 * The grammar of {@code nodes.conf}: written as Redis 7.2 does, read in the forms of 7.0 and 7.2.
 *
 * <pre>
 * id address flags primary ping pong epoch link slots
 * address = ip:port@bus,[hostname],tls-port=N[,nodename=X],shard-id=S
 * vars currentEpoch N lastVoteEpoch N
 * </pre>
 */
public final class NodesConf {
  private NodesConf() {}

  /**
   * Reads a file's text.
   *
   * @param tlsCluster whether a 7.0 line, which does not say it, names the TLS port
   * @throws NodesConfException naming the line that cannot be understood
   */
  public static SavedCluster parse(String text, boolean tlsCluster) throws NodesConfException {
    return new NodesConfParser(tlsCluster).parse(text);
  }

  /** The whole text of the file. */
  public static String format(SavedCluster cluster) {
    StringBuilder text = new StringBuilder(256 * (cluster.nodes().size() + 1));
    for (SavedNode node : cluster.nodes()) {
      appendNode(text, node);
    }
    text.append("vars currentEpoch ").append(cluster.currentEpoch());
    text.append(" lastVoteEpoch ").append(cluster.lastVoteEpoch()).append('\n');
    return text.toString();
  }

  private static void appendNode(StringBuilder text, SavedNode node) {
    NodeAddress address = node.address();
    text.append(node.id()).append(' ').append(address.ip());
    text.append(':').append(address.tcpPort()).append('@').append(address.busPort());
    text.append(',').append(node.hostname()).append(",tls-port=").append(address.tlsPort());
    if (!node.nodename().isEmpty()) {
      text.append(",nodename=").append(node.nodename());
    }
    text.append(",shard-id=").append(node.shardId());
    text.append(' ').append(NodeFlags.toText(node.flags()));
    text.append(' ').append(node.primaryId().isEmpty() ? "-" : node.primaryId());
    text.append(' ').append(node.pingSentMs()).append(' ').append(node.pongReceivedMs());
    text.append(' ').append(node.configEpoch());
    text.append(node.connected() ? " connected" : " disconnected");
    appendRanges(text, node.slots());
    appendMarkers(text, node);
    text.append('\n');
  }

  /** Appends {@code " 5"} or {@code " 0-5460"} for every maximal range. */
  public static void appendRanges(StringBuilder text, SlotSet slots) {
    int[] ranges = slots.ranges();
    for (int i = 0; i < ranges.length; i += 2) {
      text.append(' ').append(ranges[i]);
      if (ranges[i + 1] != ranges[i]) {
        text.append('-').append(ranges[i + 1]);
      }
    }
  }

  private static void appendMarkers(StringBuilder text, SavedNode node) {
    TreeMap<Integer, String> markers = new TreeMap<>();
    node.importing().forEach((slot, id) -> markers.put(slot, "-<-" + id));
    // An administrator may have set both; then the slot counts as leaving.
    node.migrating().forEach((slot, id) -> markers.put(slot, "->-" + id));
    markers.forEach((slot, peer) -> text.append(" [").append(slot).append(peer).append(']'));
  }

  /** Appends {@code " [93->-id]"} (leaving, arrow {@code "->-"}) or {@code " [77-<-id]"}. */
  public static void appendMarker(StringBuilder text, int slot, String arrow, String nodeId) {
    text.append(" [").append(slot).append(arrow).append(nodeId).append(']');
  }
}
