package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Where clients are sent, on real connections. Every claim is checked on redis-server, too: what
 * holds there is what has to hold here.
 */
class RedirectTest {
  @RegisterExtension private static final Nodes NODES = Nodes.forClass();

  private static final Map<NodeKind, Trio> TRIOS = new EnumMap<>(NodeKind.class);

  /** A cluster of one kind: the owners of the lower and the upper slots, the latter's replica. */
  private record Trio(NodeProcess low, NodeProcess high, NodeProcess replica) {
    List<NodeProcess> all() {
      return List.of(low, high, replica);
    }
  }

  @BeforeAll
  static void startTrios() throws IOException {
    for (NodeKind kind : NodeKind.values()) {
      List<NodeProcess> nodes = NODES.startAll(Collections.nCopies(3, kind));
      TRIOS.put(kind, new Trio(nodes.get(0), nodes.get(1), nodes.get(2)));
    }
    for (Trio trio : TRIOS.values()) {
      trio.low.text("CLUSTER", "ADDSLOTSRANGE", "0", "8191");
      trio.high.text("CLUSTER", "ADDSLOTSRANGE", "8192", "16383");
      Joined.meet(trio.all());
      trio.replica.text("CLUSTER", "REPLICATE", trio.high.id());
    }
    TRIOS.values().forEach(trio -> Topology.awaitAgreement(trio.all()));
  }

  private static Trio trio(NodeKind kind) {
    return Objects.requireNonNull(TRIOS.get(kind));
  }

