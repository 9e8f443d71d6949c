package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.STRING;
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

/** Parts of strings: GETRANGE, SETRANGE, APPEND. */
public final class RangeCommands {
  private static final CommandError OFFSET_OUT_OF_RANGE =
      CommandError.of("ERR offset is out of range");

  private RangeCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    table
        .add("append", 3, RangeCommands::append)
        .flags(WRITE, DENYOOM, FAST)
        .in(STRING)
        .keys(KeySpec.at(1, "RW insert"));
    table
        .add("getrange", 4, RangeCommands::getRange)
        .flags(READONLY)
        .in(STRING)
        .keys(KeySpec.at(1, "RO access"));
    table
        .add("substr", 4, RangeCommands::getRange)
        .flags(READONLY)
        .in(STRING)
        .keys(KeySpec.at(1, "RO access"));
    table
        .add("setrange", 4, RangeCommands::setRange)
        .flags(WRITE, DENYOOM)
        .in(STRING)
        .keys(KeySpec.at(1, "RW update"));
  }

  private static void append(CommandContext ctx, Args args, RespWriter out) {
    Keyspace keys = ctx.keyspace();
    long ref = Keys.findString(ctx, args, 1);
    int added = args.length(2);
    int total = added;
    if (ref == 0) {
      StringCommands.store(keys, ref, args, 1, 2);
    } else {
      int length = StringSlice.of(keys, ref).length();
      total = StringEdits.grown(ctx, length, added);
      write(args, 2, keys, StringEdits.open(keys, ref, args, 1, total), length);
    }
    Keys.changed(ctx, args, 1, KeyEvent.APPEND);
    out.integer(total);
  }

  private static void write(Args args, int index, Keyspace keys, long ref, int at) {
    System.arraycopy(
        args.array(),
        args.offset(index),
        keys.valueArray(ref),
        keys.valueOffset(ref) + at,
        args.length(index));
  }

  private static void getRange(CommandContext ctx, Args args, RespWriter out) {
    if (!args.isLong(2) || !args.isLong(3)) {
      throw CommandError.NOT_INTEGER;
    }
    long ref = Keys.readString(ctx, args, 1);
    StringSlice string = StringSlice.of(ctx.keyspace(), ref);
    IndexRange range = IndexRange.ordered(args.toLong(2), args.toLong(3), string.length());
    int from = string.offset() + (int) range.first();
    out.bulk(string.array(), range.isEmpty() ? 0 : from, (int) range.count());
  }

  private static void setRange(CommandContext ctx, Args args, RespWriter out) {
    if (!args.isLong(2)) {
      throw CommandError.NOT_INTEGER;
    }
    long offset = args.toLong(2);
    if (offset < 0) {
      throw OFFSET_OUT_OF_RANGE;
    }
    Keyspace keys = ctx.keyspace();
    long ref = Keys.findString(ctx, args, 1);
    if (args.length(3) > 0) {
      int end = StringEdits.grown(ctx, offset, args.length(3));
      ref = StringEdits.open(keys, ref, args, 1, end);
      write(args, 3, keys, ref, (int) offset);
      Keys.changed(ctx, args, 1, KeyEvent.SETRANGE);
    }
    out.integer(StringSlice.of(keys, ref).length());
  }
}
