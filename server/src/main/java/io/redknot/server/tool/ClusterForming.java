package io.redknot.server.tool;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns empty nodes into a cluster with the steps of {@code redis-cli --cluster create}: slots and
 * distinct epochs first, while every node is alone; then everybody meets the first node; then, when
 * all agree, replicas choose their primaries.
 */
final class ClusterForming {
  private final List<RespClient> nodes;
  private final ClusterPlan plan;
  private final long limitMs;
  private final PrintStream progress;

  /**
   * @param nodes connected, in the order of the plan
   * @param limitMs time each wait may take
   */
  ClusterForming(List<RespClient> nodes, ClusterPlan plan, long limitMs, PrintStream progress) {
    this.nodes = nodes;
    this.plan = plan;
    this.limitMs = limitMs;
    this.progress = progress;
  }

  /**
   * Forms the cluster and returns when every node serves requests and every replica is in sync.
   *
   * @throws FormingException if a node is not empty or not alone, or a wait passes its limit
   */
  void run() throws IOException, FormingException, InterruptedException {
    for (RespClient node : nodes) {
      refuseUnlessFresh(node);
    }
    assignSlotsAndEpochs();
    introduceEverybody();
    assignReplicas();
    awaitServing();
  }

  /**
   * Sees to it that a node may join a cluster.
   *
   * @throws FormingException if it is not empty, or not alone
   */
  static void refuseUnlessFresh(RespClient node) throws IOException, FormingException {
    String info = node.ask("INFO");
    if (!NodeView.field(info, "cluster_enabled").equals("1")) {
      throw new FormingException(node.address() + " does not run with cluster-enabled yes");
    }
    NodeView view = NodeView.of(node);
    if (view.nodes().size() != 1 || view.slotsOwnedByAll() != 0) {
      throw new FormingException(node.address() + " is part of a cluster already");
    }
    if (!NodeView.field(info, "db0").isEmpty()) {
      throw new FormingException(
          node.address() + " holds keys; only empty nodes can form a cluster");
    }
  }

  private void assignSlotsAndEpochs() throws IOException {
    progress.printf(
        "Sharing %d slots among %d primaries ...%n", ClusterPlan.SLOTS, plan.primaries());
    for (int i = 0; i < plan.primaries(); i++) {
      ClusterPlan.SlotRange range = plan.ranges().get(i);
      nodes
          .get(i)
          .ask(
              "CLUSTER",
              "ADDSLOTSRANGE",
              Integer.toString(range.first()),
              Integer.toString(range.last()));
    }
    // Distinct from the start, so that no two primaries ever have to settle a collision.
    for (int i = 0; i < nodes.size(); i++) {
      nodes.get(i).ask("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
    }
  }

  /**
   * Has a node join another one's cluster.
   *
   * @param busPort of the other one, which need not be that of the default
   */
  static void meet(RespClient node, NodeAddress other, int busPort) throws IOException {
    String port = Integer.toString(other.port());
    if (busPort == 0) {
      node.ask("CLUSTER", "MEET", other.host(), port);
    } else {
      node.ask("CLUSTER", "MEET", other.host(), port, Integer.toString(busPort));
    }
  }

  private void introduceEverybody() throws IOException, FormingException, InterruptedException {
    if (nodes.size() == 1) {
      return;
    }
    progress.printf("Introducing %d nodes to each other ...%n", nodes.size());
    NodeAddress first = nodes.getFirst().address();
    int busPort = NodeView.of(nodes.getFirst()).myself().busPort();
    for (RespClient node : nodes.subList(1, nodes.size())) {
      meet(node, first, busPort);
    }
    if (!Patience.await(limitMs, this::allAgree)) {
      throw new FormingException(
          "the nodes did not all find each other within "
              + limitMs / 1000
              + " s; are their bus ports reachable?");
    }
  }

  private boolean allAgree() throws IOException {
    List<NodeView> views = views();
    String ownership = views.getFirst().ownership();
    return views.stream()
        .allMatch(view -> view.joinedCount() == nodes.size() && view.ownership().equals(ownership));
  }

  private void assignReplicas() throws IOException {
    int replicas = nodes.size() - plan.primaries();
    if (replicas == 0) {
      return;
    }
    progress.printf("Giving %d replicas their primaries ...%n", replicas);
    for (int i = plan.primaries(); i < nodes.size(); i++) {
      String primaryId = nodes.get(plan.primaryOf().get(i)).ask("CLUSTER", "MYID");
      nodes.get(i).ask("CLUSTER", "REPLICATE", primaryId);
    }
  }

  private void awaitServing() throws IOException, FormingException, InterruptedException {
    progress.println("Waiting until every node serves requests ...");
    if (!Patience.await(limitMs, this::allServe)) {
      throw new FormingException(
          "the cluster did not become ready within " + limitMs / 1000 + " s");
    }
  }

  private boolean allServe() throws IOException {
    int replicas = nodes.size() - plan.primaries();
    for (int i = 0; i < nodes.size(); i++) {
      NodeView view = NodeView.of(nodes.get(i));
      boolean roleSettled = plan.isPrimary(i) != view.myself().replica();
      boolean replicasKnown = view.nodes().stream().filter(NodeLine::replica).count() == replicas;
      if (!view.stateOk() || !roleSettled || !replicasKnown) {
        return false;
      }
    }
    return allAgree();
  }

  private List<NodeView> views() throws IOException {
    List<NodeView> views = new ArrayList<>();
    for (RespClient node : nodes) {
      views.add(NodeView.of(node));
    }
    return views;
  }
}
