package io.redknot.server.integration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.tool.ClusterTool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Clients of each kind write in slots that go back and forth between two primaries, while nodes are
 * killed in the middle of a move or of its repair, and started again: whatever the clients were
 * told has happened must have happened, once. {@code scripts/crash-test reshard} does it for long.
 */
class ReshardUnderKillsTest {
  private static final int ROUNDS = Integer.getInteger("redknot.reshard.rounds", 1);
  private static final long SEED = Long.getLong("redknot.reshard.seed", 20_261_144);
  private static final int SLOTS = 24;
  private static final int KEYS_OF_SLOT = 4 * ClusterRequests.Kind.values().length;
  private static final int BATCH_MAX = 10;
  private static final int WRITES_BETWEEN_KILLS = 40;
  private static final int REPAIRS_MAX = 3;

  /** One repair of so many has a node killed in it, too. */
  private static final int REPAIRS_FOR_A_KILL = 3;

  /** How often a node is looked at, at most, before one is killed in a repair. */
  private static final int LOOKS_MAX = 200;

  /** Who is killed in a move. */
  private enum Victims {
    SOURCE,
    TARGET,
    BOTH,
    BYSTANDER
  }

  /**
   * Nobody is to be taken for dead because the machine is busy, and a node that comes back waits
   * for so long before it serves.
   */
  private static final String NODE_TIMEOUT = "cluster-node-timeout 4000";

  @RegisterExtension private final Nodes nodes = Nodes.forTest();
  private final SplittableRandom random = new SplittableRandom(SEED);
  private final List<NodeProcess> all = new ArrayList<>();
  private final List<LedgerWriter> writers = new ArrayList<>();
  private String happened = "";

  /** Runs a change of the cluster, by the one program or the other; its exit code and its words. */
  private RedisCli.Outcome change(boolean stock, String... words)
      throws IOException, InterruptedException {
    if (stock) {
      List<String> command = new ArrayList<>(List.of("--cluster"));
      command.addAll(List.of(words));
      return RedisCli.run(command);
    }
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(said, true, UTF_8);
    int code = new ClusterTool(out, out, new StringReader("")).run(words);
    return new RedisCli.Outcome(code, said.toString(UTF_8));
  }

  private FutureTask<RedisCli.Outcome> begin(boolean stock, String... words) {
    FutureTask<RedisCli.Outcome> task = new FutureTask<>(() -> change(stock, words));
    new Thread(task, "change").start();
    return task;
  }

  private FutureTask<RedisCli.Outcome> beginMove(NodeProcess from, NodeProcess to, int slots)
      throws IOException {
    String batch = Integer.toString(1 + random.nextInt(BATCH_MAX));
    String count = Integer.toString(slots);
    boolean stock = random.nextBoolean();
    String[] words =
        stock
            ? new String[] {
              "reshard",
              all.getFirst().address(),
              "--cluster-from",
              from.id(),
              "--cluster-to",
              to.id(),
              "--cluster-slots",
              count,
              "--cluster-pipeline",
              batch,
              "--cluster-yes"
            }
            : new String[] {
              "reshard",
              "--node",
              all.getFirst().address(),
              "--from",
              from.id(),
              "--to",
              to.id(),
              "--slots",
              count,
              "--batch",
              batch,
              "--yes"
            };
    happened += "; " + String.join(" ", words);
    return begin(stock, words);
  }

  /**
   * By our own program: that of redis-cli makes the node with most keys of a half-moved slot its
   * owner, which then knows nothing of the other keys while clients write to them.
   */
  private FutureTask<RedisCli.Outcome> beginRepair() {
    happened += "; fix";
    return begin(false, "fix", "--node", all.getFirst().address(), "--replace", "--yes");
  }

  /** Those of the slots with keys that the node says are its own. */
  private static int slotsOf(NodeProcess node) throws IOException {
    return ownSlots(node).get(0, SLOTS).cardinality();
  }

  private static BitSet ownSlots(NodeProcess node) throws IOException {
    BitSet own = new BitSet();
    Topology.Line line = Topology.nodes(node).get(node.id());
    for (String range : line == null ? List.<String>of() : line.slots()) {
      String[] ends = range.split("-", -1);
      own.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
    }
    return own;
  }

  /** Whose the slots with keys are, or most of them; the other one is the second of the two. */
  private List<NodeProcess> ownerAndOther() throws IOException {
    boolean first = slotsOf(all.get(0)) >= slotsOf(all.get(1));
    return first ? List.of(all.get(0), all.get(1)) : List.of(all.get(1), all.get(0));
  }

  private void moveAndKill(Victims kind)
      throws IOException, InterruptedException, ExecutionException {
    List<NodeProcess> two = ownerAndOther();
    NodeProcess from = two.getFirst();
    NodeProcess to = two.getLast();
    List<NodeProcess> victims =
        switch (kind) {
          case SOURCE -> List.of(from);
          case TARGET -> List.of(to);
          case BOTH -> two;
          case BYSTANDER -> List.of(all.getLast());
        };
    int slots = slotsOf(from);
    long keys = to.ask("DBSIZE").number() + random.nextLong((long) slots * KEYS_OF_SLOT);
    FutureTask<RedisCli.Outcome> move = beginMove(from, to, slots);
    try (RespConnection connection = to.connect()) {
      awaitLook(move, () -> connection.ask("DBSIZE").number() >= keys);
    }
    kill(victims, move);
    repair();
  }

