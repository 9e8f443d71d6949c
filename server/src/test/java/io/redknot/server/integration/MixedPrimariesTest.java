package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Primaries of both kinds: what an administrator does at one kind is seen by the other. */
class MixedPrimariesTest {
  @RegisterExtension private final Nodes nodes = Nodes.forTest();

  private List<NodeProcess> all = List.of();

  @BeforeEach
  void startBothKinds() throws IOException {
    all =
        nodes.startAll(List.of(NodeKind.REDKNOT, NodeKind.REDIS, NodeKind.REDKNOT, NodeKind.REDIS));
  }

  private void join() throws IOException {
    int[] bounds = {0, 4096, 8192, 12288, 16384};
    for (int i = 0; i < all.size(); i++) {
      String first = Integer.toString(bounds[i]);
      String last = Integer.toString(bounds[i + 1] - 1);
      all.get(i).text("CLUSTER", "ADDSLOTSRANGE", first, last);
    }
    Joined.meet(all);
    Topology.awaitAgreement(all);
  }

  private NodeProcess one(NodeKind kind) {
    return all.stream().filter(node -> node.kind() == kind).findFirst().orElseThrow();
  }

  private static NodeKind other(NodeKind kind) {
    return kind == NodeKind.REDIS ? NodeKind.REDKNOT : NodeKind.REDIS;
  }

  @ParameterizedTest(name = "from {0}")
  @EnumSource
  void slotMovedBetweenKindsIsSeenByAll(NodeKind kind) throws IOException {
    join();
    NodeProcess source = one(kind);
    NodeProcess target = one(other(kind));
    int slot = Integer.parseInt(slotsOf(source).getFirst().split("-", 2)[0]);
    String number = Integer.toString(slot);
    target.text("CLUSTER", "SETSLOT", number, "IMPORTING", source.id());
    source.text("CLUSTER", "SETSLOT", number, "MIGRATING", target.id());
    target.text("CLUSTER", "SETSLOT", number, "NODE", target.id());
    source.text("CLUSTER", "SETSLOT", number, "NODE", target.id());
    Waiting.until(
        "all see " + target + " own " + slot,
        () -> {
          for (NodeProcess node : all) {
            String told = node.ask("GET", Slots.tagIn(slot)).toString();
            String expected = node == target ? "$-1" : "-MOVED " + slot + " " + target.address();
            if (!told.equals(expected)) {
              return false;
            }
          }
          return true;
        });
    Topology.awaitAgreement(all);
  }

  private static List<String> slotsOf(NodeProcess node) throws IOException {
    Topology.Line line = Topology.nodes(node).get(node.id());
    return line == null ? List.of() : line.slots();
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  void slotGivenUpCanBeTakenByTheOtherKind(NodeKind kind) throws IOException {
    join();
    NodeProcess giver = one(kind);
    NodeProcess taker = one(other(kind));
    String slot = slotsOf(giver).getFirst().split("-", 2)[0];
    giver.text("CLUSTER", "DELSLOTS", slot);
    // Nodes are not told that a slot has lost its owner: each has to be asked to forget it, and
    // learns it again from what the owner has said before and arrives only now.
    Waiting.untilNothing(
        "the slot can be taken",
        () -> {
          for (NodeProcess node : all) {
            node.ask("CLUSTER", "DELSLOTS", slot);
          }
          String reply = taker.ask("CLUSTER", "ADDSLOTS", slot).toString();
          return reply.equals("+OK") ? "" : reply;
        });
    taker.text("CLUSTER", "BUMPEPOCH");
    Topology.awaitAgreement(all);
    String moved = "-MOVED " + slot + " " + taker.address();
    assertEquals(moved, giver.ask("GET", Slots.tagIn(Integer.parseInt(slot))).toString());
  }

  @Test
  void equalConfigEpochsOfBothKindsBecomeDifferent() throws IOException {
    // No epochs are set: all four start with 0.
    Joined.introduce(all);
    for (NodeProcess node : all) {
      assertEquals("OK", node.text("CLUSTER", "ADDSLOTS", Integer.toString(all.indexOf(node))));
    }
    Waiting.untilNothing(
        "epochs differ",
        () -> {
          TreeSet<String> told = new TreeSet<>();
          TreeSet<String> epochs = new TreeSet<>();
          for (NodeProcess node : all) {
            told.add(Topology.nodes(node).values().toString());
          }
          for (NodeProcess node : all) {
            epochs.add(node.clusterInfo("cluster_my_epoch"));
          }
          return told.size() == 1 && epochs.size() == all.size() ? "" : epochs + " " + told;
        });
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  void forgottenNodeIsGoneFromBothKinds(NodeKind kind) throws IOException {
    Joined.meet(all);
    NodeProcess forgotten = one(kind);
    String id = forgotten.id();
    List<NodeProcess> others = all.stream().filter(node -> node != forgotten).toList();
    for (NodeProcess node : others) {
      node.text("CLUSTER", "FORGET", id);
    }
    Waiting.until(
        "nobody knows it",
        () -> {
          for (NodeProcess node : others) {
            if (node.text("CLUSTER", "NODES").contains(id)) {
              return false;
            }
          }
          return true;
        });
    // Those who were forgotten and did not notice are still heard, and still not listened to.
    long received = received(others.getFirst());
    Waiting.until("talk goes on", () -> received(others.getFirst()) > received + 10);
    for (NodeProcess node : others) {
      assertEquals(3, Topology.nodes(node).size(), node::toString);
    }
  }

  private static long received(NodeProcess node) throws IOException {
    return Long.parseLong(node.clusterInfo("cluster_stats_messages_received"));
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  void hardResetNodeIsANewOneThatCanJoinAgain(NodeKind kind) throws IOException {
    join();
    NodeProcess reset = one(kind);
    String oldId = reset.id();
    List<NodeProcess> others = all.stream().filter(node -> node != reset).toList();
    reset.text("CLUSTER", "RESET", "HARD");
    assertNotEquals(oldId, reset.id());
    assertEquals("0", reset.clusterInfo("cluster_my_epoch"));
    for (NodeProcess node : others) {
      Waiting.until(
          node + " lets the old name go",
          () -> {
            node.ask("CLUSTER", "FORGET", oldId);
            return !Topology.nodes(node).containsKey(oldId);
          });
    }
    reset.text("CLUSTER", "MEET", "127.0.0.1", Integer.toString(others.getFirst().port()));
    Waiting.until(
        "all know the new name",
        () -> {
          for (NodeProcess node : all) {
            if (!Topology.nodes(node).containsKey(reset.id()) || Topology.nodes(node).size() != 4) {
              return false;
            }
          }
          return true;
        });
  }
}
