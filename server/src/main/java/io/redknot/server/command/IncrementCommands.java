package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.STRING;
import static io.redknot.server.dispatch.CommandFlag.DENYOOM;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.AsciiNumbers;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandHandler;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.StringValue;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Strings as numbers: INCR, DECR and their variants. */
public final class IncrementCommands {
  private static final CommandError OVERFLOW =
      CommandError.of("ERR increment or decrement would overflow");
  private static final CommandError DECREMENT_OVERFLOW =
      CommandError.of("ERR decrement would overflow");
  private static final CommandError NOT_FINITE =
      CommandError.of("ERR increment would produce NaN or Infinity");

  private IncrementCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    add(table, "incr", 2, (ctx, args, out) -> increment(ctx, args, out, 1));
    add(table, "decr", 2, (ctx, args, out) -> increment(ctx, args, out, -1));
    add(
        table,
        "incrby",
        3,
        (ctx, args, out) -> increment(ctx, args, out, integerArgument(args, 2)));
    add(table, "decrby", 3, IncrementCommands::decrementBy);
    add(table, "incrbyfloat", 3, IncrementCommands::incrementByFloat);
  }

  private static void add(CommandTable table, String name, int arity, CommandHandler handler) {
    table
        .add(name, arity, handler)
        .flags(WRITE, DENYOOM, FAST)
        .in(STRING)
        .keys(KeySpec.at(1, "RW access update"));
  }

  private static long integerArgument(Args args, int index) {
    if (!args.isLong(index)) {
      throw CommandError.NOT_INTEGER;
    }
    return args.toLong(index);
  }

  private static void decrementBy(CommandContext ctx, Args args, RespWriter out) {
    long decrement = integerArgument(args, 2);
    if (decrement == Long.MIN_VALUE) {
      throw DECREMENT_OVERFLOW;
    }
    increment(ctx, args, out, -decrement);
  }

  private static void increment(CommandContext ctx, Args args, RespWriter out, long by) {
    Keyspace keys = ctx.keyspace();
    long ref = Keys.findString(ctx, args, 1);
    long old = integer(keys, ref);
    long sum = old + by;
    if (((old ^ sum) & (by ^ sum)) < 0) {
      throw OVERFLOW;
    }
    StringValue.set(keys, ref, args.array(), args.offset(1), args.length(1), sum);
    Keys.changed(ctx, args, 1, KeyEvent.INCRBY);
    out.integer(sum);
  }

  /** The integer that a string is or spells; 0 for a missing key. */
  private static long integer(Keyspace keys, long ref) {
    if (ref == 0) {
      return 0;
    }
    if (StringValue.isInteger(keys, ref)) {
      return StringValue.integer(keys, ref);
    }
    byte[] array = keys.valueArray(ref);
    int offset = keys.valueOffset(ref);
    int length = keys.valueLength(ref);
    if (!AsciiNumbers.isLong(array, offset, length)) {
      throw CommandError.NOT_INTEGER;
    }
    return AsciiNumbers.toLong(array, offset, length);
  }

  private static void incrementByFloat(CommandContext ctx, Args args, RespWriter out) {
    Keyspace keys = ctx.keyspace();
    long ref = Keys.findString(ctx, args, 1);
    LongDouble old = number(keys, ref);
    LongDouble by = LongDouble.parse(args.array(), args.offset(2), args.length(2));
    if (old == null || by == null) {
      throw CommandError.NOT_FLOAT;
    }
    LongDouble sum = old.plus(by);
    if (!sum.isFinite()) {
      throw NOT_FINITE;
    }
    // Kept as text even where it is an integer: OBJECT ENCODING of the result is never "int".
    byte[] text = sum.text().getBytes(StandardCharsets.US_ASCII);
    StringValue.set(keys, ref, args.array(), args.offset(1), args.length(1), text, 0, text.length);
    if (ctx.isPropagated()) {
      ctx.propagateAs("SET").word(args, 1).word(text).word("KEEPTTL");
    }
    Keys.changed(ctx, args, 1, KeyEvent.INCRBYFLOAT);
    out.bulk(text);
  }

  private static @Nullable LongDouble number(Keyspace keys, long ref) {
    if (ref == 0) {
      return LongDouble.ZERO;
    }
    if (StringValue.isInteger(keys, ref)) {
      return LongDouble.of(StringValue.integer(keys, ref));
    }
    return LongDouble.parse(keys.valueArray(ref), keys.valueOffset(ref), keys.valueLength(ref));
  }
}
