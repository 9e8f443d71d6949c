package io.redknot.server.command;

import io.redknot.server.dispatch.AclCategory;
import io.redknot.server.dispatch.CommandFlag;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyFinder;
import io.redknot.server.dispatch.KeyFinders;
import io.redknot.server.dispatch.KeySpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** The commands of a real server, from the resource {@code commands-7.2.txt}. */
final class RecordedCommands {
  /** What only Redknot has, and what it has from Valkey; in the order of names. */
  static final Set<String> OWN =
      new TreeSet<>(Set.of("cluster|failover-log", "cluster|slot-stats"));

  /** One line of the recording, whose head explains the notation. */
  record Row(
      String name,
      int arity,
      String range,
      List<String> flags,
      List<String> categories,
      List<String> keySpecs,
      List<String> tips) {}

  private static final Map<String, KeyFinder> FINDERS =
      Map.of(
          "set", KeyFinders::set,
          "bitfield", KeyFinders::bitfield,
          "sort", KeyFinders::sort,
          "sort_ro", KeyFinders::sortReadOnly,
          "migrate", KeyFinders::migrate);

  private RecordedCommands() {}

  static Map<String, Row> rows() {
    Map<String, Row> rows = new LinkedHashMap<>();
    for (String line : lines("commands-7.2.txt")) {
      String[] parts = line.split(" ; ", -1);
      rows.put(
          parts[0],
          new Row(
              parts[0],
              Integer.parseInt(parts[1]),
              parts[2],
              list(parts[3], " "),
              list(parts[4], " "),
              list(parts[5], " & "),
              list(parts[6], " ")));
    }
    return rows;
  }

  /** The lines of a resource beside this class that are no comments. */
  static List<String> lines(String resource) {
    try (InputStream in = RecordedCommands.class.getResourceAsStream(resource)) {
      String text =
          new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.ISO_8859_1);
      return text.lines().filter(line -> !line.startsWith("#")).toList();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static List<String> list(String text, String separator) {
    return text.equals("-") ? List.of() : List.of(text.split(separator));
  }

  /** A table of all recorded commands, with handlers that do nothing; COMMAND itself is real. */
  static CommandTable table() {
    CommandTable table = new CommandTable();
    new CommandCommands(table).register(table);
    CommandSpec container = null;
    for (Row row : rows().values()) {
      String name = row.name();
      if (name.equals("command") || name.startsWith("command|")) {
        continue;
      }
      int bar = name.indexOf('|');
      if (bar < 0) {
        container = fill(table.add(name, row.arity(), (ctx, args, out) -> {}), row);
      } else {
        CommandSpec in = Objects.requireNonNull(container);
        fill(in.sub(name.substring(bar + 1), row.arity(), (ctx, args, out) -> {}), row);
      }
    }
    table.seal();
    return table;
  }

  private static CommandSpec fill(CommandSpec spec, Row row) {
    for (String flag : row.flags()) {
      spec.flags(CommandFlag.valueOf(flag.toUpperCase(Locale.ROOT)));
    }
    for (String category : row.categories()) {
      spec.in(AclCategory.valueOf(category.toUpperCase(Locale.ROOT)));
    }
    row.keySpecs().forEach(text -> spec.keys(parse(text)));
    KeyFinder finder = FINDERS.get(row.name());
    if (finder != null) {
      spec.findKeysBy(finder);
    }
    return spec.tips(row.tips().toArray(new String[0]));
  }

  static KeySpec parse(String text) {
    int colon = text.indexOf(':');
    int bracket = text.indexOf('[');
    return KeySpec.of(
        begin(text.substring(0, colon)),
        find(text.substring(colon + 1, bracket)),
        text.substring(bracket + 1, text.length() - 1));
  }

  private static KeySpec.Begin begin(String text) {
    String rest = text.substring(1);
    return switch (text.charAt(0)) {
      case 'i' -> new KeySpec.Begin.Index(Integer.parseInt(rest));
      case 'k' -> {
        int at = rest.indexOf('@');
        yield new KeySpec.Begin.Keyword(
            rest.substring(0, at), Integer.parseInt(rest.substring(at + 1)));
      }
      default -> new KeySpec.Begin.Unknown();
    };
  }

  private static KeySpec.Find find(String text) {
    if (text.equals("?")) {
      return new KeySpec.Find.Unknown();
    }
    int[] numbers =
        Arrays.stream(text.substring(1).split("/")).mapToInt(Integer::parseInt).toArray();
    return text.charAt(0) == 'r'
        ? new KeySpec.Find.Range(numbers[0], numbers[1], numbers[2])
        : new KeySpec.Find.Count(numbers[0], numbers[1], numbers[2]);
  }

  /** A row of a table in the notation of the recording. */
  static Row describe(CommandSpec spec) {
    return new Row(
        spec.name(),
        spec.arity(),
        spec.firstKey() + " " + spec.lastKey() + " " + spec.keyStep(),
        Arrays.stream(CommandFlag.values())
            .filter(flag -> spec.has(flag) && flag.isShown())
            .map(CommandFlag::text)
            .toList(),
        Arrays.stream(AclCategory.values()).filter(spec::isIn).map(AclCategory::text).toList(),
        spec.keySpecs().stream().map(RecordedCommands::describe).toList(),
        spec.tips());
  }

  private static String describe(KeySpec spec) {
    String begin =
        switch (spec.begin()) {
          case KeySpec.Begin.Index index -> "i" + index.position();
          case KeySpec.Begin.Keyword keyword -> "k" + keyword.word() + "@" + keyword.startFrom();
          case KeySpec.Begin.Unknown unknown -> "?";
        };
    String find =
        switch (spec.find()) {
          case KeySpec.Find.Range range ->
              "r" + range.last() + "/" + range.step() + "/" + range.limit();
          case KeySpec.Find.Count count ->
              "n" + count.countAt() + "/" + count.firstKey() + "/" + count.step();
          case KeySpec.Find.Unknown unknown -> "?";
        };
    return begin + ":" + find + "[" + String.join(" ", spec.flags()) + "]";
  }
}
