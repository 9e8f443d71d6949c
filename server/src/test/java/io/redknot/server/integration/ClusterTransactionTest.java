package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What CLUSTER commands do in a transaction, alone, beside keys and behind WATCH, by nodes of each
 * kind: the same.
 */
class ClusterTransactionTest {
  @RegisterExtension static final Nodes NODES = Nodes.forClass();

  private static final String KEY = "{" + Slots.tagIn(100) + "}k";
  private static final String UNKNOWN = "0".repeat(40);
  private static final Map<NodeKind, List<NodeProcess>> PAIRS = new EnumMap<>(NodeKind.class);

  /** What leaves the cluster as it was; commands of one transaction, separated by bars. */
  private static final List<String> COMMANDS =
      List.of(
          "ADDSLOTS 16000|COUNTKEYSINSLOT 16000|DELSLOTS 16000",
          "ADDSLOTS 16000|ADDSLOTS 16000|DELSLOTS 16000|DELSLOTS 16000",
          "ADDSLOTSRANGE 16000 16005|DELSLOTSRANGE 16000 16005",
          "ADDSLOTSRANGE 16000",
          "ADDSLOTS 100|ADDSLOTS x|ADDSLOTS 16384",
          "DELSLOTS 100|ADDSLOTS 100",
          "SETSLOT 101 MIGRATING other|SETSLOT 101 STABLE",
          "SETSLOT 9000 IMPORTING other|SETSLOT 9000 STABLE",
          "SETSLOT 101 NODE me|SETSLOT 101 NODE " + UNKNOWN + "|SETSLOT 101 AWAY",
          "SETSLOT 100 NODE other",
          "BUMPEPOCH|MYID",
          "SET-CONFIG-EPOCH 7",
          "FORGET " + UNKNOWN + "|FORGET me",
          "MEET 127.0.0.1 0|MEET host 6379",
          "MEET 127.0.0.1 myport",
          "REPLICATE " + UNKNOWN + "|REPLICATE me|REPLICATE other",
          "FAILOVER|FAILOVER FORCE|FAILOVER TAKEOVER|FAILOVER AGAIN",
          "RESET|RESET HARD|RESET ALL",
          "FLUSHSLOTS",
          "SAVECONFIG|KEYSLOT x|MYID",
          "COUNT-FAILURE-REPORTS me|COUNT-FAILURE-REPORTS " + UNKNOWN);

  @BeforeAll
  static void startPairs() throws IOException {
    for (NodeKind kind : NodeKind.values()) {
      // Epochs stay as they are given, and no slot is missed in the test's short life.
      List<NodeProcess> pair =
          NODES.startAll(Collections.nCopies(2, kind), "cluster-require-full-coverage no");
      pair.get(0).text("CLUSTER", "ADDSLOTSRANGE", "0", "8191");
      pair.get(1).text("CLUSTER", "ADDSLOTSRANGE", "8192", "15999");
      Joined.meet(pair);
      Waiting.until("both serve", () -> pair.get(0).stateOk() && pair.get(1).stateOk());
      PAIRS.put(kind, pair);
    }
  }

  /** What surrounds the CLUSTER commands. */
  enum Beside {
    NOTHING,
    KEYS,
    WATCH,
    WATCH_AND_KEYS,
    TOUCHED
  }

  private static String fill(String words, List<NodeProcess> pair) throws IOException {
    return words
        .replace("myport", Integer.toString(pair.getFirst().port()))
        .replace(" me", " " + pair.getFirst().id())
        .replace(" other", " " + pair.getLast().id());
  }

  /** What a node answers, without what is its own. */
  private static String tell(RespConnection client, String command, List<NodeProcess> pair)
      throws IOException {
    return client
        .line(command)
        .replace(pair.getFirst().id(), "<me>")
        .replace(pair.getLast().id(), "<other>")
        .replace(Integer.toString(pair.getFirst().port()), "<port>");
  }

