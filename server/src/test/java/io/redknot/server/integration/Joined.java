package io.redknot.server.integration;

import java.io.IOException;
import java.util.List;

/** Nodes brought together by the commands that redis-cli sends, without waiting for redis-cli. */
final class Joined {
  private Joined() {}

  /** Gives each node an epoch of its own and lets it meet the first; returns when all know all. */
  static void meet(List<NodeProcess> nodes) throws IOException {
    int epoch = 1;
    for (NodeProcess node : nodes) {
      node.text("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(epoch++));
    }
    introduce(nodes);
  }

  /** Lets each node meet the first, with the epochs that they have. */
  static void introduce(List<NodeProcess> nodes) throws IOException {
    NodeProcess first = nodes.getFirst();
    for (NodeProcess node : nodes.subList(1, nodes.size())) {
      node.text("CLUSTER", "MEET", "127.0.0.1", Integer.toString(first.port()));
    }
    for (NodeProcess node : nodes) {
      Waiting.untilNothing(
          node + " knows all " + nodes.size(),
          () -> {
            String told = node.text("CLUSTER", "NODES");
            boolean all = told.lines().count() == nodes.size() && !told.contains("handshake");
            return all ? "" : told;
          });
    }
  }
}
