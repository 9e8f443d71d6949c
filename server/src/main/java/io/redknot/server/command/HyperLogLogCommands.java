package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.HYPERLOGLOG;
import static io.redknot.server.dispatch.CommandFlag.ADMIN;
import static io.redknot.server.dispatch.CommandFlag.DENYOOM;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.MAY_REPLICATE;
import static io.redknot.server.dispatch.CommandFlag.READONLY;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.storage.encoding.HyperLogLog;
import io.redknot.storage.encoding.HyperLogLogEditor;
import io.redknot.storage.encoding.HyperLogLogUnion;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.StringValue;
import io.redknot.storage.value.ValueType;

/** Strings as HyperLogLog sketches: PFADD, PFCOUNT, PFMERGE and what looks inside. */
public final class HyperLogLogCommands {
  private static final CommandError NO_SKETCH =
      CommandError.of("WRONGTYPE Key is not a valid HyperLogLog string value.");
  private static final CommandError CORRUPTED =
      CommandError.of("INVALIDOBJ Corrupted HLL object detected");
  private static final CommandError NO_KEY =
      CommandError.of("ERR The specified key does not exist");
  private static final CommandError NOT_SPARSE = CommandError.of("ERR HLL encoding is not sparse");

  private static final byte[] NOTHING = {};

  /** Room for registers, the same for all commands that a thread runs. */
  private static final ThreadLocal<HyperLogLogEditor> EDITOR =
      ThreadLocal.withInitial(HyperLogLogEditor::new);

  private static final ThreadLocal<HyperLogLogUnion> UNION =
      ThreadLocal.withInitial(HyperLogLogUnion::new);

