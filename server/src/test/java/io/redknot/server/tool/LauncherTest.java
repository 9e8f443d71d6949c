package io.redknot.server.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.tool.ScriptSandbox.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code scripts/redknot-server}, with shell scripts in the place of JVMs. */
class LauncherTest {
  private static final String TELL = "echo \"pid $$ program $0\"; for a; do echo \"[$a]\"; done";
  private static final int LIMIT_MS = 60_000;

  @TempDir Path folder;
  private ScriptSandbox sandbox;

  @BeforeEach
  void makeSandbox() throws Exception {
    sandbox = new ScriptSandbox(folder);
  }

  @Test
  void serverTakesThePlaceOfTheLauncherAndGetsItsArguments() throws Exception {
    Path jdk = sandbox.fakeJdk("25.0.1", TELL);
    sandbox.put("REDKNOT_JAVA_HOME", jdk);
    Outcome outcome = sandbox.run("redknot-server", "my node.conf", "--save", "", "--port", "7");
    assertEquals(0, outcome.code());
    assertTrue(outcome.text().contains("pid " + outcome.pid() + " program " + jdk), outcome::text);
    String arguments = "[-jar]\n[" + sandbox.jar().toRealPath() + "]\n";
    assertTrue(
        outcome.text().endsWith(arguments + "[my node.conf]\n[--save]\n[]\n[--port]\n[7]\n"),
        outcome::text);
  }

  @Test
  void compilersComeAfterRequestsAndDoNothingTwiceAndNobodyIsWarned() throws Exception {
    sandbox.put("REDKNOT_JAVA_HOME", sandbox.fakeJdk("25.0.1", TELL));
    String text = sandbox.run("redknot-server").text();
    assertTrue(
        text.contains("[-XX:ThreadPriorityPolicy=1]\n[-XX:CompilerThreadPriority=2]\n"), text);
    assertTrue(text.contains("\n[-XX:TieredOldPercentage=100000]\n"), text);
    boolean isRoot = Files.getOwner(folder).getName().equals("root");
    assertEquals(!isRoot, text.contains("[-XX:-PrintWarnings]"), text);
  }

  @Test
  void jdkNamedByTheOperatorMustBeNewEnough() throws Exception {
    sandbox.put("REDKNOT_JAVA_HOME", sandbox.fakeJdk("17.0.2", TELL));
    Outcome outcome = sandbox.run("redknot-server");
    assertEquals(1, outcome.code());
    assertTrue(outcome.text().contains("is not a JDK 25 or newer"), outcome::text);
  }

  @Test
  void olderJavaHomeIsPassedOverForTheJavaOnThePath() throws Exception {
    Path jdk = sandbox.fakeJdk("26", TELL);
    Path bin = Files.createDirectory(folder.resolve("bin"));
    Files.createSymbolicLink(bin.resolve("java"), jdk.resolve("bin/java"));
    sandbox.put("JAVA_HOME", sandbox.fakeJdk("1.8.0", TELL));
    sandbox.put("PATH", bin + ":/usr/bin:/bin");
    Outcome outcome = sandbox.run("redknot-server");
    assertTrue(outcome.text().contains("program " + jdk), outcome::text);
  }

  @Test
  void newEnoughJavaHomeComesBeforeThePath() throws Exception {
    Path jdk = sandbox.fakeJdk("25", TELL);
    sandbox.put("JAVA_HOME", jdk);
    sandbox.put("PATH", sandbox.fakeJdk("26", TELL).resolve("bin") + ":/usr/bin:/bin");
    Outcome outcome = sandbox.run("redknot-server");
    assertTrue(outcome.text().contains("program " + jdk), outcome::text);
  }

  @Test
  void collectorOfTheOperatorReplacesOurs() throws Exception {
    sandbox.put("REDKNOT_JAVA_HOME", sandbox.fakeJdk("25", TELL));
    assertTrue(sandbox.run("redknot-server").text().contains("GC]\n"));
    sandbox.put("REDKNOT_JAVA_OPTS", "-XX:+UseZGC -Xmx1g");
    String text = sandbox.run("redknot-server").text();
    assertTrue(text.contains("[-XX:+UseZGC]\n[-Xmx1g]\n"), text);
    assertEquals(text.indexOf("GC]\n"), text.lastIndexOf("GC]\n"), text);
  }

  @Test
  void classCacheIsUsedUnlessTheJarIsNewer() throws Exception {
    sandbox.put("REDKNOT_JAVA_HOME", sandbox.fakeJdk("25", TELL));
    assertFalse(sandbox.run("redknot-server").text().contains("AOTCache"));
    Files.writeString(sandbox.aotCache(), "cache");
    FileTime jarTime = Files.getLastModifiedTime(sandbox.jar());
    Files.setLastModifiedTime(sandbox.aotCache(), later(jarTime, 1));
    assertTrue(sandbox.run("redknot-server").text().contains("[-XX:AOTCache="));
    Files.setLastModifiedTime(sandbox.aotCache(), later(jarTime, -1));
    assertFalse(sandbox.run("redknot-server").text().contains("AOTCache"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"daemonize", "Daemonize", "DAEMONIZE"})
  void daemonizeInTheFileSendsTheServerToTheBackground(String directive) throws Exception {
    Path told = folder.resolve("told");
    String server = "echo $$ > " + told + ".new; mv " + told + ".new " + told + "; exec sleep 60";
    sandbox.put("REDKNOT_JAVA_HOME", sandbox.fakeJdk("25", server));
    Path included = folder.resolve("included.conf");
    Files.writeString(included, "# daemonize no\r\n" + directive + " \"yes\"\r\n");
    Path conf = folder.resolve("redis.conf");
    Files.writeString(conf, "port 1\nInclude " + included + "\n");
    assertEquals(0, sandbox.run("redknot-server", conf.toString()).code());
    assertTrue(Patience.await(LIMIT_MS, () -> Files.exists(told)), "no server was started");
    ProcessHandle process =
        ProcessHandle.of(Long.parseLong(Files.readString(told).strip())).orElseThrow();
    assertTrue(process.isAlive());
    process.destroy();
    assertTrue(Patience.await(LIMIT_MS, () -> ScriptSandbox.ended(process)), "the server stayed");
  }

  @Test
  void configurationFileIsSearchedOnce() throws Exception {
    Path searched = folder.resolve("searched");
    Path grep =
        sandbox.program(
            folder.resolve("bin/grep"), "echo >> " + searched + "; exec /bin/grep \"$@\"");
    sandbox.put("PATH", grep.resolveSibling("") + ":/usr/bin:/bin");
    sandbox.put("REDKNOT_JAVA_HOME", sandbox.fakeJdk("25", TELL));
    Path conf = folder.resolve("redis.conf");
    Files.writeString(conf, "daemonize no\nport 1\n");
    assertEquals(0, sandbox.run("redknot-server", conf.toString()).code());
    assertEquals(1, Files.readAllLines(searched).size());
  }

  @Test
  void argumentDecidesOverTheFileWhetherToDaemonize() throws Exception {
    sandbox.put("REDKNOT_JAVA_HOME", sandbox.fakeJdk("25", TELL));
    Path conf = folder.resolve("redis.conf");
    Files.writeString(conf, "daemonize yes\n");
    Outcome outcome = sandbox.run("redknot-server", conf.toString(), "--daemonize", "no");
    assertTrue(outcome.text().contains("pid " + outcome.pid()), outcome::text);
  }

  private static FileTime later(FileTime time, int hours) {
    Instant moved = time.toInstant().plusSeconds(hours * 3600L);
    return FileTime.from(moved);
  }
}
