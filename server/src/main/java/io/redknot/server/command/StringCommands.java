package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.STRING;
import static io.redknot.server.dispatch.CommandFlag.DENYOOM;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.READONLY;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.server.dispatch.KeyFinders;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.server.dispatch.Refusals;
import io.redknot.server.replication.Effects;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.StringValue;

/** Strings as wholes: GET, SET and their variants. */
public final class StringCommands {
  private static final int SET_OPTIONS =
      ExpiryArguments.NX | ExpiryArguments.XX | ExpiryArguments.GET | ExpiryArguments.KEEPTTL;

  private StringCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    registerReads(table);
    registerSets(table);
    registerSeveral(table);
  }

  private static void registerReads(CommandTable table) {
    table
        .add("get", 2, StringCommands::get)
        .flags(READONLY, FAST)
        .in(STRING)
        .keys(KeySpec.at(1, "RO access"));
    table
        .add("getdel", 2, StringCommands::getDel)
        .flags(WRITE, FAST)
        .in(STRING)
        .keys(KeySpec.at(1, "RW access delete"));
    table
        .add("getex", -2, StringCommands::getEx)
        .flags(WRITE, FAST)
        .in(STRING)
        .keys(KeySpec.at(1, "RW access update"));
    table
        .add("strlen", 2, StringCommands::length)
        .flags(READONLY, FAST)
        .in(STRING)
        .keys(KeySpec.at(1, "RO"));
  }

  private static void registerSets(CommandTable table) {
    table
        .add("set", -3, StringCommands::set)
        .flags(WRITE, DENYOOM)
        .in(STRING)
        .keys(
            KeySpec.at(1, "RW access update variable_flags")
                .noted("RW and ACCESS due to the optional `GET` argument"))
        .findKeysBy(KeyFinders::set);
    table
        .add("setnx", 3, StringCommands::setIfAbsent)
        .flags(WRITE, DENYOOM, FAST)
        .in(STRING)
        .keys(KeySpec.at(1, "OW insert"));
    table
        .add("setex", 4, (ctx, args, out) -> setExpiring(ctx, args, out, 1000))
        .flags(WRITE, DENYOOM)
        .in(STRING)
        .keys(KeySpec.at(1, "OW update"));
    table
        .add("psetex", 4, (ctx, args, out) -> setExpiring(ctx, args, out, 1))
        .flags(WRITE, DENYOOM)
        .in(STRING)
        .keys(KeySpec.at(1, "OW update"));
    table
        .add("getset", 3, StringCommands::getSet)
        .flags(WRITE, DENYOOM, FAST)
        .in(STRING)
        .keys(KeySpec.at(1, "RW access update"));
  }

  private static void registerSeveral(CommandTable table) {
    table
        .add("mget", -2, StringCommands::getSeveral)
        .flags(READONLY, FAST)
        .in(STRING)
        .keys(KeySpec.range(1, -1, 1, "RO access"))
        .tips("request_policy:multi_shard");
    table
        .add("mset", -3, StringCommands::setSeveral)
        .flags(WRITE, DENYOOM)
        .in(STRING)
        .keys(KeySpec.range(1, -1, 2, "OW update"))
        .tips("request_policy:multi_shard", "response_policy:all_succeeded");
    table
        .add("msetnx", -3, StringCommands::setSeveralIfAbsent)
        .flags(WRITE, DENYOOM)
        .in(STRING)
        .keys(KeySpec.range(1, -1, 2, "OW insert"));
  }

  /** Writes a string, or null where the reference is 0. */
  static void write(Keyspace keys, long ref, RespWriter out) {
    if (ref == 0) {
      out.nullBulk();
    } else if (StringValue.isInteger(keys, ref)) {
      out.bulk(StringValue.integer(keys, ref));
    } else {
      out.bulk(keys.valueArray(ref), keys.valueOffset(ref), keys.valueLength(ref));
    }
  }

  /**
   * Gives a key the value of an argument, as an integer where it is the text of one. The expiry of
   * an existing key stays.
   *
   * @param ref what the look-up of that key just returned
   * @return the entry's reference
   */
  static long store(Keyspace keys, long ref, Args args, int key, int value) {
    byte[] array = args.array();
    int offset = args.offset(key);
    int length = args.length(key);
    return args.isLong(value)
        ? StringValue.set(keys, ref, array, offset, length, args.toLong(value))
        : StringValue.set(
            keys, ref, array, offset, length, array, args.offset(value), args.length(value));
  }

  /** As {@link #store}, without an expiry. */
  private static void overwrite(CommandContext ctx, Args args, int key, int value, long ref) {
    Keyspace keys = ctx.keyspace();
    keys.expireAt(store(keys, ref, args, key, value), Keyspace.NO_EXPIRY);
    Keys.changed(ctx, args, key, KeyEvent.SET);
  }

  private static void get(CommandContext ctx, Args args, RespWriter out) {
    write(ctx.keyspace(), Keys.readString(ctx, args, 1), out);
  }

  private static void getDel(CommandContext ctx, Args args, RespWriter out) {
    Keyspace keys = ctx.keyspace();
    long ref = Keys.readString(ctx, args, 1);
    write(keys, ref, out);
    if (ref != 0) {
      keys.remove(ref);
      Keys.propagateRemoval(ctx, args, 1, ctx.server().config().lazyfreeLazyUserDel);
      Keys.changed(ctx, args, 1, KeyEvent.DEL);
    }
  }

  private static void getEx(CommandContext ctx, Args args, RespWriter out) {
    long options = ExpiryArguments.options(args, 2, ExpiryArguments.PERSIST);
    Keyspace keys = ctx.keyspace();
    long ref = Keys.readString(ctx, args, 1);
    if (ref == 0) {
      out.nullBulk();
    } else if (ExpiryArguments.hasTime(options)) {
      long expiryMs = ExpiryArguments.expiryMs(ctx, args, options);
      write(keys, ref, out);
      expire(ctx, args, ref, expiryMs);
    } else {
      write(keys, ref, out);
      if (ExpiryArguments.has(options, ExpiryArguments.PERSIST)
          && keys.expiry(ref) != Keyspace.NO_EXPIRY) {
        keys.expireAt(ref, Keyspace.NO_EXPIRY);
        if (ctx.isPropagated()) {
          ctx.propagateAs("PERSIST").word(args, 1);
        }
        Keys.changed(ctx, args, 1, KeyEvent.PERSIST);
      }
    }
  }

  private static void expire(CommandContext ctx, Args args, long ref, long expiryMs) {
    Keyspace keys = ctx.keyspace();
    if (ExpiryArguments.isPast(ctx, expiryMs)) {
      keys.remove(ref);
      Keys.propagateRemoval(ctx, args, 1, ctx.server().config().lazyfreeLazyExpire);
      Keys.changed(ctx, args, 1, KeyEvent.DEL);
      return;
    }
    keys.expireAt(ref, expiryMs);
    if (ctx.isPropagated()) {
      ctx.propagateAs("PEXPIREAT").word(args, 1).word(expiryMs);
    }
    Keys.changed(ctx, args, 1, KeyEvent.EXPIRE);
  }

  private static void length(CommandContext ctx, Args args, RespWriter out) {
    long ref = Keys.readString(ctx, args, 1);
    out.integer(ref == 0 ? 0 : StringSlice.of(ctx.keyspace(), ref).length());
  }

  private static void set(CommandContext ctx, Args args, RespWriter out) {
    if (args.count() > 3) {
      setWithOptions(ctx, args, out);
      return;
    }
    overwrite(ctx, args, 1, 2, Keys.find(ctx, args, 1));
    out.ok();
  }

  private static void setWithOptions(CommandContext ctx, Args args, RespWriter out) {
    long options = ExpiryArguments.options(args, 3, SET_OPTIONS);
    boolean expires = ExpiryArguments.hasTime(options);
    long expiryMs = expires ? ExpiryArguments.expiryMs(ctx, args, options) : Keyspace.NO_EXPIRY;
    Keyspace keys = ctx.keyspace();
    boolean get = ExpiryArguments.has(options, ExpiryArguments.GET);
    long ref = get ? Keys.readString(ctx, args, 1) : Keys.find(ctx, args, 1);
    if (get) {
      write(keys, Keys.noted(ctx, ref), out);
    }
    if (ExpiryArguments.has(options, ref == 0 ? ExpiryArguments.XX : ExpiryArguments.NX)) {
      if (!get) {
        out.nullBulk();
      }
      return;
    }
    long now = store(keys, ref, args, 1, 2);
    if (!ExpiryArguments.has(options, ExpiryArguments.KEEPTTL)) {
      keys.expireAt(now, expiryMs);
    }
    if (expires) {
      propagateExpiring(ctx, args, 2, expiryMs);
      Keys.changed(ctx, args, 1, KeyEvent.SET, KeyEvent.EXPIRE);
    } else {
      if (get) {
        propagateWithoutGet(ctx, args);
      }
      Keys.changed(ctx, args, 1, KeyEvent.SET);
    }
    if (!get) {
      out.ok();
    }
  }

  private static void propagateExpiring(CommandContext ctx, Args args, int value, long expiryMs) {
    if (ctx.isPropagated()) {
      ctx.propagateAs("SET").word(args, 1).word(args, value).word("PXAT").word(expiryMs);
    }
  }

  private static void propagateWithoutGet(CommandContext ctx, Args args) {
    if (ctx.isPropagated()) {
      Effects effects = ctx.propagateAs(args, 0).words(args, 1, 3);
      for (int i = 3; i < args.count(); i++) {
        if (!args.is(i, "get")) {
          effects.word(args, i);
        }
      }
    }
  }

  private static void setIfAbsent(CommandContext ctx, Args args, RespWriter out) {
    long ref = Keys.find(ctx, args, 1);
    if (ref == 0) {
      overwrite(ctx, args, 1, 2, ref);
    }
    out.integer(ref == 0 ? 1 : 0);
  }

  private static void setExpiring(CommandContext ctx, Args args, RespWriter out, int unitMs) {
    long expiryMs = ExpiryArguments.expiryMs(ctx, args, 2, unitMs, true);
    Keyspace keys = ctx.keyspace();
    long ref = Keys.find(ctx, args, 1);
    keys.expireAt(store(keys, ref, args, 1, 3), expiryMs);
    propagateExpiring(ctx, args, 3, expiryMs);
    Keys.changed(ctx, args, 1, KeyEvent.SET, KeyEvent.EXPIRE);
    out.ok();
  }

  private static void getSet(CommandContext ctx, Args args, RespWriter out) {
    long ref = Keys.readString(ctx, args, 1);
    write(ctx.keyspace(), Keys.noted(ctx, ref), out);
    overwrite(ctx, args, 1, 2, ref);
    if (ctx.isPropagated()) {
      ctx.propagateAs("SET").words(args, 1, 3);
    }
  }

  private static void getSeveral(CommandContext ctx, Args args, RespWriter out) {
    Keyspace keys = ctx.keyspace();
    out.array(args.count() - 1);
    for (int i = 1; i < args.count(); i++) {
      long ref = Keys.read(ctx, args, i);
      write(keys, ref != 0 && StringValue.isString(keys, ref) ? ref : 0, out);
    }
  }

  private static void requirePairs(CommandContext ctx, Args args) {
    if (args.count() % 2 == 0) {
      throw Refusals.arity(ctx.spec());
    }
  }

  private static void setSeveral(CommandContext ctx, Args args, RespWriter out) {
    requirePairs(ctx, args);
    setPairs(ctx, args);
    out.ok();
  }

  private static void setPairs(CommandContext ctx, Args args) {
    for (int i = 1; i < args.count(); i += 2) {
      overwrite(ctx, args, i, i + 1, Keys.find(ctx, args, i));
    }
  }

  private static void setSeveralIfAbsent(CommandContext ctx, Args args, RespWriter out) {
    requirePairs(ctx, args);
    for (int i = 1; i < args.count(); i += 2) {
      if (Keys.find(ctx, args, i) != 0) {
        out.integer(0);
        return;
      }
    }
    setPairs(ctx, args);
    out.integer(1);
  }
}
