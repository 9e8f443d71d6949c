package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replies of the administrators' commands beside those of a real server, in both protocols. */
class AdminShapesTest {
  /** The same on both, to the letter. */
  private static final List<String> SAME =
      List.of(
          "CONFIG GET maxmemory",
          "CONFIG GET MaxMemory",
          "CONFIG GET nonsense",
          "CONFIG GET",
          "CONFIG",
          "CONFIG nonsense",
          "CONFIG SET nonsense 1",
          "CONFIG SET timeout",
          "CONFIG SET timeout 1 hz",
          "CONFIG SET timeout soon",
          "CONFIG SET port 1 port 2",
          "CONFIG SET maxmemory-policy best",
          "CONFIG REWRITE",
          "CONFIG RESETSTAT",
          "SLOWLOG GET -2",
          "SLOWLOG GET x",
          "SLOWLOG GET 1 2",
          "SLOWLOG LEN x",
          "SLOWLOG RESET",
          "LATENCY LATEST",
          "LATENCY HISTORY command",
          "LATENCY GRAPH command",
          "LATENCY RESET",
          "LATENCY RESET a b",
          "LATENCY HISTOGRAM nonsense",
          "MEMORY USAGE none",
          "MEMORY USAGE none SAMPLES",
          "MEMORY USAGE none SAMPLES -1",
          "MEMORY USAGE none SAMPLES x",
          "MEMORY USAGE none NONSENSE 1",
          "MEMORY PURGE",
          "MODULE LIST",
          "MODULE LOAD x.so",
          "ROLE",
          "ROLE x",
          "SHUTDOWN SAVE NOSAVE",
          "SHUTDOWN ABORT",
          "SHUTDOWN ABORT NOW",
          "SHUTDOWN nonsense",
          "DEBUG nonsense",
          "DEBUG SLEEP",
          "DEBUG OBJECT none",
          "DEBUG SET-ACTIVE-EXPIRE 1",
          "DEBUG PROTOCOL string",
          "DEBUG PROTOCOL integer",
          "DEBUG PROTOCOL double",
          "DEBUG PROTOCOL bignum",
          "DEBUG PROTOCOL null",
          "DEBUG PROTOCOL array",
          "DEBUG PROTOCOL set",
          "DEBUG PROTOCOL map",
          "DEBUG PROTOCOL verbatim",
          "DEBUG PROTOCOL true",
          "DEBUG PROTOCOL false",
          "DEBUG PROTOCOL nonsense",
          "LOLWUT VERSION x",
          "INFO nonsense");

  @TempDir private Path ours;
  @TempDir private Path theirs;

  @Test
  void repliesAreThoseOfARealServer() throws IOException {
    int ourPort = Ports.claim();
    int theirPort = Ports.claim();
    try (ServerProcess redknot = start(NodeKind.REDKNOT, ours, ourPort);
        ServerProcess redis = start(NodeKind.REDIS, theirs, theirPort);
        RespConnection us = new RespConnection(ourPort);
        RespConnection them = new RespConnection(theirPort)) {
      assertTrue(redknot.pid() != redis.pid());
      compare(us, them);
      us.line("HELLO 3");
      them.line("HELLO 3");
      compare(us, them);
    }
  }

  private static ServerProcess start(NodeKind kind, Path folder, int port) throws IOException {
    String[] arguments = {
      "--port",
      String.valueOf(port),
      "--bind",
      "127.0.0.1",
      "--save",
      "",
      "--enable-debug-command",
      "yes"
    };
    return ServerProcess.start(kind, folder, arguments).awaitReady();
  }

  private static void compare(RespConnection us, RespConnection them) throws IOException {
    for (String command : SAME) {
      assertEquals(them.line(command), us.line(command), command);
    }
    for (String command : List.of("INFO", "INFO everything", "LOLWUT", "MEMORY DOCTOR")) {
      assertEquals(type(them.line(command)), type(us.line(command)), command);
    }
  }

  private static char type(String reply) {
    return reply.charAt(0);
  }
}
