package io.redknot.server.integration;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What {@code redis-cli --cluster} does besides moving single slots, to a running cluster of
 * Redknot and to one with a primary of Redis.
 */
@ParameterizedClass(name = "with {0}")
@EnumSource
class RedisCliClusterTest {
  /** Nobody writes to it, and nobody else moves it. */
  private static final int LONELY_SLOT = 16_000;

  /** The second node gets a key of it, which is not its owner; no other test moves it. */
  private static final int SHARED_SLOT = 16_001;

  @RegisterExtension private static final Nodes NODES = Nodes.forClass();

  private static final List<NodeProcess> ALL = new ArrayList<>();

  private final NodeKind second;

  RedisCliClusterTest(NodeKind second) {
    this.second = second;
  }

  @BeforeParameterizedClassInvocation
  static void form(NodeKind second) throws Exception {
    ALL.clear();
    ALL.addAll(NODES.startAll(List.of(NodeKind.REDKNOT, second, NodeKind.REDKNOT)));
    SixNodes.form(ALL, 0);
  }

  @AfterParameterizedClassInvocation
  static void end() throws Exception {
    NODES.close();
  }

  private static String any() {
    return ALL.getFirst().address();
  }

  /** A key that the first, second or third node owns, of a slot that no test moves. */
  private static String keyOf(int node, String name) {
    return "{" + Slots.tagIn(node * 6000 + 3000) + "}" + name;
  }

  @Test
  void setTimeoutReachesEachNodeAndItsFile() throws Exception {
    String said = RedisCli.cluster("set-timeout", any(), "23456");
    assertTrue(said.contains("3 OK, 0 ERR"), said);
    for (NodeProcess node : ALL) {
      assertEquals(
          "23456",
          node.ask("CONFIG", "GET", "cluster-node-timeout").items().get(1).text(),
          node::toString);
      String conf = Files.readString(node.conf());
      assertTrue(conf.lines().anyMatch("cluster-node-timeout 23456"::equals), conf);
    }
  }

  @Test
  void infoAndCheckCountSlotsAndReplicasOfEachNode() throws Exception {
    for (String word : List.of("info", "check")) {
      String said = RedisCli.cluster(word, any());
      assertTrue(said.contains("keys in 3 masters"), said);
      for (NodeProcess node : ALL) {
        String line = Pattern.quote(node.address()) + " .* keys \\| \\d+ slots \\| 0 slaves";
        assertTrue(Pattern.compile(line).matcher(said).find(), said);
      }
    }
  }

  @Test
  void fixGivesASlotOfNobodyToTheNodeWithItsKeys() throws Exception {
    String key = "{" + Slots.tagIn(LONELY_SLOT) + "}lonely";
    assertEquals("OK", RedisCli.ask(ALL.getFirst().port(), "-c", "SET", key, "kept"));
    for (NodeProcess node : ALL) {
      node.ask("CLUSTER", "DELSLOTS", Integer.toString(LONELY_SLOT));
    }
    assertTrue(RedisCli.run(List.of("--cluster", "check", any())).text().contains("Not all 16384"));
    RedisCli.confirmed("fix", any());
    Topology.awaitAgreement(ALL);
    String said = RedisCli.cluster("check", any());
    assertTrue(said.contains("[OK] All 16384 slots covered."), said);
    assertEquals("kept", RedisCli.ask(ALL.getFirst().port(), "-c", "GET", key));
  }

  /** Redis refuses redis-cli's way to mend this, too: a node sends only keys of slots it owns. */
  @Test
  void keysOfASlotAtTwoNodesAreNamedAndNoFixLosesThem() throws Exception {
    NodeProcess owner = ALL.get(2);
    NodeProcess other = ALL.get(1);
    String slot = Integer.toString(SHARED_SLOT);
    String tag = "{" + Slots.tagIn(SHARED_SLOT) + "}";
    // The slot is to stay with the node that has most of its keys.
    owner.text("SET", tag + "own", "of the owner");
    owner.text("SET", tag + "second", "of the owner");
    other.text("CLUSTER", "SETSLOT", slot, "IMPORTING", owner.id());
    other.text("ASKING");
    other.text("SET", tag + "stray", "of the other");
    other.text("CLUSTER", "SETSLOT", slot, "STABLE");
    String search = "--cluster-search-multiple-owners";
    RedisCli.Outcome check = RedisCli.run(List.of("--cluster", "check", any(), search));
    assertEquals(1, check.code(), check::text);
    assertTrue(check.text().contains("Slot " + slot + " has 2 owners:"), check::text);
    RedisCli.Outcome fix = RedisCli.run(List.of("--cluster", "fix", any(), search));
    assertTrue(fix.text().contains("MOVED " + slot + " " + owner.address()), fix::text);
    assertEquals("of the owner", owner.text("GET", tag + "own"));
    assertEquals(1, other.ask("CLUSTER", "COUNTKEYSINSLOT", slot).number());
    other.text("CLUSTER", "SETSLOT", slot, "IMPORTING", owner.id());
    other.text("MIGRATE", "127.0.0.1", Integer.toString(owner.port()), tag + "stray", "0", "5000");
    other.text("CLUSTER", "SETSLOT", slot, "STABLE");
    assertEquals("of the other", owner.text("GET", tag + "stray"));
    String clean = RedisCli.cluster("check", any(), search);
    assertTrue(clean.contains("[OK] No multiple owners found."), clean);
  }

