package io.redknot.cluster;

import io.redknot.cluster.wire.BusDecoder;
import io.redknot.cluster.wire.BusEncoder;
import io.redknot.cluster.wire.BusMessage;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A cluster of cores on a simulated clock, network and disk. One seed makes one run.
 *
 * <p>A link behaves like TCP: in order, never duplicated; what is lost takes the connection with
 * it.
 */
final class SimCluster {
  static final long TICK_MS = 100;
  private static final long START_MS = 1_700_000_000_000L;
  private static final int LOG_LINES = 400;

  final List<SimNode> nodes = new ArrayList<>();
  final Random random;
  int lossPerMille;
  int delayMaxMs = 5;

  /** How often, of a million steps, a machine dies in the middle of its work. */
  int crashPerMillion;

  private record Event(long atMs, long order, Runnable action) {}

  private final PriorityQueue<Event> queue =
      new PriorityQueue<>(Comparator.comparingLong(Event::atMs).thenComparingLong(Event::order));
  private final Map<String, SimNode> byIp = new HashMap<>();

  /** What all nodes have sent. */
  long sentMessages;

  long sentBytes;

  private final boolean[][] cut;
  private final boolean[][] refused;
  private final boolean[][] unheard;
  private final SimChecks checks = new SimChecks();
  private final BusDecoder decoder = new BusDecoder();
  private final Deque<String> log = new ArrayDeque<>();
  private long nowMs = START_MS;
  private long order;

  /** Nodes that know nobody. */
  SimCluster(long seed, int size, UnaryOperator<ClusterSettingsBuilder> settings) {
    this(seed, size, settings, _ -> null);
  }

  /**
   * Nodes that start with what they have on their disks.
   *
   * @param saved the text of nodes.conf of each node; null for none
   */
  SimCluster(
      long seed,
      int size,
      UnaryOperator<ClusterSettingsBuilder> settings,
      IntFunction<@Nullable String> saved) {
    random = new Random(seed);
    cut = new boolean[size][size];
    refused = new boolean[size][size];
    unheard = new boolean[size][size];
    for (int i = 0; i < size; i++) {
      ClusterSettingsBuilder builder = ClusterSettings.builder().nodeTimeoutMs(1000).port(6379);
      nodes.add(new SimNode(this, i, settings.apply(builder).build()));
    }
    for (SimNode node : nodes) {
      byIp.put(node.ip, node);
      String text = saved.apply(node.index);
      if (text != null) {
        node.disk.write(text, true);
      }
      node.start(random);
      node.life--;
      boot(node);
    }
  }

  /** One side of a connection. */
  static final class End {
    final SimNode node;
    final long linkId;
    private final SimCluster sim;
    private @Nullable End peer;
    private boolean broken;
    private long lastArrivalMs;

    End(SimCluster sim, SimNode node, long linkId) {
      this.sim = sim;
      this.node = node;
      this.linkId = linkId;
    }

    void breakDown() {
      broken = true;
      End other = peer;
      if (other != null && !other.broken) {
        other.broken = true;
        sim.later(sim.delay(), () -> sim.linkDown(other));
      }
    }
  }

  long nowMs() {
    return nowMs;
  }

  SimChecks checks() {
    return checks;
  }

  SimNode node(int index) {
    return nodes.get(index);
  }

  private int delay() {
    return 1 + random.nextInt(delayMaxMs);
  }

  void later(long delayMs, Runnable action) {
    queue.add(new Event(nowMs + delayMs, order++, action));
  }

  private void boot(SimNode node) {
    int life = ++node.life;
    later(random.nextInt((int) TICK_MS), () -> tick(node, life));
  }

  private void tick(SimNode node, int life) {
    if (node.life != life || !node.isUp()) {
      return;
    }
    if (node.pausedUntilMs > nowMs) {
      later(node.pausedUntilMs - nowMs, () -> tick(node, life));
      return;
    }
    node.tick();
    if (!node.isUp()) {
      return;
    }
    later(TICK_MS, () -> tick(node, life));
  }

  void crash(SimNode node) {
    if (node.isUp()) {
      node.crash(random);
      node.life++;
    }
  }

  boolean crashesNow() {
    return crashPerMillion > 0 && random.nextInt(1_000_000) < crashPerMillion;
  }

  void restart(SimNode node) {
    if (!node.isUp()) {
      node.pausedUntilMs = 0;
      node.start(random);
      node.life--;
      boot(node);
    }
  }

