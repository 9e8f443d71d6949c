package io.redknot.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The repository's Java sources as the checks see them: all modules, main and test. */
public final class SourceTree {
  private SourceTree() {}

  /** The folder that holds all modules, from wherever inside it the tests were started. */
  public static Path repositoryRoot() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(folder.resolve(".mvn"))) {
      folder = folder.getParent();
      if (folder == null) {
        throw new IllegalStateException("not started inside the repository");
      }
    }
    return folder;
  }

  /** Folders of the root that are Maven modules. */
  static List<Path> modules() throws IOException {
    try (Stream<Path> children = Files.list(repositoryRoot())) {
      return children.filter(child -> Files.exists(child.resolve("pom.xml"))).sorted().toList();
    }
  }

  /** Text by path from the root, with slashes, of every Java file below {@code src}. */
  static Map<String, String> javaFiles() throws IOException {
    Map<String, String> files = new TreeMap<>();
    for (Path module : modules()) {
      Path sources = module.resolve("src");
      if (!Files.isDirectory(sources)) {
        continue;
      }
      try (Stream<Path> found = Files.walk(sources)) {
        for (Path path : found.filter(p -> p.toString().endsWith(".java")).toList()) {
          String name = repositoryRoot().relativize(path).toString().replace('\\', '/');
          files.put(name, Files.readString(path));
        }
      }
    }
    return files;
  }

  /**
   * The packages without a {@code package-info.java}, as folders. A test package needs none of its
   * own where the main package of the same name has one.
   */
  static List<String> packagesWithoutInfo(Iterable<String> files) {
    TreeSet<String> described = new TreeSet<>();
    TreeSet<String> packages = new TreeSet<>();
    for (String file : files) {
      String folder = file.substring(0, file.lastIndexOf('/'));
      if (file.endsWith("/package-info.java")) {
        described.add(folder);
      } else if (!file.endsWith("/module-info.java")) {
        packages.add(folder);
      }
    }
    List<String> missing = new ArrayList<>();
    for (String folder : packages) {
      String mainFolder = folder.replace("/src/test/java/", "/src/main/java/");
      if (!described.contains(folder) && !described.contains(mainFolder)) {
        missing.add(folder);
      }
    }
    return missing;
  }
}
