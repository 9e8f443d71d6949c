package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.HASH;
import static io.redknot.server.dispatch.CommandFlag.DENYOOM;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.AsciiNumbers;
import io.redknot.protocol.RespWriter;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandHandler;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.server.dispatch.Refusals;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.HashValue;
import io.redknot.storage.value.ValueType;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writing hashes: HSET, HDEL, HINCRBY and their variants. */
public final class HashCommands {
  private static final CommandError NOT_INTEGER =
      CommandError.of("ERR hash value is not an integer");
  private static final CommandError NOT_FLOAT = CommandError.of("ERR hash value is not a float");
  private static final CommandError OVERFLOW =
      CommandError.of("ERR increment or decrement would overflow");
  private static final CommandError NOT_FINITE =
      CommandError.of("ERR increment would produce NaN or Infinity");
  private static final CommandError INFINITE_INCREMENT =
      CommandError.of("ERR value is NaN or Infinity");

  private static final int KEY = 1;
  private static final int FIELD = 2;
  private static final int VALUE = 3;

  private HashCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    add(table, "hset", -4, "RW update", HashCommands::set);
    add(table, "hmset", -4, "RW update", HashCommands::setSeveral);
    add(table, "hsetnx", 4, "RW insert", HashCommands::setIfAbsent);
    add(table, "hincrby", 4, "RW access update", HashCommands::incrementBy);
    add(table, "hincrbyfloat", 4, "RW access update", HashCommands::incrementByFloat);
    table
        .add("hdel", -3, HashCommands::delete)
        .flags(WRITE, FAST)
        .in(HASH)
        .keys(KeySpec.at(KEY, "RW delete"));
  }

  private static void add(
      CommandTable table, String name, int arity, String access, CommandHandler handler) {
    table
        .add(name, arity, handler)
        .flags(WRITE, DENYOOM, FAST)
        .in(HASH)
        .keys(KeySpec.at(KEY, access));
  }

  private static void set(CommandContext ctx, Args args, RespWriter out) {
    out.integer(setPairs(ctx, args));
  }

  private static void setSeveral(CommandContext ctx, Args args, RespWriter out) {
    var _ = setPairs(ctx, args);
    out.ok();
  }

  /** Sets the fields that the arguments are; how many of them are new. */
  private static int setPairs(CommandContext ctx, Args args) {
    if (args.count() % 2 != 0) {
      throw Refusals.arity(ctx.spec());
    }
    Keyspace keys = ctx.keyspace();
    long ref = findOrCreate(ctx, args);
    ServerConfig config = ctx.server().config();
    long entriesMax = config.hashMaxListpackEntries.get();
    long bytesMax = config.hashMaxListpackValue.get();
    if ((args.count() - FIELD) / 2 > entriesMax && HashValue.isSmall(keys, ref)) {
      ref = HashValue.enlarge(keys, ref);
    }
    int before = HashValue.count(keys, ref);
    byte[] array = args.array();
    for (int i = FIELD; i < args.count(); i += 2) {
      ref =
          HashValue.set(
              keys,
              ref,
              array,
              args.offset(i),
              args.length(i),
              array,
              args.offset(i + 1),
              args.length(i + 1),
              entriesMax,
              bytesMax);
    }
    Keys.changed(ctx, args, KEY, KeyEvent.HSET, (args.count() - FIELD) / 2);
    return HashValue.count(keys, ref) - before;
  }

  /** The hash of the key, a new one where there is none. */
  private static long findOrCreate(CommandContext ctx, Args args) {
    long ref = Keys.find(ctx, args, KEY, ValueType.HASH);
    return ref != 0
        ? ref
        : HashValue.create(ctx.keyspace(), args.array(), args.offset(KEY), args.length(KEY));
  }

  /** Sets the field that an argument is. */
  private static void store(
      CommandContext ctx, long ref, Args args, byte[] value, int offset, int length) {
    ServerConfig config = ctx.server().config();
    HashValue.set(
        ctx.keyspace(),
        ref,
        args.array(),
        args.offset(FIELD),
        args.length(FIELD),
        value,
        offset,
        length,
        config.hashMaxListpackEntries.get(),
        config.hashMaxListpackValue.get());
  }

  private static int find(Keyspace keys, long ref, Args args) {
    return ref == 0
        ? HashValue.NONE
        : HashValue.find(keys, ref, args.array(), args.offset(FIELD), args.length(FIELD));
  }

  private static void setIfAbsent(CommandContext ctx, Args args, RespWriter out) {
    Keyspace keys = ctx.keyspace();
    if (find(keys, Keys.find(ctx, args, KEY, ValueType.HASH), args) != HashValue.NONE) {
      out.integer(0);
      return;
    }
    long ref = findOrCreate(ctx, args);
    store(ctx, ref, args, args.array(), args.offset(VALUE), args.length(VALUE));
    Keys.changed(ctx, args, KEY, KeyEvent.HSET);
    out.integer(1);
  }

  private static void delete(CommandContext ctx, Args args, RespWriter out) {
    Keyspace keys = ctx.keyspace();
    long ref = Keys.find(ctx, args, KEY, ValueType.HASH);
    int deleted = 0;
    boolean isEmpty = false;
    for (int i = FIELD; i < args.count() && ref != 0 && !isEmpty; i++) {
      int found = HashValue.find(keys, ref, args.array(), args.offset(i), args.length(i));
      if (found != HashValue.NONE) {
        deleted++;
        ref = HashValue.removeFound(keys, ref, found);
        isEmpty = HashValue.count(keys, ref) == 0;
      }
    }
    if (isEmpty) {
      keys.remove(ref);
    }
    if (deleted > 0) {
      Keys.changed(ctx, args, KEY, KeyEvent.HDEL, deleted);
    }
    if (isEmpty) {
      Keys.changed(ctx, args, KEY, KeyEvent.DEL, 0);
    }
    out.integer(deleted);
  }

  private static void incrementBy(CommandContext ctx, Args args, RespWriter out) {
    if (!args.isLong(VALUE)) {
      throw CommandError.NOT_INTEGER;
    }
    long by = args.toLong(VALUE);
    Keyspace keys = ctx.keyspace();
    long ref = Keys.find(ctx, args, KEY, ValueType.HASH);
    int found = find(keys, ref, args);
    long old = found == HashValue.NONE ? 0 : integer(keys, ref, found);
    long sum = old + by;
    if (((old ^ sum) & (by ^ sum)) < 0) {
      throw OVERFLOW;
    }
    byte[] text = new byte[AsciiNumbers.LONG_TEXT_MAX];
    int length = AsciiNumbers.write(sum, text, 0);
    store(ctx, ref != 0 ? ref : findOrCreate(ctx, args), args, text, 0, length);
    Keys.changed(ctx, args, KEY, KeyEvent.HINCRBY);
    out.integer(sum);
  }

  private static long integer(Keyspace keys, long ref, int found) {
    if (HashValue.isInteger(keys, ref, found)) {
      return HashValue.integer(keys, ref, found);
    }
    byte[] array = HashValue.textArray(keys, ref);
    int offset = HashValue.textOffset(keys, ref, found);
    int length = HashValue.textLength(keys, ref, found);
    if (!AsciiNumbers.isLong(array, offset, length)) {
      throw NOT_INTEGER;
    }
    return AsciiNumbers.toLong(array, offset, length);
  }

  private static void incrementByFloat(CommandContext ctx, Args args, RespWriter out) {
    LongDouble by = LongDouble.parse(args.array(), args.offset(VALUE), args.length(VALUE));
    if (by == null) {
      throw CommandError.NOT_FLOAT;
    }
    if (!by.isFinite()) {
      throw INFINITE_INCREMENT;
    }
    Keyspace keys = ctx.keyspace();
    long ref = Keys.find(ctx, args, KEY, ValueType.HASH);
    LongDouble old = number(keys, ref, find(keys, ref, args));
    if (old == null) {
      throw NOT_FLOAT;
    }
    LongDouble sum = old.plus(by);
    if (!sum.isFinite()) {
      throw NOT_FINITE;
    }
    byte[] text = sum.text().getBytes(StandardCharsets.US_ASCII);
    store(ctx, ref != 0 ? ref : findOrCreate(ctx, args), args, text, 0, text.length);
    if (ctx.isPropagated()) {
      ctx.propagateAs("HSET").word(args, KEY).word(args, FIELD).word(text);
    }
    Keys.changed(ctx, args, KEY, KeyEvent.HINCRBYFLOAT);
    out.bulk(text);
  }

  private static @Nullable LongDouble number(Keyspace keys, long ref, int found) {
    if (found == HashValue.NONE) {
      return LongDouble.ZERO;
    }
    if (HashValue.isInteger(keys, ref, found)) {
      return LongDouble.of(HashValue.integer(keys, ref, found));
    }
    return LongDouble.parse(
        HashValue.textArray(keys, ref),
        HashValue.textOffset(keys, ref, found),
        HashValue.textLength(keys, ref, found));
  }
}