  /** Something may have come so far as to be interrupted. */
  private interface Look {
    boolean isEnough() throws IOException;
  }

  /** Waits until a look is enough, or the change has ended. */
  private static void awaitLook(FutureTask<?> change, Look look) throws IOException {
    boolean goesOn = true;
    while (goesOn && !change.isDone()) {
      goesOn = !look.isEnough();
    }
  }

  /** Kills nodes and, when what they were killed in has ended, starts them again. */
  private void kill(List<NodeProcess> victims, FutureTask<RedisCli.Outcome> change)
      throws IOException, InterruptedException, ExecutionException {
    happened += change.isDone() ? "; done before the kill of " : "; killed ";
    happened += victims;
    victims.forEach(NodeProcess::kill);
    change.get();
    for (NodeProcess victim : victims) {
      victim.launch();
    }
    victims.forEach(NodeProcess::awaitReady);
    Topology.awaitAgreement(all);
  }

  private void repair() throws IOException, InterruptedException, ExecutionException {
    if (random.nextInt(REPAIRS_FOR_A_KILL) == 0) {
      NodeProcess victim = all.get(random.nextInt(all.size()));
      FutureTask<RedisCli.Outcome> repair = beginRepair();
      try (RespConnection connection = all.get(random.nextInt(2)).connect()) {
        int looks = random.nextInt(LOOKS_MAX);
        for (int i = 0; i < looks && !repair.isDone(); i++) {
          connection.text("DBSIZE");
        }
      }
      kill(List.of(victim), repair);
    }
    List<String> said = new ArrayList<>();
    for (int i = 0; i < REPAIRS_MAX; i++) {
      said.add(beginRepair().get().text());
      String node = all.getFirst().address();
      RedisCli.Outcome check = change(false, "check", "--node", node);
      said.add(check.text());
      if (check.code() == 0) {
        return;
      }
    }
    throw new AssertionError("not mended: " + said);
  }

  private void assertEveryKeyIsAtItsOwnerAlone() throws IOException {
    Set<String> expected = new HashSet<>();
    writers.forEach(writer -> expected.addAll(writer.ledger().keys()));
    Set<String> found = new HashSet<>();
    for (NodeProcess node : all) {
      BitSet own = ownSlots(node);
      for (Reply key : node.ask("KEYS", "*").items()) {
        assertTrue(own.get(Slots.of(key.text())), () -> key + " is at " + node);
        assertTrue(found.add(key.text()), () -> key + " is at two nodes");
      }
    }
    assertEquals(expected, found);
  }

  /** With nobody killed nothing is refused, and nothing goes unanswered. */
  private void moveInPeace() throws IOException, InterruptedException, ExecutionException {
    LedgerWriter.awaitWrites(writers, WRITES_BETWEEN_KILLS);
    RedisCli.Outcome outcome = beginMove(all.get(0), all.get(1), SLOTS).get();
    assertEquals(0, outcome.code(), outcome::text);
    Topology.awaitAgreement(all);
    writers.forEach(LedgerWriter::requireNothingFailed);
  }

  private void moveUnderKills() throws IOException, InterruptedException, ExecutionException {
    List<Victims> victims = new ArrayList<>(List.of(Victims.values()));
    for (int round = 0; round < ROUNDS; round++) {
      happened = "seed " + SEED + ", round " + round;
      if (round % victims.size() == 0) {
        Collections.shuffle(victims, new Random(random.nextLong()));
      }
      LedgerWriter.awaitWrites(writers, WRITES_BETWEEN_KILLS);
      moveAndKill(victims.get(round % victims.size()));
      System.out.println(happened);
    }
    LedgerWriter.awaitWrites(writers, WRITES_BETWEEN_KILLS);
  }

  /** Slots go back and forth between a Redknot node and one of each kind. */
  @ParameterizedTest(name = "with {0}")
  @EnumSource
  void everyAcknowledgedWriteIsThereOnce(NodeKind second) throws Exception {
    List<NodeKind> kinds = List.of(NodeKind.REDKNOT, second, NodeKind.REDKNOT);
    all.addAll(nodes.startAll(kinds, "appendonly yes", "appendfsync always", NODE_TIMEOUT));
    SixNodes.form(all, 0);
    AtomicBoolean ends = new AtomicBoolean();
    try {
      for (ClusterRequests.Kind kind : ClusterRequests.Kind.values()) {
        writers.add(new LedgerWriter(kind, all.getLast(), SLOTS, ends));
      }
      writers.forEach(Thread::start);
      moveInPeace();
      moveUnderKills();
      LedgerWriter.endAndCheck(writers, ends);
      assertEveryKeyIsAtItsOwnerAlone();
    } catch (AssertionError failure) {
      throw new AssertionError(happened + ": " + failure.getMessage(), failure);
    } finally {
      ends.set(true);
      writers.forEach(LedgerWriter::close);
    }
  }
}
