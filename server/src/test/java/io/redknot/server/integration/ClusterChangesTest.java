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
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What {@code scripts/cluster} does to a running cluster, of nodes of both kinds. */
class ClusterChangesTest {
  private static final int SLOTS = 20;
  private static final int KEYS = 5;

  @RegisterExtension private final Nodes nodes = Nodes.forTest();
  private final List<NodeProcess> all = new ArrayList<>();
  private String said = "";

  @BeforeEach
  void formAndFill() throws Exception {
    List<NodeKind> kinds = List.of(NodeKind.REDKNOT, NodeKind.REDIS, NodeKind.REDKNOT);
    all.addAll(nodes.startAll(kinds, "appendonly yes", "appendfsync always"));
    SixNodes.form(all, 0);
    for (int slot = 0; slot < SLOTS; slot++) {
      for (int i = 0; i < KEYS; i++) {
        all.getFirst().text("SET", key(slot, i), "value " + i);
      }
    }
  }

  private static String key(int slot, int i) {
    return "{" + Slots.tagIn(slot) + "}" + i;
  }

  private int tool(String answers, String... words) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(out, true, UTF_8);
    List<String> command = new ArrayList<>(List.of(words));
    command.addAll(List.of("--node", all.getFirst().address()));
    int code =
        new ClusterTool(print, print, new StringReader(answers))
            .run(command.toArray(String[]::new));
    said = out.toString(UTF_8);
    return code;
  }

  private void assertFine(String answers, String... words) throws Exception {
    assertEquals(0, tool(answers, words), () -> said);
  }

  private static String port(NodeProcess node) {
    return Integer.toString(node.port());
  }

  /** All keys are where a client of the cluster finds them. */
  private void assertAllAt(NodeProcess node) throws IOException {
    for (int slot = 0; slot < SLOTS; slot++) {
      for (int i = 0; i < KEYS; i++) {
        assertEquals("value " + i, node.text("GET", key(slot, i)));
      }
    }
  }

  private static int slotsOf(NodeProcess node) throws IOException {
    int count = 0;
    for (String range : Objects.requireNonNull(Topology.nodes(node).get(node.id())).slots()) {
      String[] ends = range.split("-", -1);
      count += Integer.parseInt(ends[ends.length - 1]) - Integer.parseInt(ends[0]) + 1;
    }
    return count;
  }

  @Test
  void nodesComeGetTheirShareAndGo() throws Exception {
    NodeProcess added = nodes.start(NodeKind.REDKNOT);
    assertFine("", "add", "--new", added.address());
    all.add(added);
    NodeProcess replica = nodes.start(NodeKind.REDIS);
    assertFine("", "add", "--new", replica.address(), "--replica-of", port(added));
    all.add(replica);
    Topology.awaitAgreement(all);

    String slots = Integer.toString(SLOTS);
    String[] reshard = {
      "reshard", "--from", port(all.getFirst()), "--to", port(added), "--slots", slots
    };
    assertEquals(1, tool("no\n", reshard), () -> said);
    assertTrue(said.contains(SLOTS + " slots with " + SLOTS * KEYS + " keys"), () -> said);
    assertEquals(0, slotsOf(added));
    assertFine("yes\n", reshard);
    assertTrue(said.contains("100 %"), () -> said);
    assertAllAt(added);

    assertFine("", "remove", "--leaving", port(replica), "--yes");
    all.remove(replica);
    assertFine("", "check");
    int second = slotsOf(all.get(1)) + SLOTS;
    List<String> rebalance = new ArrayList<>(List.of("rebalance", "--yes"));
    for (NodeProcess node : all) {
      int wanted = node == added ? 0 : node == all.get(1) ? second : slotsOf(node);
      rebalance.addAll(List.of("--weight", port(node) + "=" + wanted));
    }
    assertFine("", rebalance.toArray(String[]::new));
    assertEquals(0, slotsOf(added));
    assertEquals(second, slotsOf(all.get(1)));
    assertAllAt(all.get(1));
    assertFine("", "remove", "--leaving", port(added), "--yes");
    all.remove(added);
    Topology.awaitAgreement(all);
    assertFine("", "check");
    assertEquals(1, Topology.nodes(added).size());
  }

  @Test
  void whatWasInterruptedOrBrokenIsMended() throws Exception {
    NodeProcess from = all.getFirst();
    NodeProcess to = all.get(1);
    // A move that ended half-way, after a key had arrived and before it was removed.
    to.text("CLUSTER", "SETSLOT", "0", "IMPORTING", from.id());
    from.text("CLUSTER", "SETSLOT", "0", "MIGRATING", to.id());
    from.text("MIGRATE", "127.0.0.1", port(to), key(0, 0), "0", "5000");
    from.text("MIGRATE", "127.0.0.1", port(to), key(0, 1), "0", "5000", "COPY");
    // One of which only the source knows, and one of which only the target does.
    from.text("CLUSTER", "SETSLOT", "1", "MIGRATING", to.id());
    to.text("CLUSTER", "SETSLOT", "2", "IMPORTING", from.id());
    from.text("CLUSTER", "SETSLOT", "2", "MIGRATING", to.id());
    from.text("MIGRATE", "127.0.0.1", port(to), key(2, 0), "0", "5000");
    from.text("CLUSTER", "SETSLOT", "2", "STABLE");
    // A key that came back to a node that does not own its slot any more.
    to.text("CLUSTER", "SETSLOT", "3", "IMPORTING", from.id());
    to.text("ASKING");
    to.text("SET", key(3, 0), "an older value");
    to.text("CLUSTER", "SETSLOT", "3", "STABLE");
    // A slot of nobody.
    for (NodeProcess node : all) {
      node.text("CLUSTER", "DELSLOTS", "16383");
    }
    assertEquals(1, tool("", "check"), () -> said);
    assertTrue(said.contains("slot 0 is on the move: leaves " + from.address()), () -> said);
    assertTrue(said.contains("no node owns these slots: 16383"), () -> said);
    assertEquals(1, tool("", "rebalance", "--yes"), () -> said);
    assertTrue(said.contains("see 'fix'"), () -> said);
    assertEquals(1, tool("", "fix", "--yes"), () -> said);
    assertTrue(said.contains("--replace takes that of " + from.address()), () -> said);
    assertFine("", "fix", "--yes", "--replace");
    assertEquals("value 0", from.text("GET", key(3, 0)));
    assertFine("", "check");
    Topology.awaitAgreement(all);
    assertEquals((long) KEYS, to.ask("DBSIZE").number());
    String toFirst = Integer.toString(1);
    assertFine("", "reshard", "--from", port(to), "--to", port(from), "--slots", toFirst, "--yes");
    assertAllAt(from);
  }

  /** Half of a slot's keys have moved; then the node dies, and comes back. */
  private void dieWithinMove(NodeProcess dying, int slot, NodeProcess from, NodeProcess to)
      throws IOException {
    String number = Integer.toString(slot);
    to.text("CLUSTER", "SETSLOT", number, "IMPORTING", from.id());
    from.text("CLUSTER", "SETSLOT", number, "MIGRATING", to.id());
    for (int i = 0; i < KEYS / 2; i++) {
      from.text("MIGRATE", "127.0.0.1", port(to), key(slot, i), "0", "5000");
    }
    dying.kill();
    dying.start();
    Waiting.until("all serve again", () -> all.stream().allMatch(ClusterChangesTest::serves));
    Topology.awaitAgreement(all);
  }

  private static void claim(int slot, NodeProcess from, NodeProcess to) throws IOException {
    String number = Integer.toString(slot);
    to.text("CLUSTER", "SETSLOT", number, "IMPORTING", from.id());
    to.text("CLUSTER", "SETSLOT", number, "NODE", to.id());
    Waiting.until(
        from + " has no keys of slot " + slot,
        () -> from.ask("CLUSTER", "COUNTKEYSINSLOT", number).number() == 0);
  }

  private static boolean serves(NodeProcess node) {
    try {
      return node.stateOk();
    } catch (IOException notYet) {
      return false;
    }
  }

  @Test
  void moveInWhichANodeDiedIsFinishedOnceItIsBack() throws Exception {
    NodeProcess from = all.getFirst();
    NodeProcess to = all.get(2);
    dieWithinMove(to, 0, from, to);
    assertFine("", "fix", "--yes");
    int before = slotsOf(to);
    // A slot that is claimed away with its keys is empty, also after the next start.
    claim(2, from, to);
    dieWithinMove(from, 1, from, to);
    assertEquals(0, from.ask("CLUSTER", "COUNTKEYSINSLOT", "2").number());
    RedisCli.cluster("fix", from.address());
    Topology.awaitAgreement(all);
    assertFine("", "check");
    // redis-cli may also leave the slot where it was, and bring its keys back.
    NodeProcess owner = slotsOf(to) > before + 1 ? to : from;
    for (int i = 0; i < KEYS; i++) {
      assertEquals("value " + i, to.text("GET", key(0, i)));
      assertEquals("value " + i, owner.text("GET", key(1, i)));
    }
    long keys = from.ask("DBSIZE").number() + to.ask("DBSIZE").number();
    assertEquals((long) (SLOTS - 1) * KEYS, keys);
  }

  @Test
  void sameCommandGoesOnWhereItWasInterrupted() throws Exception {
    NodeProcess from = all.getFirst();
    NodeProcess to = all.get(2);
    to.text("CLUSTER", "SETSLOT", "0", "IMPORTING", from.id());
    from.text("CLUSTER", "SETSLOT", "0", "MIGRATING", to.id());
    from.text("MIGRATE", "127.0.0.1", port(to), key(0, 0), "0", "5000");
    assertFine(
        "yes\nyes\n",
        "reshard",
        "--from",
        port(from),
        "--to",
        port(to),
        "--slots",
        Integer.toString(SLOTS - 1));
    assertTrue(said.contains("finished 1 slots of a move that was interrupted"), () -> said);
    assertAllAt(to);
    assertEquals(2, tool("", "reshard", "--from", "all", "--to", "1", "--slots", "1"));
    assertTrue(said.contains("'1' is no node of this cluster"), () -> said);
    assertEquals(2, tool("", "reshard", "--to", port(to), "--slots", "1"));
    assertTrue(said.contains("--from is missing"), () -> said);
  }
}