  void pause(SimNode node, long durationMs) {
    node.pausedUntilMs = nowMs + durationMs;
  }

  /** Messages from one node do not reach the other any more. */
  void cut(SimNode from, SimNode to) {
    cut[from.index][to.index] = true;
  }

  /** What one node says to the other vanishes, and no connection ends for that. */
  void hush(SimNode from, SimNode to) {
    unheard[from.index][to.index] = true;
  }

  void isolate(SimNode node) {
    for (SimNode other : nodes) {
      cut(node, other);
      cut(other, node);
    }
  }

  /** Connections between the two end, and from one to the other there can be no new ones. */
  void refuse(SimNode from, SimNode to) {
    refused[from.index][to.index] = true;
    for (End end : List.copyOf(from.links.values())) {
      End peer = end.peer;
      if (peer != null && peer.node == to) {
        later(delay(), () -> linkDown(end));
        end.breakDown();
      }
    }
  }

  /** As if a firewall answered for both sides. */
  void refuseBoth(SimNode node, SimNode other) {
    refuse(node, other);
    refuse(other, node);
  }

  void healNetwork() {
    for (boolean[] row : cut) {
      Arrays.fill(row, false);
    }
    for (boolean[] row : refused) {
      Arrays.fill(row, false);
    }
    for (boolean[] row : unheard) {
      Arrays.fill(row, false);
    }
    lossPerMille = 0;
    crashPerMillion = 0;
  }

  boolean isLinked(SimNode a, SimNode b) {
    return !cut[a.index][b.index] && !cut[b.index][a.index];
  }

  void act(SimNode node, LinkAction action) {
    switch (action) {
      case LinkAction.Connect connect -> connect(node, connect);
      case LinkAction.Close close -> {
        End end = node.links.remove(close.linkId());
        if (end != null) {
          end.breakDown();
        }
      }
      case LinkAction.Send send -> send(node, send);
    }
  }

  private void connect(SimNode from, LinkAction.Connect connect) {
    int life = from.life;
    later(
        delay(),
        () -> {
          if (from.life != life || !from.isUp()) {
            return;
          }
          SimNode to = byIp.get(connect.ip());
          if (to == null || !isLinked(from, to)) {
            return;
          }
          if (!to.isUp() || refused[from.index][to.index]) {
            from.core().onNotConnected(from.clockMs(), connect.linkId(), true);
            from.drain();
          } else if (to.pausedUntilMs <= nowMs) {
            establish(from, to, connect.linkId());
          }
        });
  }

  private void establish(SimNode from, SimNode to, long linkId) {
    End near = new End(this, from, linkId);
    End far = new End(this, to, to.core().onAccepted(to.clockMs(), from.ip, to.ip));
    near.peer = far;
    far.peer = near;
    from.links.put(near.linkId, near);
    to.links.put(far.linkId, far);
    from.core().onLinkUp(from.clockMs(), linkId, from.ip, from.facts);
    from.drain();
  }

  private void send(SimNode node, LinkAction.Send send) {
    End near = node.links.get(send.linkId());
    End far = near == null ? null : near.peer;
    if (near == null || far == null) {
      return;
    }
    checks.sent(node.id(), far.node.index, send.message());
    boolean lost = cut[node.index][far.node.index] || random.nextInt(1000) < lossPerMille;
    if (near.broken || lost) {
      lose(near);
      return;
    }
    if (unheard[node.index][far.node.index]) {
      return;
    }
    byte[] bytes = BusEncoder.encode(send.message());
    sentMessages++;
    sentBytes += bytes.length;
    far.lastArrivalMs = Math.max(nowMs + delay(), far.lastArrivalMs);
    int life = far.node.life;
    later(far.lastArrivalMs - nowMs, () -> deliver(far, bytes, life));
  }

  /** TCP would retry for long; whoever waits for an answer gives up first. */
  private void lose(End near) {
    if (!near.broken) {
      near.broken = true;
      later(500 + random.nextInt(3000), () -> linkDown(near));
      End far = near.peer;
      if (far != null) {
        far.broken = true;
        later(500 + random.nextInt(3000), () -> linkDown(far));
      }
    }
  }

  private void deliver(End end, byte[] bytes, int life) {
    SimNode node = end.node;
    if (end.broken || node.life != life || !node.isUp()) {
      return;
    }
    if (node.pausedUntilMs > nowMs) {
      later(node.pausedUntilMs - nowMs, () -> deliver(end, bytes, life));
      return;
    }
    node.receive(end.linkId, decode(bytes));
  }