  @Test
  void anEmptyPrimaryGetsSlotsByRebalanceAndLosesThemByItsWeight() throws Exception {
    NodeProcess added = NODES.start(second);
    RedisCli.cluster("add-node", added.address(), any());
    List<NodeProcess> four = new ArrayList<>(ALL);
    four.add(added);
    Topology.awaitAgreement(four);
    String weight = added.id() + "=0.01";
    RedisCli.cluster("rebalance", any(), "--cluster-use-empty-masters", "--cluster-weight", weight);
    Topology.awaitAgreement(four);
    long slots = slotsOf(added);
    assertTrue(slots > 0 && slots < 100, () -> slots + " slots");
    RedisCli.cluster("rebalance", any(), "--cluster-weight", added.id() + "=0");
    Topology.awaitAgreement(four);
    assertEquals(0, slotsOf(added));
    RedisCli.cluster("del-node", any(), added.id());
    Topology.awaitAgreement(ALL);
    added.close();
  }

  @Test
  void callAsksEachNode() throws Exception {
    String said = RedisCli.cluster("call", any(), "cluster", "myid");
    for (NodeProcess node : ALL) {
      assertTrue(said.contains(node.address() + ": " + node.id()), said);
    }
  }

  @Test
  void importTakesTheKeysOfAStandaloneServer() throws Exception {
    for (NodeKind kind : NodeKind.values()) {
      NodeProcess alone = NODES.start(kind, "cluster-enabled no");
      for (int i = 0; i < 3; i++) {
        alone.text("SET", keyOf(i, "from" + kind), "text " + i);
        assertEquals(2, alone.ask("RPUSH", keyOf(i, "list" + kind), "a", "b").number());
      }
      RedisCli.cluster("import", any(), "--cluster-from", alone.address());
      assertEquals(0, alone.ask("DBSIZE").number(), alone::toString);
      for (int i = 0; i < 3; i++) {
        assertEquals("text " + i, ALL.get(i).text("GET", keyOf(i, "from" + kind)));
        assertEquals(2, ALL.get(i).ask("LLEN", keyOf(i, "list" + kind)).number());
      }
      alone.close();
    }
  }

  @Test
  void backupKeepsTheDataOfEachPrimary(@TempDir Path folder) throws Exception {
    for (int i = 0; i < 3; i++) {
      ALL.get(i).text("SET", keyOf(i, "kept"), "kept by node " + i);
    }
    RedisCli.cluster("backup", any(), folder.toString());
    String topology = Files.readString(folder.resolve("nodes.json"));
    for (int i = 0; i < 3; i++) {
      String id = ALL.get(i).id();
      assertTrue(topology.contains(id), topology);
      String data = Files.readString(fileOf(folder, id), ISO_8859_1);
      assertTrue(data.startsWith("REDIS") && data.contains("kept by node " + i), () -> id);
    }
  }

  private static Path fileOf(Path folder, String id) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(id + ".rdb")).findAny().orElseThrow();
    }
  }

  @Test
  void rebalanceSharesSlotsOutByWeight() throws Exception {
    String key = "{" + Slots.tagIn(0) + "}moves";
    ALL.getFirst().text("SET", key, "text");
    RedisCli.cluster(
        "rebalance",
        any(),
        "--cluster-threshold",
        "1",
        "--cluster-weight",
        ALL.get(0).id() + "=98",
        ALL.get(1).id() + "=100",
        ALL.get(2).id() + "=102");
    Topology.awaitAgreement(ALL);
    assertEquals(List.of(5352L, 5461L, 5571L), slotsOfEach());
    assertEquals("text", RedisCli.ask(ALL.get(1).port(), "-c", "GET", key));
  }

  private static List<Long> slotsOfEach() throws IOException {
    List<Long> counts = new ArrayList<>();
    for (NodeProcess node : ALL) {
      counts.add(slotsOf(node));
    }
    return counts;
  }

  private static long slotsOf(NodeProcess node) throws IOException {
    long count = 0;
    for (Reply range : ALL.getFirst().ask("CLUSTER", "SLOTS").items()) {
      boolean owned = range.items().get(2).items().get(2).text().equals(node.id());
      count += owned ? range.items().get(1).number() - range.items().get(0).number() + 1 : 0;
    }
    return count;
  }
}
