package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.AclCategory;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandFlag;
import io.redknot.server.dispatch.CommandHandler;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyVisitor;
import io.redknot.storage.keyspace.GlobPattern;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** COMMAND: what clients and people can learn about the commands of the table. */
public final class CommandCommands {
  private static final CommandError INVALID_COMMAND =
      CommandError.of("ERR Invalid command specified");
  private static final CommandError NO_KEY_ARGUMENTS =
      CommandError.of("ERR The command has no key arguments");
  private static final CommandError INVALID_NUMBER_OF_ARGUMENTS =
      CommandError.of("ERR Invalid number of arguments specified for command");
  private static final CommandError INVALID_ARGUMENTS =
      CommandError.of("ERR Invalid arguments specified for command");

  /** Where the words stand that a subcommand is asked about. */
  private static final int FIRST_OPERAND = 2;

  private static final List<String> HELP =
      List.of(
          "COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
          "(no subcommand)",
          "    Describe every command.",
          "COUNT",
          "    Count the commands.",
          "DOCS [<command-name> ...]",
          "    Document the named commands, or all of them.",
          "GETKEYS <full-command>",
          "    Tell which arguments of a call are keys.",
          "GETKEYSANDFLAGS <full-command>",
          "    Tell which arguments of a call are keys and how they are used.",
          "INFO [<command-name> ...]",
          "    Describe the named commands, or all of them.",
          "LIST [FILTERBY (MODULE <module>|ACLCAT <category>|PATTERN <pattern>)]",
          "    List the names of all commands, or of those that fit.",
          "HELP",
          "    Print this help.");

  private final CommandTable table;
  private final CommandDocs docs = new CommandDocs();

  /** The table is the one to answer from; it is sealed before a handler runs. */
  public CommandCommands(CommandTable table) {
    this.table = table;
  }

  /** Adds the rows. */
  public void register(CommandTable rows) {
    CommandSpec command = rows.add("command", -1, this::describeAll);
    common(command).tips("nondeterministic_output_order");
    sub(command, "count", 2, this::count);
    sub(command, "docs", -2, this::docs).tips("nondeterministic_output_order");
    sub(command, "getkeys", -3, this::getKeys);
    sub(command, "getkeysandflags", -3, this::getKeysAndFlags);
    sub(command, "help", 2, CommandCommands::help);
    sub(command, "info", -2, this::info).tips("nondeterministic_output_order");
    sub(command, "list", -2, this::list).tips("nondeterministic_output_order");
  }

  private static CommandSpec sub(CommandSpec in, String name, int arity, CommandHandler handler) {
    return common(in.sub(name, arity, handler));
  }

  private static CommandSpec common(CommandSpec spec) {
    return spec.flags(CommandFlag.LOADING, CommandFlag.STALE).in(AclCategory.CONNECTION);
  }

  private void describeAll(CommandContext ctx, Args args, RespWriter out) {
    CommandInfoWriter writer = new CommandInfoWriter(out);
    out.array(table.commands().size());
    table.commands().forEach(writer::entry);
  }

  private void count(CommandContext ctx, Args args, RespWriter out) {
    out.integer(table.commands().size());
  }

  private static void help(CommandContext ctx, Args args, RespWriter out) {
    out.array(HELP.size());
    HELP.forEach(out::simple);
  }

  private void info(CommandContext ctx, Args args, RespWriter out) {
    if (args.count() == FIRST_OPERAND) {
      describeAll(ctx, args, out);
      return;
    }
    CommandInfoWriter writer = new CommandInfoWriter(out);
    out.array(args.count() - FIRST_OPERAND);
    for (int i = FIRST_OPERAND; i < args.count(); i++) {
      CommandSpec spec = table.find(args.text(i));
      if (spec == null) {
        out.nullBulk();
      } else {
        writer.entry(spec);
      }
    }
  }

  // ---- LIST

  private void list(CommandContext ctx, Args args, RespWriter out) {
    Predicate<CommandSpec> filter = filter(args);
    List<String> names = new ArrayList<>();
    for (CommandSpec spec : table.all()) {
      if (filter.test(spec)) {
        names.add(spec.name());
      }
    }
    out.array(names.size());
    names.forEach(out::bulk);
  }

