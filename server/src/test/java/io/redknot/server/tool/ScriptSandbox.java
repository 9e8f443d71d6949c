package io.redknot.server.tool;

import io.redknot.server.SourceTree;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * A copy of the repository's scripts beside a jar made of the classes under test, so that scripts
 * can run before the real jar is packaged, and with other JDKs and servers than the real ones.
 */
final class ScriptSandbox {
  private final Path home;
  private final Map<String, String> environment = new TreeMap<>();

  /** What a script said on both outputs, and its exit code. */
  record Outcome(long pid, int code, String text) {}

  ScriptSandbox(Path home) throws IOException {
    this.home = home;
    environment.put("PATH", "/usr/bin:/bin");
    environment.put("HOME", home.toString());
    copyScripts(SourceTree.repositoryRoot().resolve("scripts"));
    makeJar(SourceTree.repositoryRoot().resolve("server/target/classes"), jar());
  }

  Path jar() {
    return home.resolve("repo/server/target/redknot-server.jar");
  }

  Path aotCache() {
    return home.resolve("repo/server/target/redknot-server.aot");
  }

  void put(String variable, Object value) {
    environment.put(variable, value.toString());
  }

  /** A folder that looks like a JDK; its java is the given shell script. */
  Path fakeJdk(String version, String script) throws IOException {
    Path jdk = home.resolve("jdk-" + version);
    program(jdk.resolve("bin/java"), script);
    Files.writeString(
        jdk.resolve("release"), "IMPLEMENTOR=\"None\"\nJAVA_VERSION=\"" + version + "\"\n");
    return jdk;
  }

  /** The JDK that runs this test. */
  static Path realJdk() {
    String java = ProcessHandle.current().info().command().orElseThrow();
    Path bin = Path.of(java).resolve("..").normalize();
    return bin.resolve("..").normalize();
  }

  Path program(Path file, String script) throws IOException {
    Files.createDirectories(file.resolve("..").normalize());
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file;
  }

  /**
   * Whether a process ended. One that nobody has waited for yet still counts as alive for the JDK,
   * and where the first process of a container waits for nobody, it does so for ever.
   */
  static boolean ended(ProcessHandle process) {
    return !process.isAlive() || process.info().command().isEmpty();
  }

  Outcome run(String script, String... arguments) throws IOException, InterruptedException {
    Path output = Files.createTempFile(home, "output", ".txt");
    Process process = start(output, script, arguments);
    int code = process.waitFor();
    return new Outcome(process.pid(), code, Files.readString(output));
  }

  private Process start(Path output, String script, String... arguments) throws IOException {
    Stream<String> program = Stream.of(home.resolve("repo/scripts/" + script).toString());
    ProcessBuilder builder =
        new ProcessBuilder(Stream.concat(program, Stream.of(arguments)).toList());
    builder.directory(home.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
  }

  private void copyScripts(Path scripts) throws IOException {
    Path target = home.resolve("repo/scripts");
    for (Path file : filesBelow(scripts)) {
      Path copy = target.resolve(scripts.relativize(file).toString());
      Files.createDirectories(copy.resolve("..").normalize());
      Files.copy(file, copy);
      Files.setPosixFilePermissions(copy, Files.getPosixFilePermissions(file));
    }
  }

  private static void makeJar(Path classes, Path jar) throws IOException {
    Files.createDirectories(jar.resolve("..").normalize());
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file)) {
      for (Path entry : filesBelow(classes.resolve("io/redknot/server/tool"))) {
        out.putNextEntry(new ZipEntry(classes.relativize(entry).toString()));
        out.write(Files.readAllBytes(entry));
        out.closeEntry();
      }
    }
  }

  private static List<Path> filesBelow(Path folder) throws IOException {
    try (Stream<Path> found = Files.walk(folder)) {
      return found.filter(Files::isRegularFile).toList();
    }
  }
}