  private HyperLogLogCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    table
        .add("pfadd", -2, HyperLogLogCommands::add)
        .flags(WRITE, DENYOOM, FAST)
        .in(HYPERLOGLOG)
        .keys(KeySpec.at(1, "RW insert"));
    table
        .add("pfcount", -2, HyperLogLogCommands::count)
        .flags(READONLY, MAY_REPLICATE)
        .in(HYPERLOGLOG)
        .keys(
            KeySpec.range(1, -1, 1, "RW access")
                .noted("RW because it may change the internal representation of the key"));
    table
        .add("pfmerge", -2, HyperLogLogCommands::merge)
        .flags(WRITE, DENYOOM)
        .in(HYPERLOGLOG)
        .keys(KeySpec.at(1, "RW access insert"), KeySpec.range(2, -1, 1, "RO access"));
    table
        .add("pfdebug", 3, HyperLogLogCommands::debug)
        .flags(WRITE, DENYOOM, ADMIN)
        .in(HYPERLOGLOG)
        .keys(KeySpec.at(2, "RW access"));
    table
        .add("pfselftest", 1, (ctx, args, out) -> HyperLogLogSelfTest.run(out))
        .flags(ADMIN)
        .in(HYPERLOGLOG);
  }

  /** Requires an entry to be a sketch, or none; it is told as raw from then on, as in Redis. */
  private static long checked(Keyspace keys, long ref) {
    if (ref != 0) {
      if (StringValue.isInteger(keys, ref)
          || !HyperLogLog.isValid(
              keys.valueArray(ref), keys.valueOffset(ref), keys.valueLength(ref))) {
        throw NO_SKETCH;
      }
    }
    return ref;
  }

  private static long findToEdit(CommandContext ctx, Args args, int key) {
    Keyspace keys = ctx.keyspace();
    long ref = checked(keys, Keys.find(ctx, args, key, ValueType.STRING));
    if (ref != 0) {
      keys.markEdited(ref);
    }
    return ref;
  }

  private static long create(Keyspace keys, Args args, int key) {
    long ref =
        StringValue.create(
            keys, args.array(), args.offset(key), args.length(key), HyperLogLog.EMPTY_BYTES);
    HyperLogLog.clear(keys.valueArray(ref), keys.valueOffset(ref));
    return ref;
  }

  private static HyperLogLogEditor open(CommandContext ctx, long ref) {
    Keyspace keys = ctx.keyspace();
    HyperLogLogEditor editor = EDITOR.get();
    editor.open(
        keys.valueArray(ref),
        keys.valueOffset(ref),
        keys.valueLength(ref),
        ctx.server().config().hllSparseMaxBytes.get());
    return editor;
  }

  /** Gives an entry what the editor made of it. */
  private static long store(Keyspace keys, long ref, HyperLogLogEditor editor) {
    long now = ref;
    if (editor.isCopied()) {
      now = StringValue.edit(keys, ref, NOTHING, editor.length());
      System.arraycopy(
          editor.array(),
          editor.offset(),
          keys.valueArray(now),
          keys.valueOffset(now),
          editor.length());
    }
    editor.close();
    return now;
  }

  private static void add(CommandContext ctx, Args args, RespWriter out) {
    Keyspace keys = ctx.keyspace();
    long found = findToEdit(ctx, args, 1);
    long ref = found == 0 ? create(keys, args, 1) : found;
    HyperLogLogEditor editor = open(ctx, ref);
    boolean sound = true;
    for (int i = 2; i < args.count() && sound; i++) {
      sound = editor.add(args.array(), args.offset(i), args.length(i));
    }
    int changes = editor.changes() + (found == 0 ? 1 : 0);
    long now = store(keys, ref, editor);
    if (changes > 0) {
      HyperLogLog.dropCount(keys.valueArray(now), keys.valueOffset(now));
    }
    if (!sound) {
      // Not thrown: as in Redis, what was added before stays; a change, though no event.
      if (changes > 0) {
        Keys.changedQuietly(ctx, args, 1);
      }
      out.error(CORRUPTED.text());
      return;
    }
    if (changes > 0) {
      Keys.changed(ctx, args, 1, KeyEvent.PFADD, changes);
    }
    out.integer(changes > 0 ? 1 : 0);
  }

  private static void count(CommandContext ctx, Args args, RespWriter out) {
    if (args.count() > 2) {
      HyperLogLogUnion union = union(ctx, args);
      out.integer(union.count());
      return;
    }
    Keyspace keys = ctx.keyspace();
    long ref = checked(keys, Keys.read(ctx, args, 1, ValueType.STRING));
    if (ref == 0) {
      out.integer(0);
      return;
    }
    // It was looked up for reading, and its count is about to be written into it.
    keys.keep(ref);
    keys.markEdited(ref);
    byte[] array = keys.valueArray(ref);
    int at = keys.valueOffset(ref);
    if (!HyperLogLog.hasCount(array, at)) {
      long count = UNION.get().count(array, at, keys.valueLength(ref));
      if (count == HyperLogLogUnion.CORRUPTED) {
        throw CORRUPTED;
      }
      HyperLogLog.putCount(array, at, count);
      Keys.changedQuietly(ctx, args, 1);
    }
    out.integer(HyperLogLog.count(array, at));
  }

  /** The union of the sketches of all keys that the arguments are, from the first on. */
  private static HyperLogLogUnion union(CommandContext ctx, Args args) {
    Keyspace keys = ctx.keyspace();
    HyperLogLogUnion union = UNION.get();
    union.clear();
    for (int i = 1; i < args.count(); i++) {
      long ref = checked(keys, Keys.read(ctx, args, i, ValueType.STRING));
      if (ref != 0
          && !union.add(keys.valueArray(ref), keys.valueOffset(ref), keys.valueLength(ref))) {
        throw CORRUPTED;
      }
    }
    return union;
  }

  private static boolean isAnyDense(CommandContext ctx, Args args) {
    Keyspace keys = ctx.keyspace();
    for (int i = 1; i < args.count(); i++) {
      long ref = Keys.findAgain(ctx, args, i);
      if (ref != 0 && HyperLogLog.isDense(keys.valueArray(ref), keys.valueOffset(ref))) {
        return true;
      }
    }
    return false;
  }

  private static void merge(CommandContext ctx, Args args, RespWriter out) {
    Keyspace keys = ctx.keyspace();
    HyperLogLogUnion union = union(ctx, args);
    boolean dense = isAnyDense(ctx, args);
    long found = findToEdit(ctx, args, 1);
    long ref = found == 0 ? create(keys, args, 1) : found;
    HyperLogLogEditor editor = open(ctx, ref);
    // The destination is part of the union, so its registers are known to be sound.
    boolean sound = (!dense || editor.isDense() || editor.makeDense()) && editor.add(union);
    long now = store(keys, ref, editor);
    if (!sound) {
      throw new IllegalStateException("a sketch that was read could not be written");
    }
    HyperLogLog.dropCount(keys.valueArray(now), keys.valueOffset(now));
    Keys.changed(ctx, args, 1, KeyEvent.PFADD);
    out.ok();
  }

  private static void debug(CommandContext ctx, Args args, RespWriter out) {
    long ref = findToEdit(ctx, args, 2);
    if (ref == 0) {
      throw NO_KEY;
    }
    Keyspace keys = ctx.keyspace();
    boolean dense = HyperLogLog.isDense(keys.valueArray(ref), keys.valueOffset(ref));
    if (args.is(1, "getreg")) {
      writeRegisters(keys, dense ? ref : makeDense(ctx, args, ref), out);
    } else if (args.is(1, "decode")) {
      if (dense) {
        throw NOT_SPARSE;
      }
      out.bulk(
          HyperLogLog.runs(keys.valueArray(ref), keys.valueOffset(ref), keys.valueLength(ref)));
    } else if (args.is(1, "encoding")) {
      out.simple(dense ? "dense" : "sparse");
    } else if (args.is(1, "todense")) {
      if (!dense) {
        makeDense(ctx, args, ref);
      }
      out.integer(dense ? 0 : 1);
    } else {
      throw CommandError.of("ERR Unknown PFDEBUG subcommand '" + args.text(1) + "'");
    }
  }

  private static long makeDense(CommandContext ctx, Args args, long ref) {
    HyperLogLogEditor editor = open(ctx, ref);
    if (!editor.makeDense()) {
      throw CORRUPTED;
    }
    long now = store(ctx.keyspace(), ref, editor);
    Keys.changedQuietly(ctx, args, 2);
    return now;
  }

  private static void writeRegisters(Keyspace keys, long ref, RespWriter out) {
    byte[] array = keys.valueArray(ref);
    int at = keys.valueOffset(ref);
    out.array(HyperLogLog.REGISTERS);
    for (int i = 0; i < HyperLogLog.REGISTERS; i++) {
      out.integer(HyperLogLog.denseRegister(array, at, i));
    }
  }
}
