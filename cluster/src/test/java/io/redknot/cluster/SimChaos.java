package io.redknot.cluster;

/** Crashes, pauses and cuts a cluster at random, then makes everything work again. */
final class SimChaos {
  private static final long STEP_MS = 400;

  private SimChaos() {}

  static void run(SimCluster sim, long durationMs) {
    for (long ms = 0; ms < durationMs; ms += STEP_MS) {
      disturb(sim);
      sim.run(STEP_MS);
    }
    sim.healNetwork();
    sim.nodes.forEach(sim::restart);
  }

  private static void disturb(SimCluster sim) {
    SimNode node = sim.node(sim.random.nextInt(sim.nodes.size()));
    SimNode other = sim.node(sim.random.nextInt(sim.nodes.size()));
    switch (sim.random.nextInt(12)) {
      case 0 -> sim.crash(node);
      case 1, 2 -> sim.restart(node);
      case 3 -> sim.cut(node, other);
      case 4 -> sim.isolate(node);
      case 5, 6 -> sim.healNetwork();
      case 7 -> sim.pause(node, 200 + sim.random.nextInt(4000));
      case 8 -> sim.lossPerMille = sim.random.nextInt(30);
      case 9 -> failover(sim);
      case 10 -> sim.crashPerMillion = sim.random.nextInt(4000);
      default -> {}
    }
  }

  /** All at once, so that several candidates of one epoch compete for the same votes. */
  private static void failover(SimCluster sim) {
    for (SimNode node : sim.nodes) {
      if (node.isUp()) {
        node.admin(new AdminRequest.Failover(AdminRequest.Failover.Mode.FORCE));
      }
    }
  }
}
