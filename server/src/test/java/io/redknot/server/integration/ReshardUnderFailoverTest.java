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
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Primaries die while slots are half moved, and their replicas take over: a client goes on writing,
 * and what a replica had confirmed is there once, wherever the slots go in the end. The third
 * primary is Redis, which has a say in who takes over.
 */
class ReshardUnderFailoverTest {
  private static final int SLOTS = 6;
  private static final int WRITES_BETWEEN = 40;
  private static final String FENCE = "fence";

  @RegisterExtension private final Nodes nodes = Nodes.forTest();
  private final List<NodeProcess> all = new ArrayList<>();
  private final List<LedgerWriter> writers = new ArrayList<>();

  private void form() throws IOException, InterruptedException {
    List<NodeKind> kinds = List.of(NodeKind.REDKNOT, NodeKind.REDKNOT, NodeKind.REDIS);
    List<NodeProcess> primaries = nodes.startAll(kinds);
    SixNodes.form(primaries, 0);
    all.addAll(primaries);
    List<NodeProcess> replicas = nodes.startAll(List.of(NodeKind.REDKNOT, NodeKind.REDKNOT));
    for (int i = 0; i < replicas.size(); i++) {
      RedisCli.cluster(
          "add-node",
          replicas.get(i).address(),
          primaries.getLast().address(),
          "--cluster-slave",
          "--cluster-master-id",
          primaries.get(i).id());
      all.add(replicas.get(i));
      Topology.awaitAgreement(all);
      Topology.awaitLinked(replicas.get(i));
    }
  }

  /** Half of the keys of every slot, which stays half moved; returns one that has moved. */
  private static String moveHalf(NodeProcess from, NodeProcess to) throws IOException {
    String moved = "";
    for (int slot = 0; slot < SLOTS; slot++) {
      String number = Integer.toString(slot);
      to.text("CLUSTER", "SETSLOT", number, "IMPORTING", from.id());
      from.text("CLUSTER", "SETSLOT", number, "MIGRATING", to.id());
      List<String> command =
          new ArrayList<>(
              List.of(
                  "MIGRATE", "127.0.0.1", Integer.toString(to.port()), "", "0", "5000", "KEYS"));
      for (Reply key : from.ask("CLUSTER", "GETKEYSINSLOT", number, "2").items()) {
        moved = key.text();
        command.add(moved);
      }
      assertEquals("OK", from.text(command.toArray(String[]::new)));
    }
    return moved;
  }

  /** A replica has all that its primary has had until now. */
  private static void confirm(NodeProcess primary) throws IOException {
    int slot = 0;
    Topology.Line line = Objects.requireNonNull(Topology.nodes(primary).get(primary.id()));
    for (String range : line.slots()) {
      slot = Integer.parseInt(range.substring(range.indexOf('-') + 1));
    }
    try (RespConnection connection = primary.connect()) {
      assertEquals(
          "+OK", connection.ask("SET", "{" + Slots.tagIn(slot) + "}" + FENCE, "").toString());
      Waiting.until(
          "a replica of " + primary + " has it all",
          () -> connection.ask("WAIT", "1", "1000").number() > 0);
    }
  }

  private static String half(NodeProcess from, NodeProcess to) throws IOException {
    String moved = moveHalf(from, to);
    confirm(to);
    confirm(from);
    return moved;
  }

  private NodeProcess killAndAwaitSuccessor(NodeProcess victim) throws IOException {
    NodeProcess successor = Topology.replicaOf(victim, all);
    victim.kill();
    List<NodeProcess> alive = all.stream().filter(node -> node != victim).toList();
    Topology.awaitPrimary(successor, alive);
    return successor;
  }

  private void bringBack(NodeProcess victim) throws IOException {
    victim.start();
    Topology.awaitAgreement(all);
    Topology.awaitLinked(victim);
    LedgerWriter.awaitWrites(writers, WRITES_BETWEEN);
  }

  /** The key is asked for where it has gone. */
  private static void awaitAsk(String key, NodeProcess at, NodeProcess to) {
    Waiting.untilNothing(
        at + " sends clients on to " + to,
        () -> {
          String told = at.ask("GET", key).toString();
          return told.equals("-ASK " + Slots.of(key) + " " + to.address()) ? "" : told;
        });
  }

  private void finish(NodeProcess from, NodeProcess to) throws InterruptedException {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(said, true, UTF_8);
    ClusterTool tool = new ClusterTool(out, out, new StringReader(""));
    String any = all.get(2).address();
    assertEquals(0, tool.run("fix", "--node", any, "--yes"), () -> said.toString(UTF_8));
    for (int slot = 0; slot < SLOTS; slot++) {
      String goesOn = "slot " + slot + " goes on from " + from.address() + " to " + to.address();
      assertTrue(said.toString(UTF_8).contains(goesOn), () -> said.toString(UTF_8));
    }
    assertEquals(0, tool.run("check", "--node", any), () -> said.toString(UTF_8));
    Topology.awaitAgreement(all);
  }

  private void assertEveryKeyIsThereOnce(List<NodeProcess> primaries) throws IOException {
    Set<String> expected = new HashSet<>();
    writers.forEach(writer -> expected.addAll(writer.ledger().keys()));
    Set<String> found = new HashSet<>();
    for (NodeProcess primary : primaries) {
      for (Reply key : primary.ask("KEYS", "*").items()) {
        if (!key.text().endsWith(FENCE)) {
          assertTrue(found.add(key.text()), () -> key + " is at two nodes");
        }
      }
    }
    assertEquals(expected, found);
  }

  @Test
  void movesGoOnWithTheReplicasOfThoseWhoDied() throws Exception {
    form();
    NodeProcess source = all.get(0);
    NodeProcess target = all.get(1);
    AtomicBoolean ends = new AtomicBoolean();
    try {
      ClusterRequests client = new ClusterRequests.Own(all.get(2), true);
      writers.add(new LedgerWriter("confirmed", client, SLOTS, ends));
      writers.forEach(Thread::start);
      LedgerWriter.awaitWrites(writers, 4 * SLOTS);

      String moved = half(source, target);
      NodeProcess newSource = killAndAwaitSuccessor(source);
      awaitAsk(moved, newSource, target);
      bringBack(source);
      finish(newSource, target);

      moved = half(target, newSource);
      NodeProcess newTarget = killAndAwaitSuccessor(newSource);
      awaitAsk(moved, target, newTarget);
      bringBack(newSource);
      finish(target, newTarget);

      LedgerWriter.endAndCheck(writers, ends);
      assertEveryKeyIsThereOnce(List.of(newTarget, target, all.get(2)));
    } finally {
      ends.set(true);
      writers.forEach(LedgerWriter::close);
    }
  }
}
