package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Primaries whose process ends or stands still, among Redknot nodes alone. */
class StalledPrimaryTest {
  private static final int CLIENTS = 20;

  @RegisterExtension private final Nodes nodes = Nodes.forTest();

  private final String tag = Slots.tagIn(0, 5460);

  @Test
  void killedPrimaryIsKnownToBeGoneAndAStoppedOneAcknowledgesNothingWhenItGoesOn()
      throws Exception {
    List<NodeProcess> all = nodes.startAll(Collections.nCopies(6, NodeKind.REDKNOT));
    SixNodes.form(all, 1);
    NodeProcess first = all.getFirst();
    NodeProcess second = Topology.replicaOf(first, all);
    Topology.awaitLinked(second);
    try (ClusterClients clients = new ClusterClients(all.getLast().port())) {
      clients.awaitWrites(tag);
      first.kill();
      awaitPrimary(second, all.get(1));
      // The old owner is still away: nobody redirects them.
      clients.awaitWrites(tag);
    }
    assertTrue(
        all.get(1).ask("CLUSTER", "FAILOVER-LOG").toString().contains("its process is gone"),
        "it need not have waited for the node timeout");
    first.start();
    Topology.awaitAgreement(all);
    Topology.awaitLinked(first);
    stopAndGoOn(second, first, all);
    handOver(first, second, "FORCE", all);
    handOver(second, first, "TAKEOVER", all);
  }

  private static void handOver(NodeProcess from, NodeProcess to, String how, List<NodeProcess> all)
      throws IOException {
    Topology.awaitLinked(to);
    assertEquals("OK", to.text("CLUSTER", "FAILOVER", how));
    awaitPrimary(to, all.get(1));
    Topology.awaitAgreement(all);
    Topology.awaitLinked(from);
  }

  /** What clients have sent meanwhile is read before anything of the cluster is. */
  private void stopAndGoOn(NodeProcess primary, NodeProcess replica, List<NodeProcess> all)
      throws IOException {
    List<RespConnection> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      RespConnection client = primary.connect();
      client.text("SET", ShardWriter.key(tag, i), "before");
      clients.add(client);
    }
    primary.freeze();
    try {
      awaitPrimary(replica, all.get(1));
      for (int i = 0; i < CLIENTS; i++) {
        clients.get(i).send("SET", ShardWriter.key(tag, i), "lost");
      }
    } finally {
      primary.thaw();
    }
    for (RespConnection client : clients) {
      String reply = client.read().toString();
      assertTrue(reply.startsWith("-CLUSTERDOWN") || reply.startsWith("-MOVED"), reply);
      client.close();
    }
    Topology.awaitAgreement(all);
  }

  private static void awaitPrimary(NodeProcess node, NodeProcess asked) throws IOException {
    String id = node.id();
    Waiting.until(
        node + " serves the slots in the opinion of " + asked,
        () -> {
          Topology.Line line = Topology.nodes(asked).get(id);
          return line != null && line.is("master") && !line.slots().isEmpty() && asked.stateOk();
        });
  }
}
