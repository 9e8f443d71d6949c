package io.redknot.server.dispatch;

import io.redknot.protocol.Args;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All commands by name.
 *
 * <p>Rows are added at start; {@link #seal()} ends that. The look-up compares bytes in any case and
 * allocates nothing.
 */
public final class CommandTable {
  /** No command's name is longer, in bytes. */
  public static final int NAME_BYTES_MAX = 32;

  private final List<CommandSpec> commands = new ArrayList<>();
  private final List<CommandSpec> all = new ArrayList<>();
  private final Map<String, CommandSpec> byFullName = new HashMap<>();
  private @Nullable CommandSpec[] buckets = new CommandSpec[0];

  /**
   * Adds a command.
   *
   * @param name lower-case name
   * @param arity words with the name; negative: at least so many
   */
  public CommandSpec add(String name, int arity, CommandHandler handler) {
    return addRow(new CommandSpec(name, arity, handler, null));
  }

  /** Adds a command that has only subcommands. */
  public CommandSpec container(String name, int arity) {
    return addRow(new CommandSpec(name, arity, null, null));
  }

  private CommandSpec addRow(CommandSpec spec) {
    for (CommandSpec other : commands) {
      if (other.name().equals(spec.name())) {
        throw new IllegalStateException("duplicate command " + spec.name());
      }
    }
    commands.add(spec);
    return spec;
  }

  /** Ends the building: numbers the rows and makes the index. */
  public void seal() {
    int size = Integer.highestOneBit(Math.max(16, commands.size() * 4)) * 2;
    buckets = new CommandSpec[size];
    for (CommandSpec spec : commands) {
      number(spec);
      int at = hash(spec.name()) & (size - 1);
      while (buckets[at] != null) {
        at = (at + 1) & (size - 1);
      }
      buckets[at] = spec;
    }
  }

  private void number(CommandSpec spec) {
    spec.complete(all.size());
    all.add(spec);
    byFullName.put(spec.name(), spec);
    for (CommandSpec sub : spec.subcommands()) {
      number(sub);
    }
  }

  /** Number of commands and subcommands: ids are below it. */
  public int size() {
    return all.size();
  }

  /** The commands in the order of their rows. */
  public List<CommandSpec> commands() {
    return Collections.unmodifiableList(commands);
  }

  /** Commands and subcommands, by id. */
  public List<CommandSpec> all() {
    return Collections.unmodifiableList(all);
  }

  /** The command that argument 0 names; null where there is none. */
  public @Nullable CommandSpec find(Args args) {
    return find(args, 0);
  }

  /** The command that an argument names; null where there is none. */
  public @Nullable CommandSpec find(Args args, int index) {
    int length = args.length(index);
    if (length == 0 || length > NAME_BYTES_MAX) {
      return null;
    }
    int mask = buckets.length - 1;
    int at = hash(args.array(), args.offset(index), length) & mask;
    while (true) {
      CommandSpec spec = buckets[at];
      if (spec == null || args.is(index, spec.name())) {
        return spec;
      }
      at = (at + 1) & mask;
    }
  }

  /** The command or {@code container|sub} of that name in any case; null where there is none. */
  public @Nullable CommandSpec find(String name) {
    return byFullName.get(name.toLowerCase(Locale.ROOT));
  }

  /** What really runs: the subcommand where the command is a container. Null: unknown one. */
  public @Nullable CommandSpec resolve(CommandSpec spec, Args args) {
    if (!spec.isContainer() || args.count() < 2) {
      return spec;
    }
    return spec.subcommand(args, 1);
  }

  private static int hash(String name) {
    int hash = name.length();
    for (int i = 0; i < name.length(); i++) {
      hash = hash * 31 + name.charAt(i);
    }
    return spread(hash);
  }

  /** As {@link #hash(String)} of the lower-case name. */
  private static int hash(byte[] bytes, int offset, int length) {
    int hash = length;
    for (int i = offset; i < offset + length; i++) {
      byte b = bytes[i];
      hash = hash * 31 + (b >= 'A' && b <= 'Z' ? b + 32 : b);
    }
    return spread(hash);
  }

  private static int spread(int hash) {
    return hash ^ (hash >>> 15);
  }
}