  @ParameterizedTest
  @EnumSource
  void keyOfAnotherNodeIsMoved(NodeKind kind) throws IOException {
    Trio trio = trio(kind);
    try (RespConnection low = trio.low.connect();
        RespConnection high = trio.high.connect();
        RespConnection replica = trio.replica.connect()) {
      assertEquals("+OK", low.line("SET " + Slots.tagIn(100) + " v"));
      assertEquals(
          "-MOVED 9000 " + trio.high.address(), low.line("SET " + Slots.tagIn(9000) + " v"));
      assertEquals("-MOVED 9000 " + trio.high.address(), low.line("GET " + Slots.tagIn(9000)));
      assertEquals("-MOVED 100 " + trio.low.address(), high.line("GET " + Slots.tagIn(100)));
      assertEquals("-MOVED 100 " + trio.low.address(), replica.line("GET " + Slots.tagIn(100)));
      assertEquals("-MOVED 9000 " + trio.high.address(), replica.line("GET " + Slots.tagIn(9000)));
      assertEquals("+PONG", replica.line("PING"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void keysOfSeveralSlotsAreRefusedWhereverTheyAre(NodeKind kind) throws IOException {
    String crossSlot = "-CROSSSLOT Keys in request don't hash to the same slot";
    try (RespConnection low = trio(kind).low.connect();
        RespConnection high = trio(kind).high.connect()) {
      String mine = Slots.tagIn(100);
      String mineToo = Slots.tagIn(101);
      String its = Slots.tagIn(9000);
      assertEquals(crossSlot, low.line("MGET " + mine + " " + mineToo));
      assertEquals(crossSlot, low.line("MGET " + mine + " " + its));
      assertEquals(crossSlot, high.line("MSET " + mine + " v " + mineToo + " v"));
      assertEquals("*[$-1, $-1]", low.line("MGET {" + mine + "}a {" + mine + "}b"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void readonlyClientReadsFromItsReplicaUntilReadwrite(NodeKind kind) throws IOException {
    Trio trio = trio(kind);
    String key = Slots.tagIn(9001);
    String moved = "-MOVED 9001 " + trio.high.address();
    try (RespConnection replica = trio.replica.connect();
        RespConnection other = trio.replica.connect()) {
      assertEquals("+OK", replica.line("READONLY"));
      assertEquals("$-1", replica.line("GET " + key));
      assertEquals("*[$-1, $-1]", replica.line("MGET " + key + " " + key));
      assertEquals(moved, replica.line("SET " + key + " v"));
      assertEquals("-MOVED 100 " + trio.low.address(), replica.line("GET " + Slots.tagIn(100)));
      assertEquals(moved, other.line("GET " + key));
      assertEquals("+OK", replica.line("READWRITE"));
      assertEquals(moved, replica.line("GET " + key));
    }
  }

  @ParameterizedTest
  @EnumSource
  void slotOnTheMoveIsServedByBothNodesOneKeyAtATime(NodeKind kind) throws IOException {
    Trio trio = trio(kind);
    int slot = 200;
    String tag = "{" + Slots.tagIn(slot) + "}";
    String tryAgain = "-TRYAGAIN Multiple keys request during rehashing of slot";
    String ask = "-ASK 200 " + trio.high.address();
    String moved = "-MOVED 200 " + trio.low.address();
    try (RespConnection low = trio.low.connect();
        RespConnection high = trio.high.connect()) {
      assertEquals("+OK", low.line("SET " + tag + "here v"));
      assertEquals("+OK", high.line("CLUSTER SETSLOT 200 IMPORTING " + trio.low.id()));
      assertEquals("+OK", low.line("CLUSTER SETSLOT 200 MIGRATING " + trio.high.id()));

      assertEquals("$v", low.line("GET " + tag + "here"));
      assertEquals(ask, low.line("GET " + tag + "gone"));
      assertEquals(ask, low.line("SET " + tag + "gone v"));
      assertEquals(ask, low.line("MGET " + tag + "gone " + tag + "too"));
      assertEquals(tryAgain, low.line("MGET " + tag + "here " + tag + "gone"));

      assertEquals(moved, high.line("GET " + tag + "gone"));
      assertEquals("+OK", high.line("ASKING"));
      assertEquals("+OK", high.line("SET " + tag + "gone w"));
      assertEquals(moved, high.line("GET " + tag + "gone"));
      assertEquals("+OK", high.line("ASKING"));
      assertEquals(tryAgain, high.line("MGET " + tag + "gone " + tag + "here"));
      assertEquals("+OK", high.line("ASKING"));
      assertEquals("*[$w, $w]", high.line("MGET " + tag + "gone " + tag + "gone"));
      assertEquals("+OK", high.line("ASKING"));
      assertEquals("-MOVED 100 " + trio.low.address(), high.line("GET " + Slots.tagIn(100)));
      assertEquals("+OK", high.line("ASKING"));
      high.line("NOSUCHCOMMAND");
      assertEquals(moved, high.line("GET " + tag + "gone"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void slotThatHasMovedIsServedByItsNewOwner(NodeKind kind) throws IOException {
    Trio trio = trio(kind);
    String tag = "{" + Slots.tagIn(300) + "}";
    try (RespConnection low = trio.low.connect();
        RespConnection high = trio.high.connect()) {
      assertEquals("+OK", low.line("SET " + tag + "key v"));
      assertEquals("+OK", high.line("CLUSTER SETSLOT 300 IMPORTING " + trio.low.id()));
      assertEquals("+OK", low.line("CLUSTER SETSLOT 300 MIGRATING " + trio.high.id()));
      String node = "CLUSTER SETSLOT 300 NODE " + trio.high.id();
      assertEquals(
          "-ERR Can't assign hashslot 300 to a different node while I still hold keys for this"
              + " hash slot.",
          low.line(node));
      assertEquals(":1", low.line("DEL " + tag + "key"));
      assertEquals("+OK", high.line(node));
      assertEquals("+OK", high.line("SET " + tag + "key w"));
      assertEquals("+OK", low.line(node));
      assertEquals("-MOVED 300 " + trio.high.address(), low.line("GET " + tag + "key"));
      assertEquals("$w", high.line("GET " + tag + "key"));
      Topology.awaitAgreement(trio.all());
    }
  }

  @ParameterizedTest
  @EnumSource
  void slotWithoutOwnerAndClusterWithoutAllSlotsAreDown(NodeKind kind) throws IOException {
    NodeProcess strict = NODES.start(kind);
    assertEquals("+OK", strict.ask("CLUSTER", "ADDSLOTSRANGE", "0", "100").toString());
    try (RespConnection client = strict.connect()) {
      assertEquals("-CLUSTERDOWN The cluster is down", client.line("GET " + Slots.tagIn(7)));
      assertEquals("-CLUSTERDOWN The cluster is down", client.line("SET " + Slots.tagIn(7) + " v"));
      assertEquals("-CLUSTERDOWN Hash slot not served", client.line("GET " + Slots.tagIn(101)));
      assertEquals(
          "-CROSSSLOT Keys in request don't hash to the same slot",
          client.line("MGET " + Slots.tagIn(7) + " " + Slots.tagIn(8)));
      assertEquals("+PONG", client.line("PING"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void readsAreServedWhileDownWhereTheyAreAllowed(NodeKind kind) throws IOException {
    NodeProcess lenient = NODES.start(kind, "cluster-allow-reads-when-down yes");
    assertEquals("+OK", lenient.ask("CLUSTER", "ADDSLOTSRANGE", "0", "100").toString());
    try (RespConnection client = lenient.connect()) {
      assertEquals("$-1", client.line("GET " + Slots.tagIn(7)));
      assertEquals(
          "-CLUSTERDOWN The cluster is down and only accepts read commands",
          client.line("SET " + Slots.tagIn(7) + " v"));
      assertEquals("-CLUSTERDOWN Hash slot not served", client.line("GET " + Slots.tagIn(101)));
    }
  }

  @ParameterizedTest
  @EnumSource
  void ownedSlotsAreServedWhereCoverageIsNotRequired(NodeKind kind) throws IOException {
    NodeProcess partial = NODES.start(kind, "cluster-require-full-coverage no");
    assertEquals("+OK", partial.ask("CLUSTER", "ADDSLOTSRANGE", "0", "100").toString());
    Waiting.until(partial + " serves", partial::stateOk);
    try (RespConnection client = partial.connect()) {
      assertEquals("+OK", client.line("SET " + Slots.tagIn(7) + " v"));
      assertEquals(
          "-CLUSTERDOWN Hash slot not served", client.line("SET " + Slots.tagIn(101) + " v"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void clientsAreSentToTheEndpointThatIsPreferred(NodeKind kind) throws IOException {
    NodeProcess named = NODES.start(kind, "cluster-announce-hostname node.example");
    NodeProcess byName = NODES.start(kind, "cluster-preferred-endpoint-type hostname");
    NodeProcess unknown = NODES.start(kind, "cluster-preferred-endpoint-type unknown-endpoint");
    List<NodeProcess> all = List.of(named, byName, unknown);
    named.text("CLUSTER", "ADDSLOTSRANGE", "0", "8191");
    unknown.text("CLUSTER", "ADDSLOTSRANGE", "8192", "16383");
    Joined.meet(all);
    for (NodeProcess node : all) {
      Waiting.until(
          node + " serves and knows the name",
          () -> node.stateOk() && node.text("CLUSTER", "NODES").contains(",node.example "));
    }
    String low = "GET " + Slots.tagIn(1);
    String high = "GET " + Slots.tagIn(9000);
    try (RespConnection name = byName.connect();
        RespConnection none = unknown.connect();
        RespConnection ip = named.connect()) {
      assertEquals("-MOVED 1 node.example:" + named.port(), name.line(low));
      assertEquals("-MOVED 9000 ?:" + unknown.port(), name.line(high));
      assertEquals("-MOVED 1 :" + named.port(), none.line(low));
      assertEquals("-MOVED 9000 127.0.0.1:" + unknown.port(), ip.line(high));
      String lowNode = ":" + named.port() + ", $" + named.id() + ", *[$ip, $127.0.0.1";
      String highNode = ":" + unknown.port() + ", $" + unknown.id() + ", *[$ip, $127.0.0.1]";
      assertEquals(
          slots("$node.example, " + lowNode + "]", "$?, " + highNode), name.line("CLUSTER SLOTS"));
      assertEquals(
          slots("$-1, " + lowNode + ", $hostname, $node.example]", "$-1, " + highNode),
          none.line("CLUSTER SLOTS"));
    }
  }

  private static String slots(String lowNode, String highNode) {
    return "*[*[:0, :8191, *[%s]], *[:8192, :16383, *[%s]]]".formatted(lowNode, highNode);
  }
}
