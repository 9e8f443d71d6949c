package io.redknot.server.integration;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What {@code redis-cli --cluster} does besides moving single slots, to one running cluster. */
class RedisCliClusterTest {
  @RegisterExtension private static final Nodes NODES = Nodes.forClass();

  private static final List<NodeProcess> ALL = new ArrayList<>();

  @BeforeAll
  static void form() throws Exception {
    ALL.clear();
    ALL.addAll(NODES.startAll(Collections.nCopies(3, NodeKind.REDKNOT)));
    SixNodes.form(ALL, 0);
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
      long count = 0;
      for (Reply range : ALL.getFirst().ask("CLUSTER", "SLOTS").items()) {
        boolean owned = range.items().get(2).items().get(2).text().equals(node.id());
        count += owned ? range.items().get(1).number() - range.items().get(0).number() + 1 : 0;
      }
      counts.add(count);
    }
    return counts;
  }
}
