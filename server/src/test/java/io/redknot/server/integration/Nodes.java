package io.redknot.server.integration;

import io.redknot.server.net.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * Makes nodes for a test or a class of tests, ends them after it, and prints the end of their logs
 * if it fails.
 */
final class Nodes
    implements AfterEachCallback,
        AfterAllCallback,
        TestExecutionExceptionHandler,
        LifecycleMethodExecutionExceptionHandler,
        AutoCloseable {
  private final boolean forClass;
  private final List<NodeProcess> nodes = new ArrayList<>();
  private final List<Path> folders = new ArrayList<>();

  private Nodes(boolean forClass) {
    this.forClass = forClass;
  }

  /** Nodes that end with each test. */
  static Nodes forTest() {
    return new Nodes(false);
  }

  /** Nodes that end with the class, or whenever they are closed. */
  static Nodes forClass() {
    return new Nodes(true);
  }

  /** A node with a port and a folder of its own, not started. */
  NodeProcess prepare(NodeKind kind, String... directives) throws IOException {
    Path folder = Files.createTempDirectory("node");
    folders.add(folder);
    return add(new NodeProcess(kind, folder, Ports.claim(), List.of(directives)));
  }

  /** A started node. */
  NodeProcess start(NodeKind kind, String... directives) throws IOException {
    return prepare(kind, directives).start();
  }

  /** Started nodes of these kinds, in this order. */
  List<NodeProcess> startAll(Collection<NodeKind> kinds, String... directives) throws IOException {
    List<NodeProcess> started = new ArrayList<>();
    for (NodeKind kind : kinds) {
      started.add(prepare(kind, directives).launch());
    }
    started.forEach(NodeProcess::awaitReady);
    return started;
  }

  /** Sees to it that a node made elsewhere ends, too. */
  NodeProcess add(NodeProcess node) {
    nodes.add(node);
    return node;
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    printLogs();
    throw failure;
  }

  @Override
  public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    printLogs();
    throw failure;
  }

  @Override
  public void handleBeforeEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    printLogs();
    throw failure;
  }

  void printLogs() {
    nodes.forEach(node -> System.err.println(node.logTail()));
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    if (!forClass) {
      close();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    close();
  }

  @Override
  public void close() throws IOException {
    nodes.forEach(NodeProcess::close);
    nodes.clear();
    for (Path folder : folders) {
      delete(folder);
    }
    folders.clear();
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> found = Files.walk(folder)) {
      for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
