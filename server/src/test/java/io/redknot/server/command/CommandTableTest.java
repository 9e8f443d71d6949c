package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.protocol.Args;
import io.redknot.server.dispatch.AclCategory;
import io.redknot.server.dispatch.CommandFlag;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CommandTableTest {
  private static CommandTable registered() {
    CommandTable table = new CommandTable();
    CommandFamilies.register(table);
    table.seal();
    return table;
  }

  @Test
  void everyRegisteredRowEqualsWhatARealServerTells() {
    Map<String, RecordedCommands.Row> recorded = RecordedCommands.rows();
    List<RecordedCommands.Row> expected = new ArrayList<>();
    List<RecordedCommands.Row> actual = new ArrayList<>();
    List<String> unknown = new ArrayList<>();
    for (CommandSpec spec : registered().all()) {
      RecordedCommands.Row row = recorded.remove(spec.name());
      if (row == null) {
        unknown.add(spec.name());
      } else {
        expected.add(row);
        actual.add(RecordedCommands.describe(spec));
      }
    }
    assertEquals(RecordedCommands.OWN, new TreeSet<>(unknown), "rows that no real server has");
    assertEquals(lines(expected), lines(actual));
    System.out.println("commands that are not there yet: " + recorded.keySet());
  }

  /** One row a line, so that a difference is easy to see. */
  private static String lines(List<RecordedCommands.Row> rows) {
    return rows.stream().map(Object::toString).collect(Collectors.joining("\n"));
  }

  @Test
  void firstLastStepAndMovableKeysFollowFromTheKeySpecsOfEveryCommand() {
    for (RecordedCommands.Row row : RecordedCommands.rows().values()) {
      CommandTable table = new CommandTable();
      CommandSpec spec = table.add("one", row.arity(), (ctx, args, out) -> {});
      row.keySpecs().forEach(text -> spec.keys(RecordedCommands.parse(text)));
      table.seal();
      RecordedCommands.Row derived = RecordedCommands.describe(spec);
      assertEquals(row.range(), derived.range(), row.name());
      boolean movable = row.flags().contains("movablekeys");
      assertEquals(movable, spec.has(CommandFlag.MOVABLEKEYS), row.name());
      assertEquals(movable, !spec.keysByRange(), row.name());
    }
  }

  @Test
  void categoriesFollowFromTheFlagsSaveThoseOfTheGroup() {
    Set<String> derivable =
        Set.of("read", "write", "admin", "dangerous", "pubsub", "blocking", "fast", "slow");
    for (RecordedCommands.Row row : RecordedCommands.rows().values()) {
      CommandTable table = new CommandTable();
      CommandSpec spec = table.add("one", row.arity(), (ctx, args, out) -> {});
      row.flags().forEach(flag -> spec.flags(flag(flag)));
      if (row.categories().contains("scripting")) {
        spec.in(AclCategory.SCRIPTING);
      }
      table.seal();
      Set<String> derived = new TreeSet<>(RecordedCommands.describe(spec).categories());
      assertTrue(row.categories().containsAll(derived), row.name() + " " + derived);
      Set<String> rest = new TreeSet<>(row.categories());
      rest.removeAll(derived);
      rest.removeAll(Set.of("dangerous", "admin")); // some commands are in these without the flag
      rest.retainAll(derivable);
      assertEquals(Set.of(), rest, row.name());
    }
  }

  private static CommandFlag flag(String text) {
    return Arrays.stream(CommandFlag.values())
        .filter(flag -> flag.text().equals(text))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void everyRecordedRowCanBeBuiltAndReadsBackTheSame() {
    Map<String, RecordedCommands.Row> recorded = RecordedCommands.rows();
    CommandTable table = RecordedCommands.table();
    assertEquals(recorded.size(), table.all().size());
    for (CommandSpec spec : table.all()) {
      assertEquals(recorded.get(spec.name()), RecordedCommands.describe(spec));
    }
  }

  @Test
  void everyPartOfARowIsCompared() {
    RecordedCommands.Row get = RecordedCommands.rows().get("get");
    assertEquals(get, RecordedCommands.describe(get(2, 1, "RO access", AclCategory.STRING, "")));
    assertNotEquals(get, RecordedCommands.describe(get(3, 1, "RO access", AclCategory.STRING, "")));
    assertNotEquals(get, RecordedCommands.describe(get(2, 2, "RO access", AclCategory.STRING, "")));
    assertNotEquals(get, RecordedCommands.describe(get(2, 1, "RO", AclCategory.STRING, "")));
    assertNotEquals(get, RecordedCommands.describe(get(2, 1, "RO access", AclCategory.HASH, "")));
    assertNotEquals(
        get, RecordedCommands.describe(get(2, 1, "RO access", AclCategory.STRING, "x")));
  }

  private static CommandSpec get(
      int arity, int key, String keyFlags, AclCategory category, String tip) {
    CommandTable table = new CommandTable();
    CommandSpec spec =
        table
            .add("get", arity, (ctx, args, out) -> {})
            .flags(CommandFlag.READONLY, CommandFlag.FAST)
            .in(category)
            .keys(KeySpec.at(key, keyFlags))
            .tips(tip.isEmpty() ? new String[0] : new String[] {tip});
    table.seal();
    return spec;
  }

  @Test
  void everyRowWhoseKeySpecsDoNotTellAllHasAKeyFinder() {
    List<String> without = new ArrayList<>();
    for (CommandTable table : List.of(registered(), RecordedCommands.table())) {
      for (CommandSpec spec : table.all()) {
        if (spec.keyFinder() == null
            && !spec.keySpecs().stream().allMatch(CommandTableTest::tellsAll)) {
          without.add(spec.name());
        }
      }
    }
    assertEquals(List.of(), without);
  }

  private static boolean tellsAll(KeySpec spec) {
    return spec.isComplete()
        && !spec.flags().contains("incomplete")
        && !spec.flags().contains("variable_flags");
  }

  @Test
  void aTableFindsCommandsInAnyCaseAndSubcommandsByFullName() {
    CommandTable table = RecordedCommands.table();
    assertEquals("get", name(table.find("GeT")));
    assertEquals("config|get", name(table.find("Config|GET")));
    assertEquals("", name(table.find("config|")));
    assertEquals("", name(table.find("nothing")));
  }

  @Test
  void anUnknownSubcommandIsNoneEvenWhereTheContainerRunsByItself() {
    CommandTable table = RecordedCommands.table();
    Args args = Args.ofText("command", "nothing");
    CommandSpec spec = table.find(args);
    assertFalse(spec == null);
    assertEquals("", name(table.resolve(spec, args)));
  }

  private static String name(@Nullable CommandSpec spec) {
    return spec == null ? "" : spec.name();
  }
}
