package io.redknot.server.integration;

import java.io.File;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Whose program a node runs. */
enum NodeKind {
  REDKNOT,
  REDIS;

  /** For a quick start of many small JVMs: no second compiler, a small heap. */
  private static final List<String> JVM_OPTIONS =
      List.of(
          "-XX:+UseSerialGC",
          "-Xmx256m",
          "-XX:TieredStopAtLevel=1",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  /** The words that start a node from a configuration file, directives following. */
  List<String> command() {
    return switch (this) {
      case REDIS -> List.of(Programs.find("redis-server"));
      case REDKNOT -> {
        List<String> words = new ArrayList<>();
        words.add(ProcessHandle.current().info().command().orElseThrow());
        words.addAll(JVM_OPTIONS);
        words.addAll(List.of("-cp", classPath(), "io.redknot.server.Main"));
        yield words;
      }
    };
  }

  /** Without the tests: their logging is not the one a node has. */
  private static String classPath() {
    String path = System.getProperty("java.class.path");
    return Arrays.stream(path.split(File.pathSeparator, -1))
        .filter(entry -> !entry.endsWith("test-classes"))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
