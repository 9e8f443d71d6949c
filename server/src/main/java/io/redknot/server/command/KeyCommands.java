package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.KEYSPACE;
import static io.redknot.server.dispatch.CommandFlag.DENYOOM;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.READONLY;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.ValueType;

/** Keys whatever they hold: deleted, counted, renamed, copied, moved. */
public final class KeyCommands {
  private static final CommandError COPY_IN_CLUSTER =
      CommandError.of("ERR Copying to another database is not allowed in cluster mode");
  private static final CommandError MOVE_IN_CLUSTER =
      CommandError.of("ERR MOVE is not allowed in cluster mode");

  private KeyCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    registerSeveral(table);
    registerPairs(table);
    table
        .add("type", 2, KeyCommands::type)
        .flags(READONLY, FAST)
        .in(KEYSPACE)
        .keys(KeySpec.at(1, "RO"));
    table
        .add("move", 3, KeyCommands::move)
        .flags(WRITE, FAST)
        .in(KEYSPACE)
        .keys(KeySpec.at(1, "RW access update"));
  }

  private static void registerSeveral(CommandTable table) {
    table
        .add("del", -2, KeyCommands::delete)
        .flags(WRITE)
        .in(KEYSPACE)
        .keys(KeySpec.range(1, -1, 1, "RM delete"))
        .tips("request_policy:multi_shard", "response_policy:agg_sum");
    table
        .add("unlink", -2, KeyCommands::delete)
        .flags(WRITE, FAST)
        .in(KEYSPACE)
        .keys(KeySpec.range(1, -1, 1, "RM delete"))
        .tips("request_policy:multi_shard", "response_policy:agg_sum");
    table
        .add("exists", -2, KeyCommands::exists)
        .flags(READONLY, FAST)
        .in(KEYSPACE)
        .keys(KeySpec.range(1, -1, 1, "RO"))
        .tips("request_policy:multi_shard", "response_policy:agg_sum");
    table
        .add("touch", -2, KeyCommands::touch)
        .flags(READONLY, FAST)
        .in(KEYSPACE)
        .keys(KeySpec.range(1, -1, 1, "RO"))
        .tips("request_policy:multi_shard", "response_policy:agg_sum");
  }

  private static void registerPairs(CommandTable table) {
    table
        .add("rename", 3, KeyCommands::rename)
        .flags(WRITE)
        .in(KEYSPACE)
        .keys(KeySpec.at(1, "RW access delete"), KeySpec.at(2, "OW update"));
    table
        .add("renamenx", 3, KeyCommands::renameIfAbsent)
        .flags(WRITE, FAST)
        .in(KEYSPACE)
        .keys(KeySpec.at(1, "RW access delete"), KeySpec.at(2, "OW insert"));
    table
        .add("copy", -3, KeyCommands::copy)
        .flags(WRITE, DENYOOM)
        .in(KEYSPACE)
        .keys(KeySpec.at(1, "RO access"), KeySpec.at(2, "OW update"));
  }

  /** DEL and UNLINK: freeing takes constant time here, so that nothing is left for later. */
  private static void delete(CommandContext ctx, Args args, RespWriter out) {
    int deleted = 0;
    for (int i = 1; i < args.count(); i++) {
      if (remove(ctx, ctx.keyspace(), args, i)) {
        Keys.changed(ctx, args, i, KeyEvent.DEL);
        deleted++;
      }
    }
    out.integer(deleted);
  }

  private static boolean remove(CommandContext ctx, Keyspace keys, Args args, int index) {
    return keys.remove(
        args.array(), args.offset(index), args.length(index), ctx.slotOf(args, index));
  }

  private static void exists(CommandContext ctx, Args args, RespWriter out) {
    int found = 0;
    for (int i = 1; i < args.count(); i++) {
      found += Keys.readNoTouch(ctx, args, i) != 0 ? 1 : 0;
    }
    out.integer(found);
  }

  /** Renews the access clocks, even where the client asked not to (CLIENT NO-TOUCH). */
  private static void touch(CommandContext ctx, Args args, RespWriter out) {
    Keyspace keys = ctx.keyspace();
    int found = 0;
    for (int i = 1; i < args.count(); i++) {
      int slot = ctx.slotOf(args, i);
      keys.accesses().count(true);
      long ref = keys.read(args.array(), args.offset(i), args.length(i), slot);
      found += Keys.read(ctx, args, i, ref) != 0 ? 1 : 0;
    }
    out.integer(found);
  }

  private static void type(CommandContext ctx, Args args, RespWriter out) {
    long ref = Keys.readNoTouch(ctx, args, 1);
    out.simple(ref == 0 ? "none" : ValueType.of(ctx.keyspace(), ref).typeName());
  }

  private static void rename(CommandContext ctx, Args args, RespWriter out) {
    if (!isRenamedToItself(ctx, args)) {
      remove(ctx, ctx.keyspace(), args, 2);
      moveRenamed(ctx, args);
    }
    out.ok();
  }

  private static void renameIfAbsent(CommandContext ctx, Args args, RespWriter out) {
    if (isRenamedToItself(ctx, args) || Keys.find(ctx, args, 2) != 0) {
      out.integer(0);
      return;
    }
    moveRenamed(ctx, args);
    out.integer(1);
  }

  private static boolean isRenamedToItself(CommandContext ctx, Args args) {
    if (Keys.find(ctx, args, 1) == 0) {
      throw CommandError.NO_SUCH_KEY;
    }
    return args.same(1, 2);
  }

  private static void moveRenamed(CommandContext ctx, Args args) {
    Keyspace keys = ctx.keyspace();
    moveTo(ctx, keys, args, 2);
    Keys.changed(ctx, args, 1, KeyEvent.RENAME_FROM);
    Keys.changed(ctx, args, 2, KeyEvent.RENAME_TO);
  }

  /** Moves the key of argument 1, which is there, to another name or database. */
  private static void moveTo(CommandContext ctx, Keyspace to, Args args, int nameAt) {
    Keyspace from = ctx.keyspace();
    long ref = Keys.findAgain(ctx, args, 1);
    int slot = ctx.slotOf(args, nameAt);
    to.moveFrom(from, ref, args.array(), args.offset(nameAt), args.length(nameAt), slot);
  }

  private static void copy(CommandContext ctx, Args args, RespWriter out) {
    int databases = ctx.server().config().databases.getInt();
    int db = ctx.session().db();
    boolean replace = false;
    for (int i = 3; i < args.count(); i++) {
      if (args.is(i, "replace")) {
        replace = true;
      } else if (args.is(i, "db") && i + 1 < args.count()) {
        db = IntArgument.database(args, ++i, databases);
      } else {
        throw CommandError.SYNTAX;
      }
    }
    if (ctx.server().config().clusterEnabled.get() && db != 0) {
      throw COPY_IN_CLUSTER;
    }
    if (db == ctx.session().db() && args.same(1, 2)) {
      throw CommandError.SAME_OBJECT;
    }
    out.integer(copyTo(ctx, args, db, replace) ? 1 : 0);
  }

  private static boolean copyTo(CommandContext ctx, Args args, int db, boolean replace) {
    Keyspace target = ctx.keyspace(db);
    int slot = ctx.slotOf(args, 2);
    if (Keys.read(ctx, args, 1) == 0) {
      return false;
    }
    if (target.find(args.array(), args.offset(2), args.length(2), slot) != 0) {
      if (!replace) {
        return false;
      }
      remove(ctx, target, args, 2);
    }
    long ref = Keys.findAgain(ctx, args, 1);
    target.copyFrom(ctx.keyspace(), ref, args.array(), args.offset(2), args.length(2), slot);
    Keys.changed(ctx, db, args, 2, KeyEvent.COPY_TO);
    return true;
  }

  private static void move(CommandContext ctx, Args args, RespWriter out) {
    if (ctx.server().config().clusterEnabled.get()) {
      throw MOVE_IN_CLUSTER;
    }
    int from = ctx.session().db();
    int to = IntArgument.database(args, 2, ctx.server().config().databases.getInt());
    if (from == to) {
      throw CommandError.SAME_OBJECT;
    }
    Keyspace target = ctx.keyspace(to);
    int slot = ctx.slotOf(args, 1);
    if (Keys.find(ctx, args, 1) == 0
        || target.find(args.array(), args.offset(1), args.length(1), slot) != 0) {
      out.integer(0);
      return;
    }
    moveTo(ctx, target, args, 1);
    Keys.changed(ctx, from, args, 1, KeyEvent.MOVE_FROM);
    Keys.changed(ctx, to, args, 1, KeyEvent.MOVE_TO);
    out.integer(1);
  }
}
