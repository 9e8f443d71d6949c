package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program from its arguments to its exit code. */
class ServerStartTest {
  @TempDir private Path folder;
  private String port;

  @BeforeEach
  void choosePort() throws IOException {
    port = String.valueOf(Ports.claim());
  }

  private ServerProcess redknot(String... arguments) throws IOException {
    return ServerProcess.start(NodeKind.REDKNOT, folder, arguments);
  }

  private ServerProcess ready(String... arguments) throws IOException {
    return redknot(arguments).awaitReady();
  }

  private RespConnection connect() throws IOException {
    return new RespConnection(Integer.parseInt(port));
  }

  private void awaitRefusal(ServerProcess server) throws InterruptedException {
    assertEquals(1, server.awaitEnd(), server::out);
  }

  @Test
  void unknownDirectiveEndsTheStartWithTheWordsOfRedis() throws Exception {
    try (ServerProcess server = redknot("--port", port, "--nonsense", "1")) {
      awaitRefusal(server);
      String head = "*** FATAL CONFIG FILE ERROR (Redis 7.2.4) ***\n";
      assertTrue(server.err().startsWith(head), server::err);
      assertTrue(server.err().contains(">>> 'nonsense \"1\"'\nBad directive"), server::err);
      assertEquals("", server.out());
    }
  }

  @Test
  void fileThatIsMissingEndsTheStart() throws Exception {
    try (ServerProcess server = redknot("none.conf")) {
      awaitRefusal(server);
      assertTrue(server.err().contains("none.conf': No such file or directory"), server::err);
    }
  }

  @Test
  void renamingACommandThatThereIsNotEndsTheStart() throws Exception {
    try (ServerProcess server = redknot("--port", port, "--rename-command", "nonsense", "x")) {
      awaitRefusal(server);
      assertTrue(server.err().contains("No such command in rename-command"), server::err);
    }
  }

  @Test
  void portThatIsTakenEndsTheStartAndLeavesThePidFileOfTheOther() throws Exception {
    Path pidFile = Files.writeString(folder.resolve("pid"), "of another\n");
    try (ServerSocket taken =
            new ServerSocket(Integer.parseInt(port), 1, InetAddress.getLoopbackAddress());
        ServerProcess server =
            redknot("--port", port, "--bind", "127.0.0.1", "--pidfile", pidFile.toString())) {
      assertTrue(taken.isBound());
      awaitRefusal(server);
      assertTrue(server.out().contains("Address already in use"), server::out);
      assertTrue(server.out().contains("Failed listening on port " + port), server::out);
      assertEquals("of another\n", Files.readString(pidFile));
    }
  }

  @Test
  void versionAndHelpArePrintedAndNothingIsStarted() throws Exception {
    try (ServerProcess server = redknot("--version")) {
      assertEquals(0, server.awaitEnd());
      assertTrue(server.out().startsWith("Redknot server v="), server::out);
    }
  }

  @Test
  void fileWithAnIncludeIsReadAndOptionsOverruleIt() throws Exception {
    Files.writeString(folder.resolve("more.conf"), "timeout 11\nmaxclients 22\n");
    Files.writeString(
        folder.resolve("main.conf"),
        "port " + port + "\nbind 127.0.0.1\ninclude more.conf\nhz 33\n");
    try (ServerProcess server = ready("main.conf", "--hz", "44");
        RespConnection client = connect()) {
      assertEquals("*[$timeout, $11]", client.line("CONFIG GET timeout"));
      assertEquals("*[$maxclients, $22]", client.line("CONFIG GET maxclients"));
      assertEquals("*[$hz, $44]", client.line("CONFIG GET hz"));
      String info = client.text("INFO", "server");
      assertTrue(info.contains("config_file:" + folder.resolve("main.conf")), info);
      assertEquals("OK", client.text("CONFIG", "SET", "timeout", "12"));
      assertEquals("OK", client.text("CONFIG", "REWRITE"));
      String rewritten = Files.readString(folder.resolve("main.conf"));
      assertTrue(rewritten.contains("hz 44\n"), rewritten);
      assertTrue(rewritten.contains("timeout 12\n"), rewritten);
      assertTrue(server.out().contains("Configuration loaded"), server::out);
    }
  }

  @Test
  void logLinesHaveTheFormOfRedis() throws Exception {
    try (ServerProcess server = ready("--port", port, "--bind", "127.0.0.1")) {
      String head = server.pid() + ":M \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d\\.\\d{3} ";
      for (String line : server.out().lines().toList()) {
        assertTrue(line.matches(head + "[.*#-] .*"), line);
      }
      assertTrue(server.out().contains(" PID: " + server.pid()), server::out);
      assertTrue(server.out().contains("* Ready to accept connections tcp\n"), server::out);
      assertEquals("", server.err());
    }
  }

  @Test
  void logGoesToTheNamedFileFromTheLevelThatIsSet() throws Exception {
    Path log = folder.resolve("server.log");
    String[] arguments = {
      "--port", port, "--bind", "127.0.0.1", "--logfile", "server.log", "--loglevel", "notice"
    };
    try (ServerProcess server = redknot(arguments)) {
      Waiting.until("the log says ready", () -> Files.readString(log).contains("Ready to accept"));
      assertEquals("", server.out());
      try (RespConnection client = connect()) {
        assertEquals("OK", client.text("CONFIG", "SET", "loglevel", "nothing"));
      }
      String before = Files.readString(log);
      server.terminate();
      assertEquals(0, server.awaitEnd());
      assertEquals(before, Files.readString(log));
    }
  }

  @Test
  void sigtermStopsTheServerInOrderAndRemovesThePidFile() throws Exception {
    Path pidFile = folder.resolve("redknot.pid");
    try (ServerProcess server =
        ready("--port", port, "--bind", "127.0.0.1", "--pidfile", "redknot.pid")) {
      Waiting.until(
          "the pid file is there", () -> Files.readString(pidFile).equals(server.pid() + "\n"));
      server.terminate();
      assertEquals(0, server.awaitEnd());
      assertTrue(server.out().contains("# Received SIGTERM scheduling shutdown..."), server::out);
      assertTrue(server.out().contains("# User requested shutdown..."), server::out);
      assertTrue(server.out().contains("is now ready to exit, bye bye..."), server::out);
      assertFalse(Files.exists(pidFile));
    }
  }

  @Test
  void shutdownEndsTheConnectionWithoutAReply() throws Exception {
    try (ServerProcess server = ready("--port", port, "--bind", "127.0.0.1");
        RespConnection client = connect()) {
      IOException closed = assertThrows(IOException.class, () -> client.ask("SHUTDOWN", "NOSAVE"));
      assertTrue(String.valueOf(closed.getMessage()).contains("closed"), closed.toString());
      assertEquals(0, server.awaitEnd());
    }
  }

  @Test
  void clusterNodeTellsItsModeAndTakesItsSettingsAtRunTime() throws Exception {
    try (ServerProcess server =
            ready("--port", port, "--bind", "127.0.0.1", "--cluster-enabled", "yes");
        RespConnection client = connect()) {
      assertTrue(client.text("INFO", "server").contains("redis_mode:cluster"));
      assertTrue(client.text("INFO", "cluster").contains("cluster_enabled:1"));
      assertEquals("OK", client.text("CLUSTER", "ADDSLOTS", "12182"));
      assertEquals("OK", client.text("CONFIG", "SET", "cluster-require-full-coverage", "no"));
      Waiting.until(
          "the one slot is served", () -> !client.ask("GET", "foo").toString().startsWith("-"));
      assertTrue(Files.exists(folder.resolve("nodes.conf")), server::out);
    }
  }
}
