package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a node does with the nodes.conf that it finds when it starts. */
class NodesConfStartTest {
  @RegisterExtension private final Nodes nodes = Nodes.forTest();

  @Test
  void secondProcessOnTheSameFileRefusesToStart() throws IOException {
    NodeProcess first = nodes.start(NodeKind.REDKNOT);
    String id = first.id();
    NodeProcess second = nodes.prepare(NodeKind.REDKNOT);
    second.launch(List.of("--dir", first.folder().toString()));
    assertEquals(1, second.awaitEnd(), second::log);
    assertTrue(second.log().contains("nodes.conf"), second::log);
    assertTrue(second.log().contains("already in use by another cluster node"), second::log);
    assertEquals(id, first.id());
    assertEquals("OK", first.text("CLUSTER", "SAVECONFIG"));
  }

  @Test
  void fileIsFreeAgainOnceItsProcessIsKilled() throws IOException {
    NodeProcess node = nodes.start(NodeKind.REDKNOT);
    String id = node.id();
    node.text("CLUSTER", "ADDSLOTSRANGE", "5", "9");
    String before = node.ask("CLUSTER", "SLOTS").toString();
    node.kill();
    node.start();
    assertEquals(id, node.id());
    assertEquals(before, node.ask("CLUSTER", "SLOTS").toString());
  }

  private static final String ID = "0123456789012345678901234567890123456789 ";
  private static final String VARS = "\nvars currentEpoch 0 lastVoteEpoch 0\n";

  private static final List<String> DAMAGES =
      List.of(
          "garbage",
          "\0\0\0\0\0\0\0\0",
          "vars currentEpoch 1 lastVoteEpoch",
          ID + "127.0.0.1:7000@17000 nosuchflag - 0 0 0 connected" + VARS,
          ID + "127.0.0.1:7000@17000 myself,master - 0 0 0 connected 0-16384" + VARS,
          ID + "127.0.0.1:7000@17000 master - 0 0 0 connected" + VARS,
          ID + "127.0.0.1 myself,master - 0 0 0 connected" + VARS);

  @Test
  void damagedFileStopsTheStartAndIsLeftAsItIs() throws IOException {
    Map<NodeProcess, String> starting = new LinkedHashMap<>();
    for (String damage : DAMAGES) {
      NodeProcess node = nodes.prepare(NodeKind.REDKNOT);
      Files.writeString(node.nodesConf(), damage);
      starting.put(node.launch(), damage);
    }
    for (Map.Entry<NodeProcess, String> entry : starting.entrySet()) {
      NodeProcess node = entry.getKey();
      assertEquals(1, node.awaitEnd(), () -> entry.getValue() + "\n" + node.log());
      assertTrue(node.log().contains("orrupted cluster config file"), node::log);
      assertEquals(entry.getValue(), Files.readString(node.nodesConf()));
    }
  }

  @Test
  void fileCutShortStopsTheStartAndIsLeftAsItIs() throws IOException {
    NodeProcess node = nodes.start(NodeKind.REDKNOT);
    node.text("CLUSTER", "ADDSLOTSRANGE", "0", "100");
    assertEquals(0, node.terminate(), node::log);
    byte[] whole = Files.readAllBytes(node.nodesConf());
    byte[] half = Arrays.copyOf(whole, whole.length / 2);
    Files.write(node.nodesConf(), half);
    assertEquals(1, node.launch().awaitEnd(), node::log);
    assertTrue(node.log().contains("orrupted cluster config file"), node::log);
    assertArrayEquals(half, Files.readAllBytes(node.nodesConf()));
    Files.write(node.nodesConf(), whole);
    node.start();
  }

  @Test
  void fileOfAnotherKindOfNodeIsUnderstoodByBoth() throws IOException {
    NodeProcess redis = nodes.start(NodeKind.REDIS);
    redis.text("CLUSTER", "ADDSLOTSRANGE", "0", "100");
    redis.text("CLUSTER", "SET-CONFIG-EPOCH", "9");
    String id = redis.id();
    String slots = redis.ask("CLUSTER", "SLOTS").toString();
    redis.terminate();
    NodeProcess redknot = nodes.prepare(NodeKind.REDKNOT);
    Files.copy(redis.nodesConf(), redknot.nodesConf());
    redknot.start();
    assertEquals(id, redknot.id());
    assertEquals("9", redknot.clusterInfo("cluster_my_epoch"));
    String port = Integer.toString(redknot.port());
    String moved = slots.replace(Integer.toString(redis.port()), port);
    assertEquals(moved, redknot.ask("CLUSTER", "SLOTS").toString());
  }
}
