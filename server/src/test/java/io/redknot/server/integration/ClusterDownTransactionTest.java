package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What transactions are told by a node, of each kind, whose cluster does not serve all slots. */
class ClusterDownTransactionTest {
  @RegisterExtension static final Nodes NODES = Nodes.forClass();

  private static final String LOST = "{" + Slots.tagIn(100) + "}key";
  private static final String HELD = "{" + Slots.tagIn(101) + "}key";
  private static final String NOT_SERVED = "-CLUSTERDOWN Hash slot not served";
  private static final String DOWN = "-CLUSTERDOWN The cluster is down";
  private static final String READS_ONLY = DOWN + " and only accepts read commands";
  private static final String EXECABORT =
      "-EXECABORT Transaction discarded because of previous errors.";
  private static final String NO_MULTI = "-ERR EXEC without MULTI";

  private static void assertTells(RespConnection client, String... commandsAndReplies)
      throws IOException {
    for (int i = 0; i < commandsAndReplies.length; i += 2) {
      String command = commandsAndReplies[i];
      assertEquals(commandsAndReplies[i + 1], client.line(command), command);
    }
  }

  private static void awaitState(NodeProcess node, boolean ok) {
    Waiting.until("the cluster's state is " + (ok ? "ok" : "fail"), () -> node.stateOk() == ok);
  }

  @ParameterizedTest
  @EnumSource
  void slotsThatNobodyServesAreToldWhenCommandsAreQueuedAndAtTheEnd(NodeKind kind)
      throws IOException {
    NodeProcess node = NODES.start(kind);
    try (RespConnection lost = node.connect();
        RespConnection read = node.connect();
        RespConnection readsWhenDown = node.connect();
        RespConnection writesWhenDown = node.connect();
        RespConnection keyless = node.connect()) {
      assertTells(lost, "MULTI", "+OK", "GET " + LOST, NOT_SERVED, "EXEC", EXECABORT);
      assertTells(lost, "EXEC", NO_MULTI, "WATCH " + LOST, NOT_SERVED);
      assertTells(lost, "MULTI", "+OK", "PING", "+QUEUED", "EXEC", "*[+PONG]");
      assertTells(lost, "CLUSTER ADDSLOTSRANGE 0 16383", "+OK");
      awaitState(node, true);

      assertTells(lost, "MULTI", "+OK", "GET " + LOST, "+QUEUED");
      assertTells(read, "MULTI", "+OK", "GET " + HELD, "+QUEUED");
      assertTells(readsWhenDown, "MULTI", "+OK", "GET " + HELD, "+QUEUED");
      assertTells(writesWhenDown, "MULTI", "+OK", "SET " + HELD + " 1", "+QUEUED");
      assertTells(keyless, "MULTI", "+OK", "PING", "+QUEUED");
      node.text("CLUSTER", "DELSLOTS", "100");
      awaitState(node, false);
      assertTells(lost, "EXEC", NOT_SERVED, "EXEC", NO_MULTI);
      assertTells(read, "EXEC", DOWN, "EXEC", NO_MULTI);
      assertTells(keyless, "EXEC", "*[+PONG]");
      assertTells(read, "MULTI", "+OK", "GET " + HELD, DOWN, "PING", "+QUEUED", "EXEC", EXECABORT);
      assertTells(lost, "MULTI", "+OK", "SET " + LOST + " 1", NOT_SERVED, "EXEC", EXECABORT);

      node.text("CONFIG", "SET", "cluster-allow-reads-when-down", "yes");
      // The cluster's thread takes it over a moment later.
      Waiting.until("reads are allowed", () -> !read.line("GET " + HELD).startsWith("-"));
      assertTells(readsWhenDown, "EXEC", "*[$-1]");
      // Redis looks at EXEC alone, which is no write, and runs what may be lost.
      assertTells(writesWhenDown, "EXEC", kind == NodeKind.REDIS ? "*[+OK]" : READS_ONLY);
      String held = kind == NodeKind.REDIS ? "*[$1]" : "*[$-1]";
      assertTells(read, "MULTI", "+OK", "GET " + HELD, "+QUEUED", "EXEC", held);
      assertTells(read, "MULTI", "+OK", "SET " + HELD + " 2", READS_ONLY, "EXEC", EXECABORT);
      assertTells(lost, "MULTI", "+OK", "GET " + LOST, NOT_SERVED, "EXEC", EXECABORT);

      node.text("CONFIG", "SET", "cluster-require-full-coverage", "no");
      awaitState(node, true);
      assertTells(read, "MULTI", "+OK", "SET " + HELD + " 2", "+QUEUED", "EXEC", "*[+OK]");
      assertTells(lost, "MULTI", "+OK", "SET " + LOST + " 1", NOT_SERVED, "EXEC", EXECABORT);
    }
  }
}