  private static Predicate<CommandSpec> filter(Args args) {
    if (args.count() == FIRST_OPERAND) {
      return spec -> true;
    }
    if (args.count() != FIRST_OPERAND + 3 || !args.is(FIRST_OPERAND, "filterby")) {
      throw CommandError.SYNTAX;
    }
    return switch (args.text(FIRST_OPERAND + 1).toLowerCase(Locale.ROOT)) {
      case "module" -> spec -> false; // no command comes from a module
      case "aclcat" -> inCategory(args.text(FIRST_OPERAND + 2));
      case "pattern" -> matching(args.copy(FIRST_OPERAND + 2));
      default -> throw CommandError.SYNTAX;
    };
  }

  private static Predicate<CommandSpec> inCategory(String name) {
    for (AclCategory category : AclCategory.values()) {
      if (category.text().equalsIgnoreCase(name)) {
        return spec -> spec.isIn(category);
      }
    }
    return spec -> false;
  }

  private static Predicate<CommandSpec> matching(byte[] text) {
    GlobPattern pattern = GlobPattern.ignoringCase(text);
    return spec -> {
      byte[] name = spec.name().getBytes(StandardCharsets.ISO_8859_1);
      return pattern.matches(name, 0, name.length);
    };
  }

  // ---- GETKEYS

  private void getKeys(CommandContext ctx, Args args, RespWriter out) {
    Args call = args.tail(FIRST_OPERAND);
    List<Integer> positions = new ArrayList<>();
    findKeys(call, (position, flags) -> positions.add(position));
    out.array(positions.size());
    for (int position : positions) {
      out.bulk(call.array(), call.offset(position), call.length(position));
    }
  }

  private void getKeysAndFlags(CommandContext ctx, Args args, RespWriter out) {
    Args call = args.tail(FIRST_OPERAND);
    CommandInfoWriter writer = new CommandInfoWriter(out);
    List<FoundKey> keys = new ArrayList<>();
    findKeys(call, (position, flags) -> keys.add(new FoundKey(position, flags)));
    out.array(keys.size());
    for (FoundKey key : keys) {
      out.array(2);
      out.bulk(call.array(), call.offset(key.position()), call.length(key.position()));
      writer.statusSet(key.flags());
    }
  }

  private record FoundKey(int position, List<String> flags) {}

  private void findKeys(Args call, KeyVisitor visitor) {
    CommandSpec spec = called(call);
    if (spec == null) {
      throw INVALID_COMMAND;
    }
    if (!spec.hasKeys()) {
      throw NO_KEY_ARGUMENTS;
    }
    if (!spec.accepts(call.count())) {
      throw INVALID_NUMBER_OF_ARGUMENTS;
    }
    if (!spec.findKeys(call, visitor) && !spec.has(CommandFlag.NO_MANDATORY_KEYS)) {
      throw INVALID_ARGUMENTS;
    }
  }

  private @Nullable CommandSpec called(Args call) {
    CommandSpec spec = table.find(call);
    return spec == null ? null : table.resolve(spec, call);
  }

  // ---- DOCS

  private void docs(CommandContext ctx, Args args, RespWriter out) {
    List<CommandSpec> documented = new ArrayList<>();
    if (args.count() == FIRST_OPERAND) {
      documented.addAll(table.commands());
    }
    for (int i = FIRST_OPERAND; i < args.count(); i++) {
      CommandSpec spec = table.find(args.text(i));
      if (spec != null) {
        documented.add(spec);
      }
    }
    documented.removeIf(spec -> docs.find(spec.name()) == null);
    writeDocs(documented, out);
  }

  private void writeDocs(List<CommandSpec> specs, RespWriter out) {
    out.map(specs.size());
    for (CommandSpec spec : specs) {
      DocNode.Fields fields = docs.find(spec.name());
      if (fields != null) {
        out.bulk(spec.name());
        writeDocs(fields, spec, out);
      }
    }
  }

  private void writeDocs(DocNode.Fields fields, CommandSpec spec, RespWriter out) {
    List<CommandSpec> subcommands = new ArrayList<>(spec.subcommands());
    subcommands.removeIf(sub -> docs.find(sub.name()) == null);
    out.map(fields.fields().size() + (subcommands.isEmpty() ? 0 : 1));
    fields.writePairs(out);
    if (!subcommands.isEmpty()) {
      out.bulk("subcommands");
      writeDocs(subcommands, out);
    }
  }
}
