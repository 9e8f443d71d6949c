package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A node that is busy with its data, and what the others think of it, Redis among them. */
class BusyNodeTest {
  private static final int NODE_TIMEOUT_MS = 2000;

  /** Long enough for the others to agree that a node has failed which does not answer. */
  private static final String BUSY_S = "6";

  @RegisterExtension private final Nodes nodes = Nodes.forTest();

  @Test
  void nodeWhoseCommandTakesLongerThanTheNodeTimeoutGoesOnAnsweringTheBus() throws Exception {
    List<NodeProcess> all =
        nodes.startAll(
            List.of(NodeKind.REDKNOT, NodeKind.REDKNOT, NodeKind.REDIS),
            "cluster-node-timeout " + NODE_TIMEOUT_MS,
            "enable-debug-command local");
    SixNodes.form(all, 0);
    NodeProcess busy = all.getFirst();
    String id = busy.id();
    String seen = "";
    try (RespConnection connection = busy.connect()) {
      // It holds the locks of all keys meanwhile, so that no event loop gets further.
      FutureTask<String> command =
          new FutureTask<>(() -> connection.text("DEBUG", "SLEEP", BUSY_S));
      new Thread(command, "busy").start();
      while (!command.isDone()) {
        for (NodeProcess other : all.subList(1, 3)) {
          Topology.Line line = Topology.nodes(other).get(id);
          if (line == null || line.is("fail")) {
            seen = other + " says " + line;
          }
        }
      }
      assertEquals("OK", command.get());
    }
    assertEquals("", seen);
    assertTrue(busy.stateOk());
  }
}
