package io.redknot.server.tool;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The cluster as one node sees it at one moment: its CLUSTER NODES and CLUSTER INFO. */
record NodeView(NodeLine myself, List<NodeLine> nodes, String clusterInfo) {

  static NodeView of(RespClient node) throws IOException {
    List<NodeLine> nodes = NodeLine.parseAll(node.ask("CLUSTER", "NODES"));
    for (NodeLine line : nodes) {
      if (line.myself()) {
        return new NodeView(line, nodes, node.ask("CLUSTER", "INFO"));
      }
    }
    throw new IOException(node.address() + " does not find itself in CLUSTER NODES");
  }

  /** Whether the node serves requests, as it says itself. */
  boolean stateOk() {
    return field(clusterInfo, "cluster_state").equals("ok");
  }

  /** Who owns which slots: equal texts mean that two nodes agree. */
  String ownership() {
    return nodes.stream()
        .filter(line -> !line.slots().isEmpty())
        .map(line -> line.id().toLowerCase(Locale.ROOT) + ":" + String.join(",", line.slots()))
        .sorted()
        .collect(Collectors.joining("|"));
  }

  int slotsOwnedByAll() {
    return nodes.stream().mapToInt(NodeLine::slotCount).sum();
  }

  long joinedCount() {
    return nodes.stream().filter(NodeLine::joined).count();
  }

  /** The value of a {@code key:value} line as INFO and CLUSTER INFO print them; empty if absent. */
  static String field(String info, String key) {
    return info.lines()
        .filter(line -> line.startsWith(key + ":"))
        .map(line -> line.substring(key.length() + 1).strip())
        .findFirst()
        .orElse("");
  }
}