  private BusMessage decode(byte[] bytes) {
    if (decoder.decode(ByteBuffer.wrap(bytes)) instanceof BusDecoder.Decoded.Message whole) {
      return whole.message();
    }
    throw new AssertionError("a message does not survive encoding");
  }

  private void linkDown(End end) {
    boolean current = end.node.links.remove(end.linkId, end);
    if (current && end.node.isUp()) {
      end.node.core().onLinkDown(end.node.clockMs(), end.linkId);
      end.node.drain();
    }
  }

  @Nullable SimNode byId(String id) {
    for (SimNode node : nodes) {
      if (node.view != null && node.id().equals(id)) {
        return node;
      }
    }
    return null;
  }

  void run(long durationMs) {
    long untilMs = nowMs + durationMs;
    while (!queue.isEmpty() && queue.element().atMs() <= untilMs) {
      Event event = queue.remove();
      nowMs = event.atMs();
      event.action().run();
    }
    nowMs = untilMs;
  }

  /** Runs until the condition holds, and fails with the story so far if it does not in time. */
  void runUntil(String claim, long withinMs, BooleanSupplier condition) {
    long untilMs = nowMs + withinMs;
    while (!condition.getAsBoolean()) {
      if (nowMs >= untilMs) {
        throw new AssertionError(claim + ": not within " + withinMs + " ms");
      }
      run(TICK_MS);
    }
  }

  void log(SimNode node, LogLine line) {
    if (line.level() == LogLine.Level.VERBOSE || line.level() == LogLine.Level.DEBUG) {
      return;
    }
    log.addLast((nowMs - START_MS) + " n" + node.index + " " + line.text());
    if (log.size() > LOG_LINES) {
      log.removeFirst();
    }
  }

  String story() {
    StringBuilder story = new StringBuilder(String.join("\n", log));
    for (SimNode node : nodes) {
      story.append("\n--- node ").append(node.index).append(node.isUp() ? "" : " (down)");
      story.append(" ok=").append(node.view().isOk()).append('\n');
      story.append(ClusterNodesText.render(node.view(), false));
    }
    return story.toString();
  }

  // Whole clusters

  /** Primaries share the slots evenly; node i beyond them replicates primary i mod primaries. */
  void form(int primaries) {
    for (int i = 0; i < primaries; i++) {
      String first = Integer.toString(16384 * i / primaries);
      String last = Integer.toString(16384 * (i + 1) / primaries - 1);
      node(i).admin(new AdminRequest.AddSlotsRange(List.of(first, last)));
      node(i).admin(new AdminRequest.SetConfigEpoch(Integer.toString(i + 1)));
    }
    for (int i = 1; i < nodes.size(); i++) {
      node(i).admin(new AdminRequest.Meet(node(0).ip, "6379", null));
    }
    runUntil("all nodes know each other", 20_000, this::everybodyKnowsEverybody);
    for (int i = primaries; i < nodes.size(); i++) {
      node(i).admin(new AdminRequest.Replicate(node(i % primaries).id()));
    }
    runUntil("the cluster is up and of one mind", 30_000, this::isSound);
  }

  private boolean everybodyKnowsEverybody() {
    for (SimNode node : nodes) {
      boolean complete =
          node.view().nodes().size() == nodes.size()
              && node.view().nodes().stream()
                  .allMatch(n -> n.has(1 | 2) && !n.has(32) && n.linkConnected());
      if (!complete) {
        return false;
      }
    }
    return true;
  }

  /** One owner per slot, every slot served, all views equal, and everybody says ok. */
  boolean isSound() {
    String first = opinion(node(0));
    for (SimNode node : nodes) {
      if (!node.isUp() || !node.view().isOk() || !opinion(node).equals(first)) {
        return false;
      }
    }
    return node(0).view().slotsOk() == 16384;
  }

  /** Roles, owners and epochs, as one node sees them. */
  String opinion(SimNode node) {
    List<String> lines = new ArrayList<>();
    ClusterView view = node.view();
    for (NodeView other : view.nodes()) {
      int primary = other.primaryIndex();
      int flags = other.flags() & (1 | 2 | 4 | 8 | 32 | 64);
      lines.add(
          String.join(
              " ",
              other.id(),
              Integer.toString(flags),
              primary < 0 ? "-" : view.nodes().get(primary).id(),
              Long.toString(other.slots().isEmpty() ? 0 : other.configEpoch()),
              other.slots().toString()));
    }
    lines.sort(null);
    return String.join("\n", lines);
  }
}
