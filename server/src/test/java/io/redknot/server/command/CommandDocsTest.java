package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.CommandTable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CommandDocsTest {
  private static final List<String> FIELDS =
      List.of(
          "summary",
          "since",
          "group",
          "complexity",
          "doc_flags",
          "deprecated_since",
          "replaced_by",
          "history",
          "arguments");

  private static final List<String> ARGUMENT_FIELDS =
      List.of(
          "name",
          "type",
          "display_text",
          "key_spec_index",
          "token",
          "summary",
          "since",
          "deprecated_since",
          "flags",
          "arguments");

  private static final Set<String> TYPES =
      Set.of(
          "string",
          "integer",
          "double",
          "key",
          "pattern",
          "unix-time",
          "pure-token",
          "oneof",
          "block");

  private final Map<String, DocNode.Fields> docs = new CommandDocs().all();

  @Test
  void everyRegisteredCommandIsDocumented() {
    CommandTable table = new CommandTable();
    CommandFamilies.register(table);
    table.seal();
    List<String> without = new ArrayList<>();
    for (CommandSpec spec : table.all()) {
      if (!docs.containsKey(spec.name())) {
        without.add(spec.name());
      }
    }
    assertEquals(List.of(), without);
  }

  @Test
  void everyDocumentedCommandExistsInARealServer() {
    Set<String> real = new HashSet<>(RecordedCommands.rows().keySet());
    real.addAll(RecordedCommands.OWN);
    docs.keySet().forEach(name -> assertTrue(real.contains(name), name));
  }

  @Test
  void fieldsStandInTheOrderOfTheReply() {
    docs.forEach(
        (name, doc) -> {
          assertOrder(FIELDS, doc, name);
          assertTrue(doc.fields().keySet().containsAll(List.of("summary", "since", "group")), name);
        });
  }

  private static void assertOrder(List<String> order, DocNode.Fields doc, String name) {
    List<String> sorted = new ArrayList<>(order);
    sorted.retainAll(doc.fields().keySet());
    assertEquals(sorted, List.copyOf(doc.fields().keySet()), name);
  }

  @Test
  void summariesAreOneShortSentence() {
    docs.forEach(
        (name, doc) -> {
          String summary = text(doc, "summary");
          assertTrue(summary.length() <= 80, name);
          assertTrue(summary.endsWith(".") && summary.indexOf('.') == summary.length() - 1, name);
        });
  }

  @Test
  void versionsHaveThreeNumbers() {
    docs.forEach(
        (name, doc) -> {
          assertTrue(text(doc, "since").matches("\\d\\.\\d+\\.\\d+"), name);
          for (DocNode entry : items(doc, "history")) {
            List<DocNode> pair = assertInstanceOf(DocNode.Items.class, entry, name).items();
            assertEquals(2, pair.size(), name);
            assertTrue(value(pair.getFirst()).matches("\\d\\.\\d+\\.\\d+"), name);
          }
        });
  }

  @Test
  void argumentsAreWellFormedAndNameEveryKeySpec() {
    docs.forEach(
        (name, doc) -> {
          boolean own = RecordedCommands.OWN.contains(name);
          List<String> specs =
              own
                  ? List.of()
                  : Objects.requireNonNull(RecordedCommands.rows().get(name)).keySpecs();
          boolean[] used = new boolean[specs.size()];
          for (int i = 0; i < used.length; i++) {
            // A channel has a slot, but is no key.
            used[i] = specs.get(i).contains("not_key");
          }
          items(doc, "arguments").forEach(argument -> check(argument, used, name));
          for (boolean one : used) {
            assertTrue(one, name + " has a key spec that no argument names");
          }
        });
  }

  private static void check(DocNode node, boolean[] used, String name) {
    DocNode.Fields argument = assertInstanceOf(DocNode.Fields.class, node, name);
    assertOrder(ARGUMENT_FIELDS, argument, name);
    String type = text(argument, "type");
    assertTrue(TYPES.contains(type), name + " " + type);
    assertFalse(text(argument, "name").isEmpty(), name);
    // A pattern of SORT leads to keys; that of KEYS does not name any.
    if (!type.equals("pattern")) {
      assertEquals(type.equals("key"), argument.fields().containsKey("key_spec_index"), name);
    }
    if (argument.fields().get("key_spec_index") instanceof DocNode.Whole index) {
      used[(int) index.value()] = true;
    }
    boolean nested = type.equals("oneof") || type.equals("block");
    assertEquals(nested, argument.fields().containsKey("arguments"), name);
    items(argument, "arguments").forEach(inner -> check(inner, used, name));
  }

  private static List<DocNode> items(DocNode.Fields doc, String field) {
    return switch (doc.fields().get(field)) {
      case DocNode.Items items -> items.items();
      case DocNode.Members members -> members.items();
      case null, default -> List.of();
    };
  }

  private static String text(DocNode.Fields doc, String field) {
    return value(Objects.requireNonNull(doc.fields().get(field)));
  }

  private static String value(DocNode node) {
    return assertInstanceOf(DocNode.Text.class, node).value();
  }
}
