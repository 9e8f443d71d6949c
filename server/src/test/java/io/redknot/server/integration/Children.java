package io.redknot.server.integration;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Every process started here; none outlives the JVM, however that ends. */
final class Children {
  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly)));
  }

  private Children() {}

  static void add(Process process) {
    RUNNING.removeIf(known -> !known.isAlive());
    RUNNING.add(process);
  }
}
