package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.BITMAP;
import static io.redknot.server.dispatch.CommandFlag.DENYOOM;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.READONLY;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.AsciiNumbers;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.StringValue;

/** Strings as rows of bits: SETBIT, BITCOUNT, BITOP and their kin. */
public final class BitCommands {
  private static final CommandError BAD_OFFSET =
      CommandError.of("ERR bit offset is not an integer or out of range");
  private static final CommandError BAD_BIT =
      CommandError.of("ERR bit is not an integer or out of range");
  private static final CommandError BIT_NEITHER_0_NOR_1 =
      CommandError.of("ERR The bit argument must be 1 or 0.");
  private static final CommandError NOT_OF_SEVERAL =
      CommandError.of("ERR BITOP NOT must be called with a single source key.");

  private static final int BITS_LOG2 = 3;

  private BitCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    table
        .add("setbit", 4, BitCommands::setBit)
        .flags(WRITE, DENYOOM)
        .in(BITMAP)
        .keys(KeySpec.at(1, "RW access update"));
    table
        .add("getbit", 3, BitCommands::getBit)
        .flags(READONLY, FAST)
        .in(BITMAP)
        .keys(KeySpec.at(1, "RO access"));
    table
        .add("bitcount", -2, BitCommands::count)
        .flags(READONLY)
        .in(BITMAP)
        .keys(KeySpec.at(1, "RO access"));
    table
        .add("bitpos", -3, BitCommands::find)
        .flags(READONLY)
        .in(BITMAP)
        .keys(KeySpec.at(1, "RO access"));
    table
        .add("bitop", -4, BitCommands::combine)
        .flags(WRITE, DENYOOM)
        .in(BITMAP)
        .keys(KeySpec.at(2, "OW update"), KeySpec.range(3, -1, 1, "RO access"));
  }

  /**
   * The position of a bit.
   *
   * @param width where positive, the position may be given as {@code #n}: n times that
   * @throws CommandError not an integer, or beyond the longest string
   */
  static long offset(CommandContext ctx, Args args, int index, int width) {
    int from = args.offset(index);
    int length = args.length(index);
    boolean counted = width > 0 && length > 0 && args.array()[from] == '#';
    int skipped = counted ? 1 : 0;
    if (!AsciiNumbers.isLong(args.array(), from + skipped, length - skipped)) {
      throw BAD_OFFSET;
    }
    long number = AsciiNumbers.toLong(args.array(), from + skipped, length - skipped);
    // A product beyond 64 bits wraps around, as it does in Redis.
    long bit = counted ? number * width : number;
    if (bit < 0 || bit >>> BITS_LOG2 >= StringEdits.bytesMax(ctx)) {
      throw BAD_OFFSET;
    }
    return bit;
  }

  private static void setBit(CommandContext ctx, Args args, RespWriter out) {
    long bit = offset(ctx, args, 2, 0);
    if (!args.isLong(3) || (args.toLong(3) & ~1) != 0) {
      throw BAD_BIT;
    }
    Keyspace keys = ctx.keyspace();
    long ref = Keys.findString(ctx, args, 1);
    int length = StringSlice.of(keys, ref).length();
    int at = (int) (bit >>> BITS_LOG2);
    long edited = StringEdits.open(keys, ref, args, 1, at + 1);
    StringSlice string = StringSlice.of(keys, edited);
    long old = Bits.field(string, bit, 1);
    Bits.setField(string, bit, 1, args.toLong(3));
    if (at >= length || old != args.toLong(3)) {
      Keys.changed(ctx, args, 1, KeyEvent.SETBIT);
    }
    out.integer(old);
  }

  private static void getBit(CommandContext ctx, Args args, RespWriter out) {
    long bit = offset(ctx, args, 2, 0);
    StringSlice string = StringSlice.of(ctx.keyspace(), Keys.readString(ctx, args, 1));
    out.integer(Bits.field(string, bit, 1));
  }

  private static void count(CommandContext ctx, Args args, RespWriter out) {
    if (args.count() == 3 || args.count() > 5) {
      throw CommandError.SYNTAX;
    }
    boolean whole = args.count() == 2;
    long start = whole ? 0 : integer(args, 2);
    long end = whole ? -1 : integer(args, 3);
    boolean inBits = countsBits(args, 4);
    StringSlice string = StringSlice.of(ctx.keyspace(), Keys.readString(ctx, args, 1));
    long length = string.length();
    IndexRange range =
        inBits
            ? IndexRange.ordered(start, end, length << BITS_LOG2)
            : IndexRange.ordered(start, end, length).bytesToBits();
    out.integer(Bits.count(string, range));
  }

  private static void find(CommandContext ctx, Args args, RespWriter out) {
    long bit = integer(args, 2);
    if (bit != 0 && bit != 1) {
      throw BIT_NEITHER_0_NOR_1;
    }
    if (args.count() > 6) {
      throw CommandError.SYNTAX;
    }
    long start = args.count() > 3 ? integer(args, 3) : 0;
    boolean inBits = countsBits(args, 5);
    boolean endGiven = args.count() > 4;
    long end = endGiven ? integer(args, 4) : -1;
    long ref = Keys.readString(ctx, args, 1);
    if (ref == 0) {
      out.integer(-bit);
      return;
    }
    StringSlice string = StringSlice.of(ctx.keyspace(), ref);
    long length = string.length();
    IndexRange range =
        inBits
            ? IndexRange.clamped(start, end, length << BITS_LOG2)
            : IndexRange.clamped(start, end, length).bytesToBits();
    long found = Bits.find(string, range, bit == 1);
    // Without an end the string goes on with zeros.
    boolean behind = found < 0 && bit == 0 && !endGiven && !range.isEmpty();
    out.integer(behind ? length << BITS_LOG2 : found);
  }

  private static long integer(Args args, int index) {
    if (!args.isLong(index)) {
      throw CommandError.NOT_INTEGER;
    }
    return args.toLong(index);
  }

  /** Whether an argument, which may be missing, makes the range one of bits. */
  private static boolean countsBits(Args args, int index) {
    if (index >= args.count() || args.is(index, "byte")) {
      return false;
    }
    if (!args.is(index, "bit")) {
      throw CommandError.SYNTAX;
    }
    return true;
  }

  private static void combine(CommandContext ctx, Args args, RespWriter out) {
    BitOperation operation = BitOperation.named(args, 1);
    if (operation == null) {
      throw CommandError.SYNTAX;
    }
    if (operation == BitOperation.NOT && args.count() != 4) {
      throw NOT_OF_SEVERAL;
    }
    byte[] result = combined(ctx, args, operation);
    Keyspace keys = ctx.keyspace();
    if (result.length > 0) {
      long ref = Keys.find(ctx, args, 2);
      int key = args.offset(2);
      long now =
          StringValue.set(keys, ref, args.array(), key, args.length(2), result, 0, result.length);
      keys.markEdited(now);
      keys.expireAt(now, Keyspace.NO_EXPIRY);
      Keys.changed(ctx, args, 2, KeyEvent.SET);
    } else {
      Keys.removeTarget(ctx, args, 2);
    }
    out.integer(result.length);
  }

  private static byte[] combined(CommandContext ctx, Args args, BitOperation operation) {
    byte[] result = new byte[0];
    for (int i = 3; i < args.count(); i++) {
      StringSlice string = StringSlice.of(ctx.keyspace(), Keys.readString(ctx, args, i));
      boolean first = i == 3;
      result = (first ? firstStep(operation) : operation).with(result, string);
    }
    return result;
  }

  /** Taken with nothing but zeros, the first string is to come out as it is, or inverted. */
  private static BitOperation firstStep(BitOperation operation) {
    return operation == BitOperation.NOT ? operation : BitOperation.OR;
  }
}
