package io.redknot.cluster.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.cluster.AdminReply;
import io.redknot.cluster.AdminRequest;
import io.redknot.cluster.ClusterEvent;
import io.redknot.cluster.ClusterInfoText;
import io.redknot.cluster.ClusterSettings;
import io.redknot.cluster.NodeView;
import io.redknot.cluster.store.NodesConf;
import io.redknot.cluster.store.SavedCluster;
import io.redknot.cluster.store.SavedNode;
import io.redknot.cluster.wire.NodeFlags;
import io.redknot.cluster.wire.Payload;
import io.redknot.cluster.wire.SlotSet;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Our core and real servers in one cluster, over real sockets. */
@Timeout(180)
class RealRedisInteropTest {
  private static final int PORT_MIN = 21000;
  private static final int PORT_MAX = 31000;

  private final Deque<AutoCloseable> running = new ArrayDeque<>();
  private int nextPort = PORT_MIN + (int) (ProcessHandle.current().pid() % 5000);

  @TempDir Path dir;

  @BeforeEach
  void needsARealServer() throws InterruptedException {
    boolean present;
    try {
      present = new ProcessBuilder("redis-server", "--version").start().waitFor() == 0;
    } catch (IOException e) {
      present = false;
    }
    assertTrue(present, "redis-server is not on the PATH; install Debian's redis-server");
  }

  @AfterEach
  void stopAll() throws Exception {
    while (!running.isEmpty()) {
      running.pop().close();
    }
    assertRealNodesUnderstoodAll();
  }

  /** They log what they do not know. */
  private void assertRealNodesUnderstoodAll() throws IOException {
    try (DirectoryStream<Path> logs = Files.newDirectoryStream(dir, "redis-*.log")) {
      for (Path log : logs) {
        String text = Files.readString(log);
        assertFalse(text.contains("unknown extension"), text);
      }
    }
  }

