package io.redknot.cluster;

/** Crashes, pauses and cuts a cluster at random, then makes everything work again. */
final class SimChaos {
  private static final long STEP_MS = 400;

  private SimChaos() {}

  static void run(SimCluster sim, long durationMs) {
    run(sim, durationMs, false);
  }

  /**
   * Disturbs and heals.
   *
   * @param oneWay whether some nodes are not heard by others that they hear
   */
  static void run(SimCluster sim, long durationMs, boolean oneWay) {
    for (long ms = 0; ms < durationMs; ms += STEP_MS) {
      if (oneWay && sim.random.nextInt(10) == 0) {
        hush(sim, sim.node(sim.random.nextInt(sim.nodes.size())));
      }
      disturb(sim);
      sim.run(STEP_MS);
    }
    sim.healNetwork();
    sim.nodes.forEach(sim::restart);
  }

  private static void disturb(SimCluster sim) {
    SimNode node = sim.node(sim.random.nextInt(sim.nodes.size()));
    SimNode other = sim.node(sim.random.nextInt(sim.nodes.size()));
    switch (sim.random.nextInt(18)) {
      case 0 -> sim.crash(node);
      case 1, 2 -> sim.restart(node);
      case 3 -> sim.cut(node, other);
      case 4 -> sim.isolate(node);
      case 5, 6 -> sim.healNetwork();
      case 7 -> sim.pause(node, 200 + sim.random.nextInt(4000));
      case 8 -> sim.lossPerMille = sim.random.nextInt(30);
      case 9 -> failover(sim);
      case 11, 12 -> askForHandOver(node);
      case 13 -> sim.refuse(node, other);
      case 14 -> refuseAll(sim, node);
      case 15 -> node.setClock(sim.random.nextInt(20_000) - 10_000);
      case 10 -> sim.crashPerMillion = sim.random.nextInt(4000);
      default -> {}
    }
  }

  /** A firewall, or a bus port that is closed: the process lives. */
  private static void refuseAll(SimCluster sim, SimNode node) {
    boolean both = sim.random.nextBoolean();
    for (SimNode other : sim.nodes) {
      if (other != node && both) {
        sim.refuseBoth(node, other);
      } else if (other != node) {
        sim.refuse(other, node);
      }
    }
  }

  /** The node is not heard, or does not hear, or, as often, hears all but some. */
  private static void hush(SimCluster sim, SimNode node) {
    boolean mute = sim.random.nextInt(3) > 0;
    int spared = sim.random.nextInt(2 * sim.nodes.size());
    for (SimNode other : sim.nodes) {
      if (other != node && mute) {
        sim.hush(node, other);
      } else if (other != node) {
        sim.hush(other, node);
      }
    }
    if (mute && spared < sim.nodes.size()) {
      sim.hush(sim.node(spared), node);
    }
  }

  private static void askForHandOver(SimNode node) {
    if (node.isUp()) {
      node.askForHandOver();
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
