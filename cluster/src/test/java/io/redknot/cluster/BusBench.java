package io.redknot.cluster;

import io.redknot.cluster.wire.NodeFlags;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * What the bus of a large cluster costs, and how soon all of it knows: the cores of all nodes in
 * one process, over links in memory, with a simulated clock. Half of the nodes are primaries, each
 * with one replica. {@code scripts/bench bus} runs it.
 *
 * <p>The time of the processor is that of the whole simulation, its own queue and checks included;
 * the system calls of real sockets are not.
 */
final class BusBench {
  private static final int SLOTS = 16384;
  private static final long STEP_MS = 10;
  private static final long LIMIT_MS = 300_000;
  private static final double NANOS_PER_S = 1e9;
  private static final long SEED = 1;

  private final int primaries;
  private final int seconds;
  private final SimCluster sim;

  private BusBench(int size, long nodeTimeoutMs, int seconds) {
    this.primaries = size / 2;
    this.seconds = seconds;
    this.sim =
        new SimCluster(
            SEED,
            2 * primaries,
            settings -> settings.nodeTimeoutMs(nodeTimeoutMs),
            this::nodesConf);
  }

  /** Arguments: number of nodes, node timeout in ms, seconds over which traffic is measured. */
  public static void main(String[] args) {
    BusBench bench =
        new BusBench(Integer.parseInt(args[0]), Long.parseLong(args[1]), Integer.parseInt(args[2]));
    bench.run();
  }

  private void run() {
    tell("linked_ms", waitFor(this::isWhole));
    measureTraffic();
    measureSlotChange();
    measureFailure();
  }

  /** As one node has saved it: everybody knows everybody. */
  private String nodesConf(int myself) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 2 * primaries; i++) {
      boolean primary = i < primaries;
      int of = i % primaries;
      String flags = (i == myself ? "myself," : "") + (primary ? "master" : "slave");
      text.append(id(i)).append(' ').append(SimNode.ip(i));
      text.append(":6379@16379,,tls-port=0,shard-id=").append(id(of)).append(' ').append(flags);
      text.append(primary ? " -" : " " + id(of)).append(" 0 0 ").append(of + 1);
      text.append(" connected");
      if (primary) {
        text.append(' ').append(firstSlot(of)).append('-').append(firstSlot(of + 1) - 1);
      }
      text.append('\n');
    }
    return text.append("vars currentEpoch ")
        .append(primaries)
        .append(" lastVoteEpoch 0\n")
        .toString();
  }

  private int firstSlot(int primary) {
    return SLOTS * primary / primaries;
  }

  private static String id(int node) {
    return String.format(Locale.ROOT, "%040x", node + 1);
  }

  private boolean isWhole() {
    return all(
        view ->
            view.isOk()
                && view.nodes().stream()
                    .allMatch(node -> node.linkConnected() && !node.has(NodeFlags.PFAIL)));
  }

  private boolean all(Predicate<ClusterView> holds) {
    return sim.nodes.stream().allMatch(node -> holds.test(node.view()));
  }

  private void measureTraffic() {
    // The first pings of all links go out together.
    sim.run(sim.node(0).settings.nodeTimeoutMs());
    long messages = sim.sentMessages;
    long bytes = sim.sentBytes;
    long began = cpuNanos();
    sim.run(1000L * seconds);
    double perNode = (double) seconds * sim.nodes.size();
    tell("messages_per_s", Math.round((sim.sentMessages - messages) / perNode));
    tell("bytes_per_s", Math.round((sim.sentBytes - bytes) / perNode));
    tell("cpu_us_per_s", Math.round((cpuNanos() - began) / perNode / NANOS_PER_S * 1e6));
  }

  private static long cpuNanos() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
  }

  /** A slot without keys goes from the first primary to the last one. */
  private void measureSlotChange() {
    SimNode from = sim.node(0);
    SimNode to = sim.node(primaries - 1);
    require(to.admin(new AdminRequest.SetSlot(List.of("0", "IMPORTING", from.id()))));
    require(from.admin(new AdminRequest.SetSlot(List.of("0", "MIGRATING", to.id()))));
    require(to.admin(new AdminRequest.SetSlot(List.of("0", "NODE", to.id()))));
    tell(
        "slot_change_ms",
        waitFor(() -> all(view -> view.owner(0) >= 0 && nodeOf(view, 0).equals(to.id()))));
  }

  private static String nodeOf(ClusterView view, int slot) {
    return view.nodes().get(view.owner(slot)).id();
  }

  private static void require(AdminReply reply) {
    if (reply instanceof AdminReply.Refused refused) {
      throw new IllegalStateException(refused.text());
    }
  }

  /** A replica is cut off: nobody is to take its place. */
  private void measureFailure() {
    SimNode lost = sim.nodes.getLast();
    String id = lost.id();
    sim.isolate(lost);
    tell(
        "fail_ms",
        waitFor(
            () ->
                sim.nodes.stream()
                    .filter(node -> node != lost)
                    .allMatch(node -> failed(node.view(), id))));
  }

  private static boolean failed(ClusterView view, String id) {
    int index = view.find(id);
    return index >= 0 && view.nodes().get(index).has(NodeFlags.FAIL);
  }

  /** Simulated milliseconds until the condition holds. */
  private long waitFor(BooleanSupplier condition) {
    long began = sim.nowMs();
    while (!condition.getAsBoolean()) {
      if (sim.nowMs() - began > LIMIT_MS) {
        throw new IllegalStateException("not within " + LIMIT_MS + " ms");
      }
      sim.run(STEP_MS);
    }
    return sim.nowMs() - began;
  }

  private static void tell(String name, long value) {
    System.out.println(name + " " + value);
  }
}