  private static String run(NodeKind kind, String commands, Beside beside, boolean resp3)
      throws IOException {
    List<NodeProcess> pair = Objects.requireNonNull(PAIRS.get(kind));
    List<String> all = new ArrayList<>();
    if (resp3) {
      all.add("HELLO 3");
    }
    all.add("SET " + KEY + " 1");
    if (beside.name().startsWith("WATCH") || beside == Beside.TOUCHED) {
      all.add("WATCH " + KEY);
    }
    if (beside == Beside.TOUCHED) {
      all.add("INCR " + KEY);
    }
    boolean keys = beside.name().endsWith("KEYS");
    all.add("MULTI");
    if (keys) {
      all.add("INCR " + KEY);
      all.add("GET {" + KEY.substring(1, KEY.indexOf('}')) + "}absent");
    }
    for (String command : fill(commands, pair).split("\\|", -1)) {
      all.add("CLUSTER " + command);
    }
    if (keys) {
      all.add("INCR " + KEY);
    }
    all.add("EXEC");
    all.add("GET " + KEY);
    all.add("EXEC");
    StringBuilder told = new StringBuilder();
    try (RespConnection client = pair.getFirst().connect()) {
      for (String command : all) {
        String reply = tell(client, command, pair);
        if (!command.startsWith("HELLO")) {
          told.append(command.replaceAll("[0-9a-f]{40}", "<id>").replaceAll("\\d{5}$", "<n>"));
          told.append(" -> ").append(reply).append('\n');
        }
      }
    }
    return told.toString();
  }

  @ParameterizedTest
  @EnumSource
  void clusterCommandsAreExecutedInOrderAsRedisDoes(Beside beside) throws IOException {
    for (String commands : COMMANDS) {
      for (boolean resp3 : new boolean[] {false, true}) {
        assertEquals(
            run(NodeKind.REDIS, commands, beside, resp3),
            run(NodeKind.REDKNOT, commands, beside, resp3));
      }
    }
  }

  /** Replies in RESP3, one after the other; epochs and offsets left out. */
  private static String converse(NodeProcess node, String... commands) throws IOException {
    StringBuilder told = new StringBuilder();
    try (RespConnection client = node.connect()) {
      client.line("HELLO 3");
      for (String command : commands) {
        told.append(client.line(command)).append('\n');
      }
    }
    return told.toString()
        .replaceAll(":\\d+, \\*\\[[^]]*\\]", "<offset and replicas>")
        .replaceAll("\\$\\d{5}|:\\d+", "<n>");
  }

  /** One that becomes a replica, takes over and starts over, always in a transaction. */
  private static String careerOf(NodeKind kind) throws IOException {
    try (Nodes nodes = Nodes.forClass()) {
      List<NodeProcess> pair =
          nodes.startAll(Collections.nCopies(2, kind), "repl-diskless-sync-delay 0");
      NodeProcess old = pair.getFirst();
      NodeProcess node = pair.getLast();
      old.text("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
      Joined.meet(pair);
      Waiting.until("it serves", old::stateOk);
      old.text("SET", KEY, "1");
      String first =
          converse(
              node,
              "MULTI",
              "ROLE",
              "CLUSTER REPLICATE " + old.id(),
              "CLUSTER REPLICATE " + node.id(),
              "PING",
              "EXEC");
      return first + takenOver(old, node) + startedOver(old);
    }
  }

  private static String takenOver(NodeProcess old, NodeProcess node) throws IOException {
    Waiting.until("it has the key", () -> node.ask("DBSIZE").toString().equals(":1"));
    Waiting.until(
        "the link is up", () -> node.text("INFO", "replication").contains("link_status:up"));
    Waiting.until("it serves", node::stateOk);
    String told =
        converse(
            node,
            "READONLY",
            "WATCH " + KEY,
            "MULTI",
            "GET " + KEY,
            "CLUSTER FAILOVER TAKEOVER",
            "CLUSTER FAILOVER",
            "CLUSTER COUNTKEYSINSLOT 100",
            "ROLE",
            "EXEC",
            "INCR " + KEY);
    Waiting.until(
        "the other one follows", () -> old.text("INFO", "replication").contains("role:slave"));
    Waiting.until(
        "it has the write",
        () -> {
          try (RespConnection client = old.connect()) {
            client.line("READONLY");
            return client.line("GET " + KEY).equals("$2");
          }
        });
    return told;
  }

  private static String startedOver(NodeProcess old) throws IOException {
    return converse(
        old,
        "READONLY",
        "MULTI",
        "GET " + KEY,
        "CLUSTER RESET",
        "DBSIZE",
        "ROLE",
        "CLUSTER RESET",
        "EXEC",
        "GET " + KEY,
        "CLUSTER COUNTKEYSINSLOT 100");
  }

  @Test
  void nodeChangesItsRoleInTransactionsAsRedisDoes() throws IOException {
    assertEquals(careerOf(NodeKind.REDIS), careerOf(NodeKind.REDKNOT));
  }
}
