package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A primary that has lost its only replica gets one from the primary that has two. */
class ReplicaMigrationTest {
  /** A primary is without replicas for so long before one comes; a little more, in seconds. */
  private static final int ORPHANED_S = 7;

  @RegisterExtension private final Nodes nodes = Nodes.forTest();

  /** Two primaries, the first with two replicas and the second with the last node. */
  private List<NodeProcess> form() throws IOException {
    List<NodeProcess> all =
        nodes.startAll(
            Collections.nCopies(5, NodeKind.REDKNOT), "cluster-allow-replica-migration no");
    NodeProcess rich = all.get(0);
    NodeProcess poor = all.get(1);
    rich.text("CLUSTER", "ADDSLOTSRANGE", "0", "8191");
    poor.text("CLUSTER", "ADDSLOTSRANGE", "8192", "16383");
    for (NodeProcess other : all.subList(1, 5)) {
      rich.text("CLUSTER", "MEET", "127.0.0.1", Integer.toString(other.port()));
    }
    for (NodeProcess replica : all.subList(2, 5)) {
      NodeProcess primary = replica == all.get(4) ? poor : rich;
      String id = primary.id();
      Waiting.until(replica + " knows " + primary, () -> Topology.nodes(replica).containsKey(id));
      assertEquals("OK", replica.text("CLUSTER", "REPLICATE", id));
    }
    Topology.awaitAgreement(all);
    all.subList(2, 5).forEach(Topology::awaitLinked);
    return all;
  }

  private static List<NodeProcess> followers(NodeProcess primary, List<NodeProcess> asked)
      throws IOException {
    List<NodeProcess> found = new ArrayList<>();
    for (NodeProcess node : asked) {
      Topology.Line line = Topology.nodes(node).get(node.id());
      if (line != null && line.primaryId().equals(primary.id())) {
        found.add(node);
      }
    }
    return found;
  }

  private static void set(List<NodeProcess> asked, String name, String value) throws IOException {
    for (NodeProcess node : asked) {
      assertEquals("OK", node.text("CONFIG", "SET", name, value));
    }
  }

  /** Waits by the clock of a node that goes on all the time. */
  private static void awaitSeconds(NodeProcess node, int seconds) throws IOException {
    long from = uptime(node);
    Waiting.until("the node is older", () -> uptime(node) > from + seconds);
  }

  private static long uptime(NodeProcess node) throws IOException {
    String server = node.text("INFO", "server");
    return Long.parseLong(server.replaceAll("(?s).*uptime_in_seconds:(\\d+).*", "$1"));
  }

  @Test
  void spareReplicaMovesUnlessThatIsForbiddenOrLeavesTooFew() throws IOException {
    List<NodeProcess> all = form();
    NodeProcess rich = all.get(0);
    NodeProcess poor = all.get(1);
    NodeProcess lost = all.get(4);
    String tag = Slots.tagIn(8192, 16383);
    assertEquals("OK", poor.text("SET", "{" + tag + "}key", "value"));
    String id = lost.id();
    lost.kill();
    List<NodeProcess> alive = all.subList(0, 4);
    Topology.awaitFlag(alive, id, "fail", true);
    awaitSeconds(rich, ORPHANED_S);
    assertEquals(2, followers(rich, alive).size(), "cluster-allow-replica-migration no");
    // The time is over: each of these would have one move at the next tick.
    set(alive, "cluster-migration-barrier", "2");
    set(alive, "cluster-allow-replica-migration", "yes");
    awaitSeconds(rich, 1);
    assertEquals(2, followers(rich, alive).size(), "cluster-migration-barrier 2");
    set(alive, "cluster-migration-barrier", "1");
    Waiting.until("one moves", () -> followers(poor, alive).size() == 1);
    assertEquals(1, followers(rich, alive).size(), "and one only");
    NodeProcess moved = followers(poor, alive).getFirst();
    Topology.awaitLinked(moved);
    assertEquals("OK", moved.text("READONLY"));
    Waiting.until(
        "it has the data of its new primary",
        () -> moved.ask("GET", "{" + tag + "}key").toString().contains("value"));
    assertEquals(1, followers(rich, alive).size());
  }
}
