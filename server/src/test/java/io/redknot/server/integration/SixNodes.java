package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * One cluster of six Redknot nodes, formed by redis-cli, for all classes that ask for it: three
 * primaries with a replica each. Every test gets it whole, empty and agreed.
 */
final class SixNodes
    implements BeforeEachCallback, ParameterResolver, TestExecutionExceptionHandler {
  /** The running cluster; ended when JUnit is through with everything. */
  static final class Cluster implements AutoCloseable {
    private final Nodes owner = Nodes.forClass();
    private final List<NodeProcess> nodes;
    private final String formingLog;

    private Cluster() throws IOException, InterruptedException {
      // Asked for before six nodes are started in vain.
      Programs.find("redis-cli");
      try {
        nodes =
            owner.startAll(
                Collections.nCopies(6, NodeKind.REDKNOT), "cluster-replica-no-failover yes");
        formingLog = form(nodes, 1);
      } catch (IOException | InterruptedException | AssertionError failure) {
        owner.printLogs();
        owner.close();
        throw failure;
      }
    }

    List<NodeProcess> nodes() {
      return nodes;
    }

    /** The nodes that own slots, by their first slot. */
    List<NodeProcess> primaries() {
      return nodes.subList(0, 3);
    }

    /** What redis-cli said when it formed the cluster. */
    String formingLog() {
      return formingLog;
    }

    /** Keys in each primary. */
    List<Long> keyCounts() throws IOException {
      List<Long> counts = new ArrayList<>();
      for (NodeProcess primary : primaries()) {
        counts.add(primary.ask("DBSIZE").number());
      }
      return counts;
    }

    /** Gives a slot without keys from one primary to another, and waits until all know. */
    void moveEmptySlot(int slot, NodeProcess from, NodeProcess to) throws IOException {
      String number = Integer.toString(slot);
      to.text("CLUSTER", "SETSLOT", number, "IMPORTING", from.id());
      from.text("CLUSTER", "SETSLOT", number, "MIGRATING", to.id());
      to.text("CLUSTER", "SETSLOT", number, "NODE", to.id());
      from.text("CLUSTER", "SETSLOT", number, "NODE", to.id());
      Topology.awaitAgreement(nodes);
    }

    /** Keys in all primaries. */
    long keyCount() throws IOException {
      return keyCounts().stream().mapToLong(Long::longValue).sum();
    }

    private void makeWhole() throws IOException {
      for (NodeProcess node : nodes) {
        if (!node.isAlive()) {
          node.start();
        }
      }
      Topology.awaitAgreement(nodes);
      for (NodeProcess primary : primaries()) {
        assertTrue(primary.text("FLUSHALL").equals("OK"));
      }
    }

    @Override
    public void close() throws IOException {
      owner.close();
    }
  }

  /** Has redis-cli make a cluster of the nodes, and waits until all of them agree. */
  static String form(List<NodeProcess> nodes, int replicas)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("create"));
    nodes.forEach(node -> words.add(node.address()));
    words.addAll(List.of("--cluster-replicas", Integer.toString(replicas), "--cluster-yes"));
    String log = RedisCli.cluster(words.toArray(String[]::new));
    Topology.awaitAgreement(nodes);
    return log;
  }

  private static Cluster cluster(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(ExtensionContext.Namespace.create(SixNodes.class))
        .computeIfAbsent(Cluster.class, key -> open(), Cluster.class);
  }

  private static Cluster open() {
    try {
      return new Cluster();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while a cluster is formed", e);
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    cluster(context).makeWhole();
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Cluster.class;
  }

  @Override
  public @Nullable Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return cluster(context);
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    cluster(context).owner.printLogs();
    throw failure;
  }
}
