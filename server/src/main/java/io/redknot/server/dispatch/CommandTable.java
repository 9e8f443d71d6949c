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
  private final Map<String, String> newNames = new HashMap<>();
  private @Nullable CommandSpec[] buckets = new CommandSpec[0];
  private String[] bucketNames = {};

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

  /**
   * Has a command found under another name only: the {@code rename-command} directive.
   *
   * @param name the command's present name in any case
   * @param newName its name from now on; empty to have it found under none
   * @return null, or why that cannot be
   */
  public @Nullable String rename(String name, String newName) {
    String from = name.toLowerCase(Locale.ROOT);
    String to = newName.toLowerCase(Locale.ROOT);
    CommandSpec spec = null;
    for (CommandSpec other : commands) {
      String current = nameOf(other);
      spec = current.equals(from) ? other : spec;
      if (!to.isEmpty() && current.equals(to)) {
        return "Target command name already exists";
      }
    }
    if (from.isEmpty() || spec == null) {
      return "No such command in rename-command";
    }
    newNames.put(spec.name(), to);
    return null;
  }

  /** The name under which a command is found; empty where it is found under none. */
  private String nameOf(CommandSpec spec) {
    return newNames.getOrDefault(spec.name(), spec.name());
  }

  /** Ends the building: numbers the rows and makes the index. */
  public void seal() {
    int size = Integer.highestOneBit(Math.max(16, commands.size() * 4)) * 2;
    buckets = new CommandSpec[size];
    bucketNames = new String[size];
    for (CommandSpec spec : commands) {
      String name = nameOf(spec);
      number(spec, name);
      if (!name.isEmpty()) {
        index(spec, name);
      }
    }
  }

  private void index(CommandSpec spec, String name) {
    int at = hash(name) & (buckets.length - 1);
    while (buckets[at] != null) {
      at = (at + 1) & (buckets.length - 1);
    }
    buckets[at] = spec;
    bucketNames[at] = name;
  }

  private void number(CommandSpec spec, String name) {
    spec.complete(all.size());
    all.add(spec);
    if (!name.isEmpty()) {
      byFullName.put(name, spec);
    }
    for (CommandSpec sub : spec.subcommands()) {
      String word = sub.name().substring(spec.name().length());
      number(sub, name.isEmpty() ? "" : name + word);
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
      if (spec == null || args.is(index, bucketNames[at])) {
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
