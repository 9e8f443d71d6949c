package io.redknot.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.redknot.server.TidyRules.Offence;
import io.redknot.server.TidyRules.Rule;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Holds every source file of every module to the house's rules, and reports all offenders at once.
 * What may differ stands in {@link #EXEMPTIONS}, each with its reason; one that is no longer needed
 * is an offence, too.
 */
class TidyTest {
  /**
   * @param subject the offence's subject; {@code *} for all of that rule in the file
   */
  private record Exemption(Rule rule, String file, String subject, String reason) {
    boolean covers(Offence offence) {
      return offence.rule() == rule
          && offence.file().equals(file)
          && (subject.equals("*") || subject.equals(offence.subject()));
    }

    @Override
    public String toString() {
      return file + " needs no exemption from " + rule + " for " + subject + " (" + reason + ")";
    }
  }

  private static final List<Exemption> EXEMPTIONS =
      List.of(
          new Exemption(
              Rule.BANNED_CALL,
              "server/src/main/java/io/redknot/server/SystemClock.java",
              "*",
              "the one file of the server that reads the machine's clocks"),
          new Exemption(
              Rule.BANNED_CALL,
              "server/src/test/java/io/redknot/server/differential/Budget.java",
              "*",
              "measures how long the differential test may go on"),
          new Exemption(
              Rule.BANNED_CALL,
              "server/src/main/java/io/redknot/server/info/Platform.java",
              "*",
              "the one file that asks the JVM for the machine's name"),
          new Exemption(
              Rule.LOGGED_CATCH_ALL,
              "server/src/main/java/io/redknot/server/dispatch/Dispatcher.java",
              "*",
              "a fault in one command must not end the service of all others; it is counted"),
          new Exemption(
              Rule.BANNED_CALL,
              "server/src/main/java/io/redknot/server/tool/Patience.java",
              "*",
              "the one clock of the cluster tool, which is a process of its own"),
          new Exemption(
              Rule.BANNED_CALL,
              "server/src/test/java/io/redknot/server/integration/Waiting.java",
              "*",
              "the one clock of the tests that run whole processes"),
          new Exemption(
              Rule.BANNED_CALL,
              "server/src/test/java/io/redknot/server/integration/NodeKind.java",
              "*",
              "the class path of this JVM is that of the nodes it starts"));

  @Test
  void everySourceFileKeepsTheRules() throws IOException {
    Map<String, String> files = SourceTree.javaFiles();
    assertTrue(files.size() > 5, "found only " + files.keySet());
    List<String> report = new ArrayList<>();
    Set<Exemption> unused = new LinkedHashSet<>(EXEMPTIONS);
    files.forEach(
        (file, source) -> {
          for (Offence offence : TidyRules.check(file, source)) {
            List<Exemption> covering =
                EXEMPTIONS.stream().filter(exemption -> exemption.covers(offence)).toList();
            unused.removeAll(covering);
            if (covering.isEmpty()) {
              report.add(offence.toString());
            }
          }
        });
    unused.forEach(exemption -> report.add(exemption.toString()));
    for (String folder : SourceTree.packagesWithoutInfo(files.keySet())) {
      report.add(folder + ":1 " + Rule.PACKAGE_INFO + ": the package has no package-info.java");
    }
    if (!report.isEmpty()) {
      fail(report.size() + " offences:\n" + String.join("\n", report));
    }
  }

  @Test
  void cleanCodeHasNoOffence() {
    check(
        """
        /** Says System.nanoTime() and new Random() in a comment. */
        class Clean {
          String text = "Thread.sleep(1)";
          java.util.Random seeded = new java.util.Random(42);
          Object get() throws Exception {
            try { return seeded; } catch (Exception e) { throw e; }
          }
        }
        """);
  }

  @Test
  void lineOverTheLimitIsFound() {
    check("// " + "x".repeat(97));
    check("import " + "x.".repeat(60) + "X;");
    check("\n// " + "x".repeat(98), "LINE_LENGTH:2");
  }

  @Test
  void fileOverTheLimitIsFound() {
    check("\n".repeat(600));
    check("\n".repeat(601), "FILE_LENGTH:1");
  }

  @Test
  void methodOverTheLimitIsFoundAndBracesInTextDoNotCount() {
    String tail = "\n".repeat(57);
    check("class A {\n  void m() {\n    String s = \"}\";" + tail + "\n  }\n}");
    check(
        "class A {\n  void m() {\n    String s = \"}\";\n" + tail + "\n  }\n}", "METHOD_LENGTH:2");
    check("class A {\n  static {\n" + "\n".repeat(60) + "  }\n}", "METHOD_LENGTH:2");
  }

  @Test
  void wideConstructorIsFoundButNotAWideRecord() {
    check("class A { A(int a, int b, int c, int d, int e, int f) {} }");
    check("record R(int a, int b, int c, int d, int e, int f, int g) {}");
    check(
        "class A {\n  A(int a, int b, int c, int d, int e, int f, int g) {} }",
        "CONSTRUCTOR_PARAMETERS:2");
  }

  @Test
  void timeSleepPropertiesAndUnseededRandomnessAreFound() {
    for (String expression :
        List.of(
            "System.nanoTime()",
            "java.lang.System.currentTimeMillis()",
            "System.getProperty(\"x\")",
            "java.time.Instant.now()",
            "Math.random()",
            "new Random()",
            "new java.util.Random()",
            "new SplittableRandom()",
            "ThreadLocalRandom.current()")) {
      check("class A {\n  Object o = " + expression + ";\n}", "BANNED_CALL:2");
    }
    check("class A {\n  LongSupplier s = System::nanoTime;\n}", "BANNED_CALL:2");
    check("class A {\n  Supplier s = Random::new;\n}", "BANNED_CALL:2");
    check("class A { void m() {\n  Thread.sleep(5); } }", "BANNED_CALL:2");
    check("class A { void m() {\n  TimeUnit.SECONDS.sleep(5); } }", "BANNED_CALL:2");
    check("import static java.lang.System.nanoTime;", "BANNED_CALL:1");
  }

  @Test
  void nameThatSaysNothingIsFound() {
    check("class BaseLine {} class Implicit {} class Processors {}");
    for (String suffix :
        List.of("Manager", "Helper", "Util", "Impl", "Base", "Service", "Processor")) {
      check("\nclass Key" + suffix + " {}", "BANNED_SUFFIX:2");
      check("interface A {\n  record Key" + suffix + "(int a) {}\n}", "BANNED_SUFFIX:2");
      check("class Key" + suffix + "Test {}", "BANNED_SUFFIX:1");
    }
  }

  @Test
  void loggedOrEmptyCatchAllIsFound() {
    String start = "class A { void m() { try { n(); }\n";
    check(start + "catch (RuntimeException e) { seen.set(e); } } }");
    check(start + "catch (IOException e) { log.warn(e); } } }");
    check(start + "catch (Exception e) { log.warn(e); throw new Error(e); } } }");
    check(start + "catch (Exception e) { log.warn(e); } } }", "LOGGED_CATCH_ALL:2");
    check(start + "catch (Throwable e) { System.err.println(e); } } }", "LOGGED_CATCH_ALL:2");
    check(start + "catch (RuntimeException e) { } } }", "LOGGED_CATCH_ALL:2");
    check(
        start + "catch (java.lang.Exception e) { e.printStackTrace(); } } }", "LOGGED_CATCH_ALL:2");
  }

  @Test
  void skippedTestIsFound() {
    check("class A {\n  @Disabled void m() {} }", "SKIPPED_TEST:2");
    check("class A {\n  @org.junit.jupiter.api.Disabled void m() {} }", "SKIPPED_TEST:2");
    check("class A {\n  @EnabledIfSystemProperty void m() {} }", "SKIPPED_TEST:2");
    check("class A { void m() {\n  assumeTrue(false); } }", "SKIPPED_TEST:2");
    check("class A { void m() {\n  Assumptions.assumeTrue(false); } }", "SKIPPED_TEST:2");
  }

  @Test
  void workLeftOpenIsFound() {
    check("\n// TO" + "DO later", "OPEN_END:2");
    check("class A { // FIX" + "ME\n}", "OPEN_END:1");
  }

  @Test
  void packageInfoWithoutThreadOrNullMarkedIsFound() {
    String file = "m/src/main/java/a/package-info.java";
    String good = "/**\n * Purpose.\n *\n * <p>Thread: any.\n */\n@NullMarked\npackage a;\n";
    assertEquals(List.of(), TidyRules.check(file, good));
    assertEquals(1, TidyRules.check(file, good.replace("Thread: ", "")).size());
    assertEquals(1, TidyRules.check(file, good.replace("@NullMarked", "")).size());
  }

  @Test
  void packageWithoutInfoIsFound() {
    assertEquals(
        List.of("m/src/main/java/b", "m/src/test/java/c"),
        SourceTree.packagesWithoutInfo(
            List.of(
                "m/src/main/java/module-info.java",
                "m/src/main/java/a/package-info.java",
                "m/src/main/java/a/A.java",
                "m/src/test/java/a/ATest.java",
                "m/src/main/java/b/B.java",
                "m/src/test/java/c/CTest.java")));
  }

  private static void check(String source, String... expected) {
    List<String> found =
        TidyRules.check("A.java", source).stream()
            .map(offence -> offence.rule() + ":" + offence.line())
            .toList();
    assertEquals(List.of(expected), found, source);
  }
}
