package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.SET;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.storage.encoding.ElementVisitor;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.RandomElements;
import io.redknot.storage.value.SetValue;
import io.redknot.storage.value.ValueType;

/** Reading one set: SMEMBERS, SISMEMBER, SRANDMEMBER, SSCAN and what is like them. */
public final class SetReads {
  private static final int KEY = 1;
  private static final int MEMBER = 2;
  private static final int COUNT = 2;

  private SetReads() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    ReadRows rows = new ReadRows(table, SET);
    rows.addFast("scard", 2, "RO", SetReads::count);
    rows.addFast("sismember", 3, "RO", SetReads::isMember);
    rows.addFast("smismember", -3, "RO access", SetReads::areMembers);
    rows.add("smembers", 2, "nondeterministic_output_order", SetReads::members);
    rows.add("srandmember", -2, "nondeterministic_output", SetReads::random);
    rows.add("sscan", -3, "nondeterministic_output", SetReads::scan);
  }

  private static long read(CommandContext ctx, Args args) {
    return Keys.read(ctx, args, KEY, ValueType.SET);
  }

  private static void count(CommandContext ctx, Args args, RespWriter out) {
    long ref = read(ctx, args);
    out.integer(ref == 0 ? 0 : SetValue.count(ctx.keyspace(), ref));
  }

  private static boolean contains(Keyspace keys, long ref, Args args, int member) {
    return ref != 0
        && SetValue.contains(keys, ref, args.array(), args.offset(member), args.length(member));
  }

  private static void isMember(CommandContext ctx, Args args, RespWriter out) {
    long ref = read(ctx, args);
    out.integer(contains(ctx.keyspace(), ref, args, MEMBER) ? 1 : 0);
  }

  private static void areMembers(CommandContext ctx, Args args, RespWriter out) {
    long ref = read(ctx, args);
    Keyspace keys = ctx.keyspace();
    out.array(args.count() - MEMBER);
    for (int i = MEMBER; i < args.count(); i++) {
      out.integer(contains(keys, ref, args, i) ? 1 : 0);
    }
  }

  private static void members(CommandContext ctx, Args args, RespWriter out) {
    long ref = read(ctx, args);
    out.set(ref == 0 ? 0 : SetValue.count(ctx.keyspace(), ref));
    if (ref != 0) {
      SetValue.forEach(ctx.keyspace(), ref, SetCommands.membersTo(out));
    }
  }

  private static void random(CommandContext ctx, Args args, RespWriter out) {
    if (args.count() > COUNT + 1) {
      throw CommandError.SYNTAX;
    }
    if (args.count() > COUNT) {
      randomSeveral(ctx, args, out);
      return;
    }
    long ref = read(ctx, args);
    if (ref == 0) {
      out.nullBulk();
    } else {
      RandomElements.repeated(ctx.keyspace(), ref, 1, SetCommands.membersTo(out));
    }
  }

  private static void randomSeveral(CommandContext ctx, Args args, RespWriter out) {
    long wanted = PickCount.of(args, COUNT);
    long ref = read(ctx, args);
    Keyspace keys = ctx.keyspace();
    RandomPicks picks = RandomPicks.of(ctx, ref, wanted, ref == 0 ? 0 : SetValue.count(keys, ref));
    out.array(picks.count());
    picks.write(out, SetCommands.membersTo(out));
  }

  private static void scan(CommandContext ctx, Args args, RespWriter out) {
    long cursor = ElementScan.cursor(args);
    long ref = read(ctx, args);
    Keyspace keys = ctx.keyspace();
    ElementScan.Walk walk =
        (scan, found) -> {
          ElementVisitor visitor =
              (member, at, length, value, valueAt, valueLength) -> found.add(member, at, length);
          if (!SetValue.isSmall(keys, ref)) {
            return scan.walk(SetValue.table(keys, ref), cursor, visitor);
          }
          SetValue.forEach(keys, ref, scan.filter(visitor));
          return 0;
        };
    ElementScan.answer(args, ref != 0, walk, out);
  }
}
