package io.redknot.server;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who may see whom: three leaves and one root, as docs/architecture.md draws them. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.redknot");

  private static final List<String> LEAVES = List.of("protocol", "storage", "cluster");

  /** Present at compile time only, and seen by every module. */
  private static final String[] ANNOTATIONS = {
    "org.jspecify.annotations..", "com.google.errorprone.annotations.."
  };

  @Test
  void everyModuleWithSourcesIsSeen() throws IOException {
    Map<String, String> sources = SourceTree.javaFiles();
    for (String module : List.of("protocol", "storage", "cluster", "server")) {
      boolean hasSources =
          sources.keySet().stream()
              .anyMatch(
                  file ->
                      file.startsWith(module + "/src/main/java/")
                          && !file.endsWith("/module-info.java"));
      boolean seen =
          CLASSES.stream().anyMatch(type -> type.getPackageName().startsWith(root(module)));
      assertTrue(seen || !hasSources, "the classes of " + module + " are not on the class path");
    }
  }

  @Test
  void leavesSeeNeitherEachOtherNorTheServer() {
    for (String leaf : LEAVES) {
      String[] others =
          List.of("protocol", "storage", "cluster", "server").stream()
              .filter(module -> !module.equals(leaf))
              .map(module -> root(module) + "..")
              .toArray(String[]::new);
      check(
          noClasses()
              .that()
              .resideInAPackage(root(leaf) + "..")
              .should()
              .dependOnClassesThat()
              .resideInAnyPackage(others));
    }
  }

  @Test
  void storageAndClusterNeedTheJdkOnly() {
    check(onlyDependsOn("storage"));
    check(onlyDependsOn("cluster"));
  }

  @Test
  void protocolNeedsNettyBuffersOnly() {
    check(onlyDependsOn("protocol", "io.netty.buffer..", "io.netty.util.."));
  }

  @Test
  void nettyIsKnownToProtocolAndServerOnly() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(root("protocol") + "..", root("server") + "..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty.."));
  }

  @Test
  void clusterToolKnowsNothingOfTheServer() {
    check(
        noClasses()
            .that()
            .resideInAPackage("io.redknot.server.tool..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..", "org.slf4j..", "io.redknot.server"));
  }

  @Test
  void ruleIsBrokenByAClassThatSeesTooMuch() {
    JavaClasses tests = new ClassFileImporter().importClasses(ArchitectureTest.class);
    ArchRule jdkOnly = dependOnly("io.redknot.server", new String[0]);
    assertThrows(AssertionError.class, () -> jdkOnly.check(tests));
  }

  private static String root(String module) {
    return "io.redknot." + module;
  }

  private static ArchRule onlyDependsOn(String module, String... more) {
    return dependOnly(root(module), more);
  }

  private static ArchRule dependOnly(String root, String[] more) {
    return classes()
        .that()
        .resideInAPackage(root + "..")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage("java..", "jdk..", root + "..")
                .or(resideInAnyPackage(more))
                .or(resideInAnyPackage(ANNOTATIONS)));
  }

  /** An empty module breaks no rule; that none is overlooked is a test of its own. */
  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(CLASSES);
  }
}
