package io.redknot.server.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Ports;
import io.redknot.server.tool.ScriptSandbox.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/cluster}, with {@code redis-server} in the place of our server. */
class ClusterScriptTest {
  private static final int LIMIT_MS = 60_000;

  @TempDir Path folder;
  private ScriptSandbox sandbox;
  private Path data;
  private int port;

  @BeforeEach
  void makeSandbox() throws Exception {
    sandbox = new ScriptSandbox(folder);
    sandbox.put("REDKNOT_JAVA_HOME", ScriptSandbox.realJdk());
    sandbox.put("REDKNOT_SERVER", "redis-server");
    data = folder.resolve("cluster data");
    port = Ports.claimRow(6);
  }

  @AfterEach
  void leaveNothingBehind() throws Exception {
    cluster("clean");
  }

  @Test
  void clusterStartsStopsComesBackAndIsCleanedAway() throws Exception {
    Outcome first = cluster("start", "--port", Integer.toString(port));
    assertEquals(0, first.code(), first::text);
    assertTrue(first.text().contains("ok: 3 primaries, 3 replicas"), first::text);
    assertTrue(first.text().contains("redis-cli -c -p " + port), first::text);
    List<ProcessHandle> nodes = nodes();
    assertEquals(6, nodes.size());

    Outcome second = cluster("start");
    assertEquals(0, second.code(), second::text);
    assertTrue(second.text().contains("The cluster is up already"), second::text);
    assertEquals(nodes, nodes());
    assertEquals(1, cluster("start", "--nodes", "8").code());
    assertEquals(0, cluster("status").code());

    assertEquals(0, cluster("stop").code());
    assertGone(nodes);
    assertEquals(3, cluster("status").code());

    Outcome back = cluster("start");
    assertEquals(0, back.code(), back::text);
    assertFalse(back.text().contains("Sharing"), back::text);

    List<ProcessHandle> again = nodes();
    assertEquals(0, cluster("clean").code());
    assertGone(again);
    assertFalse(Files.exists(data));
  }

  @Test
  void deadNodeIsToldAndStartedAgain() throws Exception {
    assertEquals(
        0, cluster("start", "--port", "" + port, "--nodes", "3", "--replicas", "0").code());
    ProcessHandle victim = node(port + 1);
    victim.destroyForcibly();
    assertTrue(Patience.await(LIMIT_MS, () -> ScriptSandbox.ended(victim)));
    Outcome status = cluster("status");
    assertEquals(1, status.code(), status::text);
    assertTrue(status.text().contains("Node " + (port + 1) + " is not running"), status::text);
    Outcome start = cluster("start");
    assertEquals(0, start.code(), start::text);
    assertTrue(start.text().contains("Starting 1 of 3 nodes"), start::text);
    assertEquals(0, cluster("status").code());
  }

  @Test
  void nodeComesIntoTheFolderAndGoesAgain() throws Exception {
    assertEquals(
        0, cluster("start", "--port", "" + port, "--nodes", "3", "--replicas", "0").code());
    Outcome added = cluster("add", "--replica-of", Integer.toString(port + 1));
    assertEquals(0, added.code(), added::text);
    assertEquals(0, cluster("check").code());
    assertEquals(1, cluster("add", "--replica-of", "127.0.0.1:1").code());
    assertFalse(Files.exists(data.resolve(Integer.toString(port + 4))));
    assertEquals(0, cluster("stop").code());
    Outcome back = cluster("start");
    assertTrue(back.text().contains("Starting 4 of 4 nodes"), back::text);
    ProcessHandle node = node(port + 3);
    Outcome removed = cluster("remove", Integer.toString(port + 3), "--yes");
    assertEquals(0, removed.code(), removed::text);
    assertTrue(ScriptSandbox.ended(node));
    Outcome status = cluster("status");
    assertTrue(status.text().contains("ok: 3 primaries, 0 replicas"), status::text);
  }

  @Test
  void failedStartTellsWhyAndLeavesNoNodeBehind() throws Exception {
    Path pids = folder.resolve("pids");
    String failing = "case $1 in *" + (port + 2) + "*) echo bad directive; exit 1;; esac";
    String server = failing + "; echo $$ >> " + pids + "; exec redis-server \"$@\"";
    sandbox.put("REDKNOT_SERVER", sandbox.program(folder.resolve("failing-server"), server));
    Outcome outcome = cluster("start", "--port", "" + port, "--nodes", "3", "--replicas", "0");
    assertEquals(1, outcome.code());
    assertTrue(outcome.text().contains("Node " + (port + 2) + " ended"), outcome::text);
    assertTrue(outcome.text().contains("    bad directive"), outcome::text);
    assertEquals(2, Files.readAllLines(pids).size());
    for (String pid : Files.readAllLines(pids)) {
      assertTrue(ProcessHandle.of(Long.parseLong(pid)).stream().allMatch(ScriptSandbox::ended));
    }
  }

  @Test
  void portInUseIsToldBeforeAnythingIsStarted() throws Exception {
    try (ServerSocket taken = new ServerSocket(port + 1, 1, InetAddress.getLoopbackAddress())) {
      Outcome outcome = cluster("start", "--port", Integer.toString(port));
      assertEquals(1, outcome.code());
      assertTrue(
          outcome.text().contains("port " + taken.getLocalPort() + " is in use"), outcome::text);
      assertFalse(Files.exists(data));
    }
  }

  @Test
  void folderOfSomebodyElseIsLeftAlone() throws Exception {
    Files.createDirectory(data);
    Path theirs = Files.writeString(data.resolve("theirs"), "text");
    assertEquals(1, cluster("start", "--port", Integer.toString(port)).code());
    assertEquals(0, cluster("clean").code());
    assertTrue(Files.exists(theirs));
  }

  @Test
  void wrongArgumentsAreTold() throws Exception {
    assertEquals(2, sandbox.run("cluster").code());
    assertEquals(2, sandbox.run("cluster", "restart").code());
    assertEquals(2, cluster("start", "--nodes").code());
    assertEquals(2, cluster("start", "--nodes", "six").code());
    assertEquals(2, cluster("start", "--nodes", "5").code());
    assertEquals(2, cluster("start", "--port", "55534").code());
    assertEquals(2, cluster("start", "--verbose").code());
    assertEquals(2, cluster("remove").code());
    assertEquals(2, cluster("fix", "everything").code());
    assertFalse(Files.exists(data));
  }

  private Outcome cluster(String command, String... options) throws Exception {
    List<String> words = new ArrayList<>(List.of(command, "--dir", data.toString()));
    words.addAll(List.of(options));
    return sandbox.run("cluster", words.toArray(String[]::new));
  }

  private List<ProcessHandle> nodes() throws IOException {
    List<ProcessHandle> nodes = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      nodes.add(node(port + i));
    }
    return nodes;
  }

  private ProcessHandle node(int nodePort) throws IOException {
    String pid = Files.readString(data.resolve(nodePort + "/node.pid")).strip();
    return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
  }

  private static void assertGone(List<ProcessHandle> nodes) {
    for (ProcessHandle node : nodes) {
      assertTrue(ScriptSandbox.ended(node), () -> node + " still runs");
    }
  }
}
