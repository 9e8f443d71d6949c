package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.KEYSPACE;
import static io.redknot.server.dispatch.CommandFlag.LOADING;
import static io.redknot.server.dispatch.CommandFlag.READONLY;
import static io.redknot.server.dispatch.CommandFlag.STALE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandHandler;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.storage.keyspace.AccessClock;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.ValueType;
import java.util.List;

/** OBJECT: how a key's value is kept and when it was used. */
public final class ObjectCommands {
  private static final String AFTER_A_SWITCH =
      " Please note that when switching between policies at runtime LRU and LFU data will take"
          + " some time to adjust.";
  private static final CommandError NO_FREQUENCY =
      CommandError.of(
          "ERR An LFU maxmemory policy is not selected, access frequency not tracked."
              + AFTER_A_SWITCH);
  private static final CommandError NO_IDLE_TIME =
      CommandError.of(
          "ERR An LFU maxmemory policy is selected, idle time not tracked." + AFTER_A_SWITCH);

  private static final List<String> HELP =
      List.of(
          "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
          "ENCODING <key>",
          "    Tell the representation in which the key's value is kept.",
          "FREQ <key>",
          "    Tell how often the key was used lately, on a logarithmic scale.",
          "IDLETIME <key>",
          "    Tell for how many seconds, about, the key has not been used.",
          "REFCOUNT <key>",
          "    Tell how many references there are to the key's value.",
          "HELP",
          "    Print this help.");

  private ObjectCommands() {}

  /** What a subcommand tells of an entry that is there. */
  @FunctionalInterface
  private interface Teller {
    void tell(CommandContext ctx, Keyspace keys, long ref, RespWriter out);
  }

  /** Adds the rows. */
  public static void register(CommandTable table) {
    CommandSpec object = table.container("object", -2);
    add(object, "encoding", ObjectCommands::encoding);
    add(object, "freq", ObjectCommands::frequency);
    object.sub("help", 2, (ctx, args, out) -> help(out)).flags(LOADING, STALE).in(KEYSPACE);
    add(object, "idletime", ObjectCommands::idleTime);
    // A value belongs to its key alone: nothing is shared, not even the small integers of Redis.
    add(object, "refcount", (ctx, keys, ref, out) -> out.integer(1));
  }

  private static void add(CommandSpec object, String name, Teller teller) {
    CommandHandler handler = (ctx, args, out) -> tell(ctx, args, out, teller);
    object
        .sub(name, 3, handler)
        .flags(READONLY)
        .in(KEYSPACE)
        .keys(KeySpec.at(2, "RO"))
        .tips("nondeterministic_output");
  }

  private static void tell(CommandContext ctx, Args args, RespWriter out, Teller teller) {
    long ref = Keys.inspect(ctx, args, 2);
    if (ref == 0) {
      out.nullBulk();
    } else {
      teller.tell(ctx, ctx.keyspace(), ref, out);
    }
  }

  private static void help(RespWriter out) {
    out.array(HELP.size());
    HELP.forEach(out::simple);
  }

  private static void encoding(CommandContext ctx, Keyspace keys, long ref, RespWriter out) {
    out.bulk(ValueType.of(keys, ref).encodingName(keys, ref));
  }

  private static void frequency(CommandContext ctx, Keyspace keys, long ref, RespWriter out) {
    AccessClock clock = ctx.server().shards().clock();
    if (!clock.isLfu()) {
      throw NO_FREQUENCY;
    }
    out.integer(clock.frequency(keys.accessClock(ref), ctx.nowMs()));
  }

  private static void idleTime(CommandContext ctx, Keyspace keys, long ref, RespWriter out) {
    AccessClock clock = ctx.server().shards().clock();
    if (clock.isLfu()) {
      throw NO_IDLE_TIME;
    }
    out.integer(clock.idleSeconds(keys.accessClock(ref), ctx.nowMs()));
  }
}
