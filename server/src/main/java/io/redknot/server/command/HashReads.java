package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.HASH;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.storage.encoding.ElementVisitor;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.HashValue;
import io.redknot.storage.value.RandomElements;
import io.redknot.storage.value.ValueType;

/** Reading hashes: HGET, HGETALL, HRANDFIELD, HSCAN and what is like them. */
public final class HashReads {
  private static final int KEY = 1;
  private static final int FIELD = 2;
  private static final int COUNT = 2;
  private static final int WITH_VALUES = 3;

  private HashReads() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    ReadRows rows = new ReadRows(table, HASH);
    rows.addFast("hget", 3, "RO access", HashReads::get);
    rows.addFast("hmget", -3, "RO access", HashReads::getSeveral);
    rows.addFast("hexists", 3, "RO", HashReads::exists);
    rows.addFast("hstrlen", 3, "RO", HashReads::length);
    rows.addFast("hlen", 2, "RO", HashReads::count);
    rows.add("hgetall", 2, "nondeterministic_output_order", HashReads::getAll);
    rows.add("hkeys", 2, "nondeterministic_output_order", HashReads::fields);
    rows.add("hvals", 2, "nondeterministic_output_order", HashReads::values);
    rows.add("hrandfield", -2, "nondeterministic_output", HashReads::random);
    rows.add("hscan", -3, "nondeterministic_output", HashReads::scan);
  }

  private static long read(CommandContext ctx, Args args) {
    return Keys.read(ctx, args, KEY, ValueType.HASH);
  }

  private static int find(Keyspace keys, long ref, Args args, int index) {
    return ref == 0
        ? HashValue.NONE
        : HashValue.find(keys, ref, args.array(), args.offset(index), args.length(index));
  }

  private static void writeValue(Keyspace keys, long ref, Args args, int field, RespWriter out) {
    int found = find(keys, ref, args, field);
    if (found == HashValue.NONE) {
      out.nullBulk();
    } else if (HashValue.isInteger(keys, ref, found)) {
      out.bulk(HashValue.integer(keys, ref, found));
    } else {
      out.bulk(
          HashValue.textArray(keys, ref),
          HashValue.textOffset(keys, ref, found),
          HashValue.textLength(keys, ref, found));
    }
  }

  private static void get(CommandContext ctx, Args args, RespWriter out) {
    writeValue(ctx.keyspace(), read(ctx, args), args, FIELD, out);
  }

  private static void getSeveral(CommandContext ctx, Args args, RespWriter out) {
    long ref = read(ctx, args);
    Keyspace keys = ctx.keyspace();
    out.array(args.count() - FIELD);
    for (int i = FIELD; i < args.count(); i++) {
      writeValue(keys, ref, args, i, out);
    }
  }

  private static void exists(CommandContext ctx, Args args, RespWriter out) {
    long ref = read(ctx, args);
    out.integer(find(ctx.keyspace(), ref, args, FIELD) == HashValue.NONE ? 0 : 1);
  }

  private static void length(CommandContext ctx, Args args, RespWriter out) {
    long ref = read(ctx, args);
    Keyspace keys = ctx.keyspace();
    int found = find(keys, ref, args, FIELD);
    out.integer(found == HashValue.NONE ? 0 : HashValue.textLength(keys, ref, found));
  }

  private static void count(CommandContext ctx, Args args, RespWriter out) {
    long ref = read(ctx, args);
    out.integer(ref == 0 ? 0 : HashValue.count(ctx.keyspace(), ref));
  }

  private static ElementVisitor fieldsTo(RespWriter out) {
    return (field, at, length, value, valueAt, valueLength) -> out.bulk(field, at, length);
  }

  private static ElementVisitor pairsTo(RespWriter out) {
    return (field, at, length, value, valueAt, valueLength) -> {
      out.bulk(field, at, length);
      out.bulk(value, valueAt, valueLength);
    };
  }

  private static void getAll(CommandContext ctx, Args args, RespWriter out) {
    long ref = read(ctx, args);
    out.map(ref == 0 ? 0 : HashValue.count(ctx.keyspace(), ref));
    if (ref != 0) {
      HashValue.forEach(ctx.keyspace(), ref, pairsTo(out));
    }
  }

  private static void fields(CommandContext ctx, Args args, RespWriter out) {
    writeArray(ctx, args, out, fieldsTo(out));
  }

  private static void values(CommandContext ctx, Args args, RespWriter out) {
    writeArray(
        ctx,
        args,
        out,
        (field, at, length, value, valueAt, valueLength) -> out.bulk(value, valueAt, valueLength));
  }

  private static void writeArray(
      CommandContext ctx, Args args, RespWriter out, ElementVisitor visitor) {
    long ref = read(ctx, args);
    out.array(ref == 0 ? 0 : HashValue.count(ctx.keyspace(), ref));
    if (ref != 0) {
      HashValue.forEach(ctx.keyspace(), ref, visitor);
    }
  }

  private static void random(CommandContext ctx, Args args, RespWriter out) {
    if (args.count() > COUNT) {
      randomSeveral(ctx, args, out);
      return;
    }
    long ref = read(ctx, args);
    if (ref == 0) {
      out.nullBulk();
    } else {
      RandomElements.repeated(ctx.keyspace(), ref, 1, fieldsTo(out));
    }
  }

  private static void randomSeveral(CommandContext ctx, Args args, RespWriter out) {
    long wanted = PickCount.of(args, COUNT);
    boolean withValues = args.count() > WITH_VALUES;
    if (withValues && (args.count() > WITH_VALUES + 1 || !args.is(WITH_VALUES, "withvalues"))) {
      throw CommandError.SYNTAX;
    }
    if (withValues && Math.abs(wanted) > PickCount.PAIRS_MAX) {
      throw CommandError.OUT_OF_RANGE;
    }
    long ref = read(ctx, args);
    Keyspace keys = ctx.keyspace();
    RandomPicks picks = RandomPicks.of(ctx, ref, wanted, ref == 0 ? 0 : HashValue.count(keys, ref));
    out.array(withValues && !out.resp3() ? 2 * picks.count() : picks.count());
    picks.write(out, withValues ? pickedPairsTo(out) : fieldsTo(out));
  }

  /** RESP3 shows each pair as an array of its own. */
  private static ElementVisitor pickedPairsTo(RespWriter out) {
    if (!out.resp3()) {
      return pairsTo(out);
    }
    ElementVisitor pairs = pairsTo(out);
    return (field, at, length, value, valueAt, valueLength) -> {
      out.array(2);
      pairs.element(field, at, length, value, valueAt, valueLength);
    };
  }

  private static void scan(CommandContext ctx, Args args, RespWriter out) {
    long cursor = ElementScan.cursor(args);
    long ref = read(ctx, args);
    Keyspace keys = ctx.keyspace();
    ElementScan.Walk walk =
        (scan, found) -> {
          ElementVisitor visitor =
              (field, at, length, value, valueAt, valueLength) -> {
                found.add(field, at, length);
                found.add(value, valueAt, valueLength);
              };
          if (!HashValue.isSmall(keys, ref)) {
            return scan.walk(HashValue.table(keys, ref), cursor, visitor);
          }
          HashValue.forEach(keys, ref, scan.filter(visitor));
          return 0;
        };
    ElementScan.answer(args, ref != 0, walk, out);
  }
}
