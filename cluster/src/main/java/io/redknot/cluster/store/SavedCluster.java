package io.redknot.cluster.store;

import java.util.List;

/**
 * What {@code nodes.conf} holds.
 *
 * @param nodes every node once, exactly one of them flagged myself
 * @param currentEpoch at least the config epoch of every node
 * @param lastVoteEpoch the last epoch in which this node granted a vote
 */
public record SavedCluster(List<SavedNode> nodes, long currentEpoch, long lastVoteEpoch) {
  public SavedCluster {
    nodes = List.copyOf(nodes);
  }
}
