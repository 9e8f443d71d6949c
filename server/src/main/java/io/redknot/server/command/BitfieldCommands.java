package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.BITMAP;
import static io.redknot.server.dispatch.CommandFlag.DENYOOM;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.READONLY;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.command.BitfieldType.Overflow;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.server.dispatch.KeyFinders;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.storage.keyspace.Keyspace;
import java.util.ArrayList;
import java.util.List;

/** Strings as rows of small integers: BITFIELD. */
public final class BitfieldCommands {
  private static final CommandError BAD_OVERFLOW =
      CommandError.of("ERR Invalid OVERFLOW type specified");
  private static final CommandError ONLY_GET =
      CommandError.of("ERR BITFIELD_RO only supports the GET subcommand");

  private enum Verb {
    GET,
    SET,
    INCRBY
  }

  /** One operation on a number at a bit position. */
  private record Operation(Verb verb, BitfieldType type, long bit, long value, Overflow overflow) {
    boolean writes() {
      return verb != Verb.GET;
    }

    long lastBit() {
      return bit + type.width() - 1;
    }
  }

  private BitfieldCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    table
        .add("bitfield", -2, (ctx, args, out) -> run(ctx, args, out, false))
        .flags(WRITE, DENYOOM)
        .in(BITMAP)
        .keys(
            KeySpec.at(1, "RW access update variable_flags")
                .noted("This command allows both access and modification of the key"))
        .findKeysBy(KeyFinders::bitfield);
    table
        .add("bitfield_ro", -2, (ctx, args, out) -> run(ctx, args, out, true))
        .flags(READONLY, FAST)
        .in(BITMAP)
        .keys(KeySpec.at(1, "RO access"));
  }

  private static void run(CommandContext ctx, Args args, RespWriter out, boolean readOnly) {
    List<Operation> operations = operations(ctx, args);
    long lastWritten = -1;
    for (Operation operation : operations) {
      if (operation.writes()) {
        lastWritten = Math.max(lastWritten, operation.lastBit());
      }
    }
    if (lastWritten < 0) {
      get(ctx, args, operations, out);
    } else if (readOnly) {
      throw ONLY_GET;
    } else {
      write(ctx, args, operations, (int) (lastWritten >>> 3) + 1, out);
    }
  }

  private static List<Operation> operations(CommandContext ctx, Args args) {
    List<Operation> operations = new ArrayList<>();
    Overflow overflow = Overflow.WRAP;
    int i = 2;
    while (i < args.count()) {
      int more = args.count() - 1 - i;
      if (args.is(i, "overflow") && more >= 1) {
        overflow = overflow(args, i + 1);
        i += 2;
        continue;
      }
      Verb verb = verb(args, i, more);
      BitfieldType type = BitfieldType.parse(args, i + 1);
      long bit = BitCommands.offset(ctx, args, i + 2, type.width());
      if (verb != Verb.GET && !args.isLong(i + 3)) {
        throw CommandError.NOT_INTEGER;
      }
      long value = verb == Verb.GET ? 0 : args.toLong(i + 3);
      operations.add(new Operation(verb, type, bit, value, overflow));
      i += verb == Verb.GET ? 3 : 4;
    }
    return operations;
  }

  private static Verb verb(Args args, int index, int more) {
    if (args.is(index, "get") && more >= 2) {
      return Verb.GET;
    }
    if (args.is(index, "set") && more >= 3) {
      return Verb.SET;
    }
    if (args.is(index, "incrby") && more >= 3) {
      return Verb.INCRBY;
    }
    throw CommandError.SYNTAX;
  }

  private static Overflow overflow(Args args, int index) {
    if (args.is(index, "wrap")) {
      return Overflow.WRAP;
    }
    if (args.is(index, "sat")) {
      return Overflow.SATURATE;
    }
    if (args.is(index, "fail")) {
      return Overflow.FAIL;
    }
    throw BAD_OVERFLOW;
  }

  private static void get(
      CommandContext ctx, Args args, List<Operation> operations, RespWriter out) {
    StringSlice string = StringSlice.of(ctx.keyspace(), Keys.readString(ctx, args, 1));
    out.array(operations.size());
    for (Operation operation : operations) {
      out.integer(number(string, operation));
    }
  }

  private static long number(StringSlice string, Operation operation) {
    return operation.type().number(Bits.field(string, operation.bit(), operation.type().width()));
  }

  private static void write(
      CommandContext ctx, Args args, List<Operation> operations, int lengthLeast, RespWriter out) {
    Keyspace keys = ctx.keyspace();
    long ref = Keys.findString(ctx, args, 1);
    boolean grows = StringSlice.of(keys, ref).length() < lengthLeast;
    StringSlice string = StringSlice.of(keys, StringEdits.open(keys, ref, args, 1, lengthLeast));
    int changes = 0;
    out.array(operations.size());
    for (Operation operation : operations) {
      if (operation.writes()) {
        changes += write(string, operation, grows, out) ? 1 : 0;
      } else {
        out.integer(number(string, operation));
      }
    }
    if (changes > 0) {
      Keys.changed(ctx, args, 1, KeyEvent.SETBIT, changes);
    } else if (grows) {
      // Where every operation has failed, the string is longer all the same, though no event.
      Keys.changedQuietly(ctx, args, 1);
    }
  }

  /** Whether the operation counts as a change. */
  private static boolean write(
      StringSlice string, Operation operation, boolean grows, RespWriter out) {
    BitfieldType type = operation.type();
    boolean sets = operation.verb() == Verb.SET;
    long old = number(string, operation);
    long base = sets ? operation.value() : old;
    long increment = sets ? 0 : operation.value();
    boolean overflows = type.overflows(base, increment);
    if (overflows && operation.overflow() == Overflow.FAIL) {
      out.nullBulk();
      return false;
    }
    long now =
        overflows ? type.replacement(base, increment, operation.overflow()) : base + increment;
    Bits.setField(string, operation.bit(), type.width(), now);
    out.integer(sets ? old : now);
    return grows || now != old;
  }
}