  private int freePort() throws IOException {
    while (nextPort < PORT_MAX) {
      int port = nextPort++;
      if (isFree(port) && isFree(port + 10000)) {
        return port;
      }
    }
    throw new IOException("no free port");
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  private RealRedis redis() throws IOException {
    RealRedis redis = new RealRedis(freePort(), dir);
    running.push(redis);
    return redis;
  }

  private SocketNode ours() throws Exception {
    int port = freePort();
    ClusterSettings settings = ClusterSettings.builder().port(port).nodeTimeoutMs(1500).build();
    SocketNode node = new SocketNode(port, settings, dir.resolve("ours-" + port + ".conf"));
    running.push(node);
    return node;
  }

  private static void meet(SocketNode node, int port) {
    assertEquals(
        AdminReply.OK,
        node.admin(new AdminRequest.Meet("127.0.0.1", Integer.toString(port), null)));
  }

  private static boolean knows(SocketNode node, int count) {
    List<NodeView> nodes = node.view().nodes();
    return nodes.size() == count
        && nodes.stream().allMatch(n -> n.linkConnected() && !n.has(NodeFlags.HANDSHAKE));
  }

  private static boolean knows(RealRedis redis, int count) {
    String[] lines = redis.ask("CLUSTER NODES").split("\n", -1);
    int settled = 0;
    for (String line : lines) {
      settled += line.contains(" connected") && !line.contains("handshake") ? 1 : 0;
    }
    return settled == count && lines.length == count + 1;
  }

  private static void addSlots(SocketNode node, int first, int last) {
    assertEquals(
        AdminReply.OK,
        node.admin(
            new AdminRequest.AddSlotsRange(
                List.of(Integer.toString(first), Integer.toString(last)))));
  }

  private static boolean isUp(RealRedis redis) {
    return redis.ask("CLUSTER INFO").contains("cluster_state:ok");
  }

  @Test
  void weMeetARealNodeAndBothSeeEachOther() throws Exception {
    RealRedis redis = redis();
    SocketNode ours = ours();
    meet(ours, redis.port);
    Await.until("both know each other", () -> knows(ours, 2) && knows(redis, 2));
    assertTrue(redis.call("CLUSTER NODES").contains(ours.view().myself().id()));
    assertEquals("127.0.0.1", ours.view().myself().address().ip());
    String line = redis.call("CLUSTER NODES");
    assertTrue(line.contains("127.0.0.1:" + ours.port + "@" + (ours.port + 10000)), line);
  }

  @Test
  void nodesConfOfARealNodeIsRead() throws Exception {
    RealRedis redis = redis();
    SocketNode ours = ours();
    redis.call("CLUSTER ADDSLOTSRANGE 5 9");
    meet(ours, redis.port);
    Await.until("both know each other", () -> knows(ours, 2) && knows(redis, 2));
    redis.call("CLUSTER SETSLOT 7 MIGRATING " + ours.view().myself().id());
    redis.call("CLUSTER SAVECONFIG");
    String text = Files.readString(dir.resolve("nodes-" + redis.port + ".conf"));
    SavedCluster saved = NodesConf.parse(text, false);
    SavedNode self = saved.nodes().stream().filter(SavedNode::isMyself).findFirst().orElseThrow();
    assertEquals(SlotSet.range(5, 9), self.slots());
    assertEquals(ours.view().myself().id(), self.migrating().get(7));
    assertEquals(2, saved.nodes().size());
  }

  @Test
  void refusalsAreThoseOfARealServer() throws Exception {
    RealRedis redis = redis();
    SocketNode ours = ours();
    redis.call("CLUSTER ADDSLOTSRANGE 0 99");
    addSlots(ours, 0, 99);
    String nobody = "f".repeat(40);
    Map<String, AdminRequest> requests = new LinkedHashMap<>();
    requests.put("ADDSLOTS 100 x", new AdminRequest.AddSlots(List.of("100", "x")));
    requests.put("ADDSLOTS 100 05", new AdminRequest.AddSlots(List.of("100", "05")));
    requests.put("ADDSLOTS 100 5", new AdminRequest.AddSlots(List.of("100", "5")));
    requests.put("ADDSLOTS 100 100", new AdminRequest.AddSlots(List.of("100", "100")));
    requests.put("DELSLOTS 5 200", new AdminRequest.DelSlots(List.of("5", "200")));
    requests.put("DELSLOTS 5 5", new AdminRequest.DelSlots(List.of("5", "5")));
    requests.put(
        "ADDSLOTSRANGE 200 202 202 x",
        new AdminRequest.AddSlotsRange(List.of("200", "202", "202", "x")));
    requests.put(
        "ADDSLOTSRANGE 200 202 202 203",
        new AdminRequest.AddSlotsRange(List.of("200", "202", "202", "203")));
    requests.put("DELSLOTSRANGE 9 3", new AdminRequest.DelSlotsRange(List.of("9", "3")));
    requests.put("SETSLOT 5 STABLE x", new AdminRequest.SetSlot(List.of("5", "STABLE", "x")));
    requests.put("SETSLOT x MOVE y", new AdminRequest.SetSlot(List.of("x", "MOVE", "y")));
    requests.put("SETSLOT 5 MOVE y", new AdminRequest.SetSlot(List.of("5", "MOVE", "y")));
    for (String action : new String[] {"MIGRATING", "IMPORTING", "NODE"}) {
      for (String slot : new String[] {"5", "500"}) {
        requests.put(
            "SETSLOT " + slot + " " + action + " " + nobody,
            new AdminRequest.SetSlot(List.of(slot, action, nobody)));
      }
    }
    requests.put("MEET localhost 1", new AdminRequest.Meet("localhost", "1", null));
    requests.put("MEET 1.2.3.4 x", new AdminRequest.Meet("1.2.3.4", "x", null));
    requests.put("MEET 1.2.3.4 1 y", new AdminRequest.Meet("1.2.3.4", "1", "y"));
    requests.put("MEET 1.2.3.4 0", new AdminRequest.Meet("1.2.3.4", "0", null));
    requests.put("MEET 1.2.3.4 60000", new AdminRequest.Meet("1.2.3.4", "60000", null));
    requests.put("FORGET " + nobody, new AdminRequest.Forget(nobody));
    requests.put("REPLICATE " + nobody, new AdminRequest.Replicate(nobody));
    requests.put("SET-CONFIG-EPOCH x", new AdminRequest.SetConfigEpoch("x"));
    requests.put("SET-CONFIG-EPOCH -3", new AdminRequest.SetConfigEpoch("-3"));
    requests.put("COUNT-FAILURE-REPORTS " + nobody, new AdminRequest.CountFailureReports(nobody));
    requests.put("FAILOVER", new AdminRequest.Failover(AdminRequest.Failover.Mode.DEFAULT));
    for (Map.Entry<String, AdminRequest> request : requests.entrySet()) {
      // 7.2 dropped a word from two texts of 7.0.
      String theirs = redis.call("CLUSTER " + request.getKey()).replace("Invalid TCP", "Invalid");
      AdminReply.Refused refused =
          assertInstanceOf(
              AdminReply.Refused.class, ours.admin(request.getValue()), request.getKey());
      assertEquals(theirs, "-" + refused.text(), request.getKey());
    }
  }

  @Test
  void aRealNodeMeetsUsAndSlotsAreSharedWithoutCollision() throws Exception {
    RealRedis redis = redis();
    SocketNode ours = ours();
    redis.call("CLUSTER ADDSLOTSRANGE 0 8191");
    addSlots(ours, 8192, 16383);
    redis.call("CLUSTER MEET 127.0.0.1 " + ours.port);
    Await.until("both know each other", () -> knows(ours, 2) && knows(redis, 2));
    Await.until("both hold the cluster for up", () -> isUp(redis) && ours.view().isOk());
    List<NodeView> nodes = ours.view().nodes();
    Await.until(
        "the equal epochs were told apart",
        () -> ours.view().nodes().get(0).configEpoch() != ours.view().nodes().get(1).configEpoch());
    assertEquals(8192, nodes.get(1).slots().count());
    assertTrue(redis.call("CLUSTER NODES").contains(" 8192-16383"));
    assertTrue(ClusterInfoText.render(ours.view()).contains("cluster_size:2\r\n"));
  }

  @Test
  void publishedMessagesGoBothWays() throws Exception {
    RealRedis redis = redis();
    SocketNode ours = ours();
    meet(ours, redis.port);
    Await.until("both know each other", () -> knows(ours, 2) && knows(redis, 2));
    redis.call("PUBLISH news hello");
    ClusterEvent expected =
        new ClusterEvent.Published(false, Payload.of("news"), Payload.of("hello"));
    Await.until("the message arrived", () -> ours.events.contains(expected));
    ours.onLoop(
        core ->
            core.onPublish(
                InstantNow.ms(), false, Payload.of("news"), Payload.of("back"), ours.facts()));
    Await.until(
        "the real node counts it",
        () -> redis.ask("CLUSTER INFO").contains("cluster_stats_messages_publish_received:1"));
  }

  @Test
  void realReplicaIsElectedWithOurVotes() throws Exception {
    RealRedis primary = redis();
    RealRedis replica = redis();
    SocketNode one = ours();
    SocketNode two = ours();
    primary.call("CLUSTER ADDSLOTSRANGE 0 5000");
    addSlots(one, 5001, 10000);
    addSlots(two, 10001, 16383);
    for (int port : new int[] {primary.port, replica.port, two.port}) {
      meet(one, port);
    }
    Await.until("all know all", () -> knows(one, 4) && knows(two, 4) && knows(replica, 4));
    String primaryId = primary.call("CLUSTER MYID").strip();
    String replicaId = replica.call("CLUSTER MYID").strip();
    assertEquals("+OK", replica.call("CLUSTER REPLICATE " + primaryId));
    Await.until(
        "the replica is in sync and known",
        () ->
            replica.ask("INFO replication").contains("master_link_status:up")
                && one.view().nodes().get(one.view().find(replicaId)).primaryIndex() >= 0
                && two.view().nodes().get(two.view().find(replicaId)).primaryIndex() >= 0
                && one.view().isOk()
                && two.view().isOk());
    primary.close();
    Await.until(
        "the replica owns the slots, by all accounts",
        () ->
            one.view().owner(0) == one.view().find(replicaId)
                && two.view().owner(0) == two.view().find(replicaId)
                && isUp(replica));
  }

  @Test
  void ourReplicaIsElectedWithVotesOfRealNodes() throws Exception {
    RealRedis one = redis();
    RealRedis two = redis();
    SocketNode primary = ours();
    SocketNode replica = ours();
    one.call("CLUSTER ADDSLOTSRANGE 0 5000");
    two.call("CLUSTER ADDSLOTSRANGE 5001 10000");
    addSlots(primary, 10001, 16383);
    for (int port : new int[] {one.port, two.port, primary.port}) {
      meet(replica, port);
    }
    Await.until("all know all", () -> knows(replica, 4) && knows(one, 4) && knows(two, 4));
    String replicaId = replica.view().myself().id();
    assertEquals(
        AdminReply.OK, replica.admin(new AdminRequest.Replicate(primary.view().myself().id())));
    Await.until(
        "real nodes see the replica",
        () ->
            one.ask("CLUSTER NODES").contains(replicaId + " 127.0.0.1:" + replica.port)
                && one.ask("CLUSTER REPLICAS " + primary.view().myself().id()).startsWith("*1")
                && two.ask("CLUSTER REPLICAS " + primary.view().myself().id()).startsWith("*1")
                && isUp(one)
                && isUp(two));
    replica.dataAgeMs = 0;
    primary.close();
    Await.until(
        "our replica serves, by all accounts",
        () ->
            replica.view().isMine(16383)
                && replica.view().isOk()
                && isUp(one)
                && isUp(two)
                && one.ask("CLUSTER NODES").contains("10001-16383"));
    assertTrue(replica.events.stream().anyMatch(ClusterEvent.BecamePrimary.class::isInstance));
  }

  private static final class InstantNow {
    static long ms() {
      return InstantSource.system().millis();
    }
  }
}
