package io.redknot.server.tool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Ports;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tool against real {@code redis-server} nodes: what it sends must suit them, too. */
class ClusterToolTest {
  private static final int READY_LIMIT_MS = 60_000;

  private final List<Process> servers = new ArrayList<>();
  private final List<String> addresses = new ArrayList<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir Path folder;

  @AfterEach
  void endServers() throws InterruptedException {
    servers.forEach(Process::destroyForcibly);
    for (Process server : servers) {
      assertTrue(server.waitFor(READY_LIMIT_MS, TimeUnit.MILLISECONDS));
    }
  }

  @Test
  void emptyNodesBecomeAClusterWithReplicas() throws Exception {
    startNodes(6, "yes");
    assertEquals(0, run("create", "--replicas", "1"), this::said);
    assertEquals(0, run("status"), this::said);
    assertTrue(said().contains("ok: 3 primaries, 3 replicas"), this::said);
    assertTrue(said().contains("10923-16383"), this::said);
    assertEquals(1, run("create", "--replicas", "1"));
    assertTrue(said().contains("is part of a cluster already"), this::said);
    servers.getFirst().destroyForcibly().waitFor();
    assertEquals(1, run("status"));
    assertTrue(said().contains("cannot reach " + addresses.getFirst()), this::said);
  }

  @Test
  void nodeThatHoldsKeysOrIsNoClusterNodeIsRefused() throws Exception {
    startNodes(1, "yes");
    try (RespClient node = connect(0)) {
      assertEquals("OK", node.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383"));
      assertTrue(
          Patience.await(READY_LIMIT_MS, () -> NodeView.of(node).stateOk()), "never became ok");
      assertEquals("OK", node.ask("SET", "key", "value"));
      assertEquals("OK", node.ask("CLUSTER", "DELSLOTSRANGE", "0", "16383"));
    }
    assertEquals(1, run("create", "--replicas", "0"));
    assertTrue(said().contains("holds keys"), this::said);

    addresses.clear();
    startNodes(1, "no");
    assertEquals(1, run("create", "--replicas", "0"));
    assertTrue(said().contains("does not run with cluster-enabled yes"), this::said);
  }

  @Test
  void clusterWithUnownedSlotsIsNotHealthy() throws Exception {
    startNodes(1, "yes");
    assertEquals(1, run("status"));
    assertTrue(said().contains("16384 of 16384 slots have no owner"), this::said);
  }

  @Test
  void wrongArgumentsAreTold() throws InterruptedException {
    assertEquals(2, run());
    assertEquals(2, run("frobnicate"));
    assertEquals(2, run("status"));
    assertEquals(2, run("status", "nowhere"));
    assertEquals(2, run("status", "127.0.0.1:70000"));
    assertEquals(2, run("create", "--replicas", "x", "127.0.0.1:7000"));
    assertEquals(2, run("create", "--replicas", "1", "127.0.0.1:7000"));
  }

  @Test
  void statusOfNobodyHasItsOwnExitCode() throws Exception {
    addresses.add("127.0.0.1:" + Ports.claim());
    assertEquals(3, run("status"));
  }

  private int run(String... words) throws InterruptedException {
    out.reset();
    err.reset();
    ClusterTool tool =
        new ClusterTool(
            new PrintStream(out, true, UTF_8),
            new PrintStream(err, true, UTF_8),
            Reader.nullReader());
    return tool.run(Stream.concat(Stream.of(words), addresses.stream()).toArray(String[]::new));
  }

  private String said() {
    return out.toString(UTF_8) + err.toString(UTF_8);
  }

  private RespClient connect(int node) throws IOException, UsageException {
    return RespClient.connect(NodeAddress.parse(addresses.get(node)), READY_LIMIT_MS);
  }

  private void startNodes(int count, String clusterEnabled) throws Exception {
    int first = addresses.size();
    for (int i = 0; i < count; i++) {
      int port = Ports.claim();
      Path home = Files.createDirectories(folder.resolve(Integer.toString(port)));
      addresses.add("127.0.0.1:" + port);
      servers.add(
          new ProcessBuilder(
                  "redis-server",
                  "--port",
                  Integer.toString(port),
                  "--bind",
                  "127.0.0.1",
                  "--save",
                  "",
                  "--cluster-enabled",
                  clusterEnabled)
              .directory(home.toFile())
              .redirectErrorStream(true)
              .redirectOutput(home.resolve("log").toFile())
              .start());
    }
    for (int i = first; i < addresses.size(); i++) {
      int node = i;
      assertTrue(Patience.await(READY_LIMIT_MS, () -> answers(node)), "node never answered");
    }
  }

  private boolean answers(int node) {
    try (RespClient client = connect(node)) {
      return client.ask("PING").equals("PONG");
    } catch (IOException | UsageException e) {
      return false;
    }
  }
}
