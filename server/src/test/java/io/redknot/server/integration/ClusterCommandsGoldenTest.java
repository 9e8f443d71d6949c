package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The same commands to a lone Redknot node and to a lone redis-server: what they answer has the
 * same types and the same words.
 */
class ClusterCommandsGoldenTest {
  private static final String NOBODY = "0123456789abcdef0123456789abcdef01234567";

  /** Replies that differ on purpose: Redknot answers as 7.2, the server beside it may be 7.0. */
  private static final Map<String, String> SINCE_7_2 =
      Map.of(
          "Invalid TCP base port specified",
          "Invalid base port specified",
          "Invalid TCP bus port specified",
          "Invalid bus port specified");

  private static final Pattern EVENTFUL_LINE =
      Pattern.compile("cluster_stats_messages_[a-z_]+:\\d+\\\\n");

  @RegisterExtension private static final Nodes NODES = Nodes.forClass();

  private static List<NodeProcess> both = List.of();

  @BeforeAll
  static void startBoth() throws IOException {
    both = NODES.startAll(List.of(NodeKind.REDKNOT, NodeKind.REDIS));
    // A started redis-server has not counted itself before its two seconds of caution are over.
    Waiting.until(
        "redis-server has counted", () -> both.get(1).clusterInfo("cluster_size").equals("0"));
  }

  @BeforeEach
  void emptyBoth() throws IOException {
    for (NodeProcess node : both) {
      node.text("FLUSHALL");
      node.text("CLUSTER", "RESET", "HARD");
    }
  }

  private static final List<String> ARITY =
      List.of(
          "CLUSTER",
          "CLUSTER NOSUCH",
          "CLUSTER nosuch and more",
          "CLUSTER ADDSLOTS",
          "CLUSTER ADDSLOTSRANGE 1",
          "CLUSTER ADDSLOTSRANGE 1 2 3",
          "CLUSTER BUMPEPOCH x",
          "CLUSTER COUNT-FAILURE-REPORTS",
          "CLUSTER COUNTKEYSINSLOT",
          "CLUSTER COUNTKEYSINSLOT 1 2",
          "CLUSTER DELSLOTS",
          "CLUSTER DELSLOTSRANGE 1",
          "CLUSTER DELSLOTSRANGE 1 2 3",
          "CLUSTER FAILOVER FORCE more",
          "CLUSTER FLUSHSLOTS x",
          "CLUSTER FORGET",
          "CLUSTER FORGET a b",
          "CLUSTER GETKEYSINSLOT 1",
          "CLUSTER HELP x",
          "CLUSTER INFO x",
          "CLUSTER KEYSLOT",
          "CLUSTER KEYSLOT a b",
          "CLUSTER LINKS x",
          "CLUSTER MEET 127.0.0.1",
          "CLUSTER MEET 127.0.0.1 1 2 3",
          "CLUSTER MYID x",
          "CLUSTER NODES x",
          "CLUSTER REPLICAS",
          "CLUSTER SLAVES",
          "CLUSTER REPLICATE",
          "CLUSTER RESET HARD more",
          "CLUSTER SAVECONFIG x",
          "CLUSTER SET-CONFIG-EPOCH",
          "CLUSTER SETSLOT 1",
          "CLUSTER SHARDS x",
          "CLUSTER SLOTS x",
          "ASKING x",
          "READONLY x",
          "READWRITE x");

  @Test
  void wrongNumbersOfArgumentsAreToldAlike() throws IOException {
    compare(ARITY);
  }

  @Test
  void helpNamesEverySubcommandThatRedisNames() throws IOException {
    Set<String> missing = help(both.get(1));
    missing.removeAll(help(both.get(0)));
    assertEquals(Set.of(), missing);
  }

