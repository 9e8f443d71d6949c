package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.dispatch.AclCategory;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.CommandTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page {@code docs/commands.md}, which is made from the table and never written by hand. */
class CommandPageTest {
  private static final Path PAGE = Path.of("..", "docs", "commands.md");

  private static final String HEAD =
      """
      # Commands

      This page is made from the server's command table. After a change of the table make it anew:

          mvn -pl server -am test -Dtest=CommandPageTest -Dredknot.regenerate=true \\
              -Dsurefire.failIfNoSpecifiedTests=false

      Words: how many words a call has, the name included; "+" means at least so many.
      Keys: positions of the first and the last key and the distance between two keys, counted from
      the name as 0; a negative position counts from the end; "movable" where only COMMAND GETKEYS
      tells.

      Not in Redis: `DEBUG JMAP` tells what the Java heap holds, class by class. `DEBUG HELP` lists
      what else DEBUG can do here.
      """;

  @Test
  void thePageShowsTheCommandsOfTheTable() throws IOException {
    String page = page(registered());
    if (Boolean.getBoolean("redknot.regenerate")) {
      Files.createDirectories(PAGE.getParent());
      Files.writeString(PAGE, page, StandardCharsets.UTF_8);
    }
    assertEquals(
        page,
        Files.readString(PAGE, StandardCharsets.UTF_8),
        "out of date: run this test with -Dredknot.regenerate=true");
  }

  @Test
  void aCommandOfAnyKindHasALine() {
    String page = page(RecordedCommands.table());
    assertTrue(page.contains("\n## string\n"));
    assertTrue(page.contains("\n| MSET | 3+ | 1 -1 2 | write string slow | 1.0.1 | Writes sev"));
    assertTrue(page.contains("\n| CONFIG GET | 3+ | | admin slow dangerous | 2.0.0 | "));
  }

  private static CommandTable registered() {
    CommandTable table = new CommandTable();
    CommandFamilies.register(table);
    table.seal();
    return table;
  }

  private static String page(CommandTable table) {
    CommandDocs docs = new CommandDocs();
    Map<String, List<CommandSpec>> groups =
        table.all().stream()
            .filter(spec -> spec.subcommands().isEmpty() || spec.handler() != null)
            .filter(spec -> docs.find(spec.name()) != null)
            .sorted(Comparator.comparing(CommandSpec::name))
            .collect(
                Collectors.groupingBy(
                    spec -> text(docs, spec, "group"), TreeMap::new, Collectors.toList()));
    StringBuilder page = new StringBuilder(HEAD);
    groups.forEach(
        (group, specs) -> {
          page.append("\n## ").append(group).append("\n\n");
          page.append("| Command | Words | Keys | ACL categories | Since | |\n");
          page.append("|---|---|---|---|---|---|\n");
          specs.forEach(spec -> page.append(line(docs, spec)));
        });
    return page.toString();
  }

  private static String line(CommandDocs docs, CommandSpec spec) {
    return Stream.of(
            spec.name().replace('|', ' ').toUpperCase(Locale.ROOT),
            Math.abs(spec.arity()) + (spec.arity() < 0 ? "+" : ""),
            keys(spec),
            categories(spec),
            text(docs, spec, "since"),
            text(docs, spec, "summary"))
        .map(cell -> cell.isEmpty() ? "| " : "| " + cell + " ")
        .collect(Collectors.joining("", "", "|\n"));
  }

  private static String keys(CommandSpec spec) {
    if (!spec.keysByRange()) {
      return "movable";
    }
    return spec.firstKey() == 0
        ? ""
        : spec.firstKey() + " " + spec.lastKey() + " " + spec.keyStep();
  }

  private static String categories(CommandSpec spec) {
    return Arrays.stream(AclCategory.values())
        .filter(spec::isIn)
        .map(AclCategory::text)
        .collect(Collectors.joining(" "));
  }

  private static String text(CommandDocs docs, CommandSpec spec, String field) {
    DocNode.Fields fields = Objects.requireNonNull(docs.find(spec.name()));
    return fields.fields().get(field) instanceof DocNode.Text text ? text.value() : "";
  }
}
