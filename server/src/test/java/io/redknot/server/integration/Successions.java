package io.redknot.server.integration;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * Six nodes for the tests of one class, in which replicas succeed their primaries. Each test starts
 * with all six of them.
 */
final class Successions
    implements BeforeEachCallback, AfterAllCallback, TestExecutionExceptionHandler {
  private static final NodeKind KIND = NodeKind.REDKNOT;

  private final Nodes owner = Nodes.forClass();
  private List<NodeProcess> nodes = List.of();

  /** How a primary loses its slots. */
  enum Way {
    HANDED_OVER,
    KILLED
  }

  @Override
  public void beforeEach(ExtensionContext context) throws IOException, InterruptedException {
    try {
      if (nodes.isEmpty()) {
        nodes = owner.startAll(Collections.nCopies(6, KIND));
        SixNodes.form(nodes, 1);
      }
      for (NodeProcess node : nodes) {
        if (!node.isAlive()) {
          node.start();
        }
      }
      Topology.awaitAgreement(nodes);
      for (NodeProcess node : nodes) {
        if (node.ask("ROLE").items().getFirst().text().equals("slave")) {
          Topology.awaitLinked(node);
        }
      }
    } catch (IOException | InterruptedException | AssertionError failure) {
      owner.printLogs();
      throw failure;
    }
  }

  List<NodeProcess> nodes() {
    return nodes;
  }

  /** The node that serves the tag's slot now. */
  NodeProcess ownerOf(String tag) throws IOException {
    for (NodeProcess node : nodes) {
      if (node.isAlive() && !node.ask("EXISTS", tag).isError()) {
        return node;
      }
    }
    throw new AssertionError("nobody serves slot " + Slots.of(tag));
  }

  /** Has the replica of the tag's primary take over, and waits until all know; the new primary. */
  NodeProcess succeed(Way way, String tag) throws IOException {
    NodeProcess primary = ownerOf(tag);
    NodeProcess replica = Topology.replicaOf(primary, nodes);
    List<NodeProcess> left = new ArrayList<>(nodes);
    if (way == Way.KILLED) {
      primary.kill();
      left.remove(primary);
    } else {
      replica.text("CLUSTER", "FAILOVER");
    }
    Topology.awaitPrimary(replica, left);
    return replica;
  }

  /** Waits until a client waits for a key of the node. */
  static void awaitBlocked(NodeProcess node) {
    Waiting.until(
        "somebody waits at " + node,
        () -> !node.text("INFO", "clients").contains("blocked_clients:0"));
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    owner.handleTestExecutionException(context, failure);
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    owner.close();
  }
}