  /** The first words of lines that are not indented; what is explained below them is our own. */
  private static Set<String> help(NodeProcess node) throws IOException {
    return node.ask("CLUSTER", "HELP").items().stream()
        .map(Reply::toString)
        .filter(line -> !line.startsWith("+ "))
        .map(line -> line.split(" ", 2)[0])
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static final List<String> SLOTS =
      List.of(
          "CLUSTER INFO",
          "CLUSTER SLOTS",
          "CLUSTER SHARDS",
          "CLUSTER NODES",
          "CLUSTER LINKS",
          "GET key",
          "CLUSTER ADDSLOTS x",
          "CLUSTER ADDSLOTS -1",
          "CLUSTER ADDSLOTS 16384",
          "CLUSTER ADDSLOTS 99999999999999999999",
          "CLUSTER ADDSLOTS 01",
          "CLUSTER ADDSLOTS 1 1",
          "CLUSTER ADDSLOTS 1 2 x",
          "CLUSTER SLOTS",
          "CLUSTER ADDSLOTS 5",
          "CLUSTER ADDSLOTS 5",
          "CLUSTER ADDSLOTS 5 5",
          "CLUSTER ADDSLOTS 6 5 6",
          "cluster addslots 7",
          "CLUSTER ADDSLOTSRANGE 10 8",
          "CLUSTER ADDSLOTSRANGE 0 x",
          "CLUSTER ADDSLOTSRANGE -1 3",
          "CLUSTER ADDSLOTSRANGE 0 16384",
          "CLUSTER ADDSLOTSRANGE 0 9",
          "CLUSTER ADDSLOTSRANGE 10 12 12 14",
          "CLUSTER ADDSLOTSRANGE 10 12 20 25",
          "CLUSTER SLOTS",
          "CLUSTER SHARDS",
          "CLUSTER NODES",
          "CLUSTER DELSLOTS 1",
          "CLUSTER DELSLOTS 5 5",
          "CLUSTER DELSLOTS 5 x",
          "CLUSTER DELSLOTS 5",
          "CLUSTER DELSLOTSRANGE 25 20",
          "CLUSTER DELSLOTSRANGE 20 26",
          "CLUSTER DELSLOTSRANGE 20 22 22 24",
          "CLUSTER DELSLOTSRANGE 20 22",
          "CLUSTER SLOTS",
          "CLUSTER INFO",
          "CLUSTER COUNTKEYSINSLOT x",
          "CLUSTER COUNTKEYSINSLOT -1",
          "CLUSTER COUNTKEYSINSLOT 16384",
          "CLUSTER COUNTKEYSINSLOT 7",
          "CLUSTER GETKEYSINSLOT x 1",
          "CLUSTER GETKEYSINSLOT 1 x",
          "CLUSTER GETKEYSINSLOT 16384 1",
          "CLUSTER GETKEYSINSLOT 1 -1",
          "CLUSTER GETKEYSINSLOT 7 0",
          "CLUSTER GETKEYSINSLOT 7 10",
          "CLUSTER KEYSLOT somekey",
          "CLUSTER KEYSLOT {tag}rest",
          "CLUSTER KEYSLOT {}rest",
          "CLUSTER FLUSHSLOTS",
          "CLUSTER SLOTS",
          "CLUSTER SAVECONFIG");

  @Test
  void slotsAreGivenTakenAndCountedAlike() throws IOException {
    compare(SLOTS);
  }

  private static final List<String> MEMBERS =
      List.of(
          "CLUSTER FORGET " + NOBODY,
          "CLUSTER FORGET short",
          "CLUSTER FORGET MYID",
          "CLUSTER REPLICATE " + NOBODY,
          "CLUSTER REPLICATE MYID",
          "CLUSTER REPLICAS " + NOBODY,
          "CLUSTER REPLICAS MYID",
          "CLUSTER SLAVES " + NOBODY,
          "CLUSTER SLAVES MYID",
          "CLUSTER COUNT-FAILURE-REPORTS " + NOBODY,
          "CLUSTER COUNT-FAILURE-REPORTS MYID",
          "CLUSTER FAILOVER",
          "CLUSTER FAILOVER FORCE",
          "CLUSTER FAILOVER takeover",
          "CLUSTER FAILOVER wrong",
          "CLUSTER MEET 127.0.0.1 x",
          "CLUSTER MEET 127.0.0.1 0",
          "CLUSTER MEET 127.0.0.1 65536",
          "CLUSTER MEET 127.0.0.1 -1",
          "CLUSTER MEET 127.0.0.1 60000",
          "CLUSTER MEET 127.0.0.1 7000 x",
          "CLUSTER MEET 127.0.0.1 7000 0",
          "CLUSTER MEET 127.0.0.1 7000 65536",
          "CLUSTER MEET nohost 7000",
          "CLUSTER MEET 300.1.1.1 7000",
          "CLUSTER MEET 1.2.3 7000",
          "CLUSTER RESET wrong",
          "CLUSTER MYID",
          "READONLY",
          "READWRITE",
          "ASKING");

  @Test
  void nodesAreNamedAndRefusedAlike() throws IOException {
    compare(MEMBERS);
  }

  private static final List<String> EPOCHS =
      List.of(
          "CLUSTER SET-CONFIG-EPOCH x",
          "CLUSTER SET-CONFIG-EPOCH -1",
          "CLUSTER SET-CONFIG-EPOCH 99999999999999999999",
          "CLUSTER SET-CONFIG-EPOCH 0",
          "CLUSTER INFO",
          "CLUSTER SET-CONFIG-EPOCH 7",
          "CLUSTER SET-CONFIG-EPOCH 8",
          "CLUSTER SET-CONFIG-EPOCH 0",
          "CLUSTER INFO",
          "CLUSTER NODES",
          "CLUSTER BUMPEPOCH",
          "CLUSTER RESET SOFT",
          "CLUSTER BUMPEPOCH",
          "CLUSTER BUMPEPOCH",
          "CLUSTER INFO",
          "CLUSTER RESET HARD",
          "CLUSTER INFO",
          "CLUSTER SET-CONFIG-EPOCH 3",
          "CLUSTER RESET",
          "CLUSTER INFO");

  @Test
  void epochsAreSetBumpedAndResetAlike() throws IOException {
    compare(EPOCHS);
  }

  private static final List<String> MOVES =
      List.of(
          "CLUSTER ADDSLOTSRANGE 0 100",
          "CLUSTER SETSLOT x STABLE",
          "CLUSTER SETSLOT 16384 STABLE",
          "CLUSTER SETSLOT -1 NODE " + NOBODY,
          "CLUSTER SETSLOT 1 WRONG",
          "CLUSTER SETSLOT 1 WRONG " + NOBODY,
          "CLUSTER SETSLOT 1 STABLE more",
          "CLUSTER SETSLOT 1 NODE",
          "CLUSTER SETSLOT 1 MIGRATING",
          "CLUSTER SETSLOT 1 IMPORTING",
          "CLUSTER SETSLOT 1 NODE a b",
          "CLUSTER SETSLOT 200 MIGRATING " + NOBODY,
          "CLUSTER SETSLOT 1 MIGRATING " + NOBODY,
          "CLUSTER SETSLOT 1 MIGRATING MYID",
          "CLUSTER SETSLOT 1 IMPORTING " + NOBODY,
          "CLUSTER SETSLOT 200 IMPORTING " + NOBODY,
          "CLUSTER SETSLOT 200 IMPORTING MYID",
          "CLUSTER SETSLOT 1 STABLE",
          "CLUSTER SETSLOT 200 NODE " + NOBODY,
          "CLUSTER SETSLOT 200 NODE MYID",
          "CLUSTER SETSLOT 1 NODE MYID",
          "CLUSTER SLOTS",
          "CLUSTER NODES");

  @Test
  void movesOfSlotsAreCheckedAlike() throws IOException {
    compare(MOVES);
  }

  @Test
  void nodeWithKeysRefusesAlike() throws IOException {
    for (NodeProcess node : both) {
      node.text("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
      Waiting.until(node + " serves", node::stateOk);
    }
    compare(
        List.of(
            "SET key value",
            "CLUSTER COUNTKEYSINSLOT 12539",
            "CLUSTER GETKEYSINSLOT 12539 10",
            "CLUSTER GETKEYSINSLOT 12539 0",
            "CLUSTER FLUSHSLOTS",
            "CLUSTER RESET",
            "CLUSTER RESET HARD",
            "CLUSTER RESET wrong",
            "CLUSTER INFO",
            "CLUSTER SLOTS",
            "CLUSTER SHARDS",
            "GET key",
            "MGET key other",
            "SELECT 1"));
  }

  private void compare(List<String> commands) throws IOException {
    NodeProcess redknot = both.get(0);
    NodeProcess redis = both.get(1);
    List<String> wrong = new ArrayList<>();
    try (RespConnection mine = redknot.connect();
        RespConnection its = redis.connect();
        RespConnection mine3 = redknot.connect();
        RespConnection its3 = redis.connect()) {
      mine3.ask("HELLO", "3");
      its3.ask("HELLO", "3");
      for (String command : commands) {
        note(wrong, command, said(redknot, mine, command), said(redis, its, command));
        note(wrong, "(3) " + command, said(redknot, mine3, command), said(redis, its3, command));
      }
    }
    assertEquals("", String.join("\n", wrong));
  }

  private static void note(List<String> wrong, String command, String mine, String its) {
    String expected = its;
    for (Map.Entry<String, String> renamed : SINCE_7_2.entrySet()) {
      expected = expected.replace(renamed.getKey(), renamed.getValue());
    }
    if (!mine.equals(expected)) {
      wrong.add(command + "\n    is    " + mine + "\n    not   " + expected);
    }
  }

  /** The reply with the node's own name and ports, and the time, taken out. */
  private static String said(NodeProcess node, RespConnection connection, String command)
      throws IOException {
    String id = node.id();
    Reply reply = connection.ask(command.replace("MYID", myIdUnlessAsked(command, id)).split(" "));
    String text =
        reply
            .toString()
            .replace(id, "<me>")
            .replace(Integer.toString(node.busPort()), "<bus>")
            .replace(Integer.toString(node.port()), "<port>")
            .replace("\r", "")
            .replace("\n", "\\n");
    text = EVENTFUL_LINE.matcher(text).replaceAll("");
    return text.replaceAll("(<me> \\S+ \\S+ - 0) \\d+ ", "$1 <now> ");
  }

  private static String myIdUnlessAsked(String command, String id) {
    return command.equals("CLUSTER MYID") ? "MYID" : id;
  }
}
