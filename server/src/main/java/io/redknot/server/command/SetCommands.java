package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.SET;
import static io.redknot.server.dispatch.CommandFlag.DENYOOM;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.server.replication.Effects;
import io.redknot.storage.encoding.ElementVisitor;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.SetLimits;
import io.redknot.storage.value.SetValue;
import io.redknot.storage.value.ValueType;
import org.jspecify.annotations.Nullable;

/** Writing sets: SADD, SREM, SMOVE, SPOP. */
public final class SetCommands {
  private static final int KEY = 1;
  private static final int MEMBER = 2;
  private static final int TARGET = 2;
  private static final int MOVED = 3;
  private static final int COUNT = 2;

  private SetCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    table
        .add("sadd", -3, SetCommands::add)
        .flags(WRITE, DENYOOM, FAST)
        .in(SET)
        .keys(KeySpec.at(KEY, "RW insert"));
    table
        .add("srem", -3, SetCommands::remove)
        .flags(WRITE, FAST)
        .in(SET)
        .keys(KeySpec.at(KEY, "RW delete"));
    table
        .add("smove", 4, SetCommands::move)
        .flags(WRITE, FAST)
        .in(SET)
        .keys(KeySpec.at(KEY, "RW access delete"), KeySpec.at(TARGET, "RW insert"));
    table
        .add("spop", -2, SetCommands::pop)
        .flags(WRITE, FAST)
        .in(SET)
        .keys(KeySpec.at(KEY, "RW access delete"))
        .tips("nondeterministic_output");
  }

  /** Up to what size sets are kept small, by the configuration. */
  static SetLimits limits(CommandContext ctx) {
    ServerConfig config = ctx.server().config();
    return new SetLimits(
        config.setMaxIntsetEntries.get(),
        config.setMaxListpackEntries.get(),
        config.setMaxListpackValue.get());
  }

  private static void add(CommandContext ctx, Args args, RespWriter out) {
    SetLimits limits = limits(ctx);
    int added = add(ctx, args, KEY, MEMBER, args.count(), limits);
    if (added > 0) {
      Keys.changed(ctx, args, KEY, KeyEvent.SADD, added);
    }
    out.integer(added);
  }

  /** Adds the arguments of a range to a set, a new one where there is none; how many were new. */
  private static int add(
      CommandContext ctx, Args args, int key, int from, int to, SetLimits limits) {
    Keyspace keys = ctx.keyspace();
    byte[] array = args.array();
    long ref = Keys.find(ctx, args, key, ValueType.SET);
    ref =
        ref != 0
            ? SetValue.prepare(keys, ref, to - from, limits)
            : SetValue.create(
                keys,
                array,
                args.offset(key),
                args.length(key),
                args.offset(from),
                args.length(from),
                to - from,
                limits);
    int before = SetValue.count(keys, ref);
    for (int i = from; i < to; i++) {
      ref = SetValue.add(keys, ref, array, args.offset(i), args.length(i), limits);
    }
    return SetValue.count(keys, ref) - before;
  }

  private static void remove(CommandContext ctx, Args args, RespWriter out) {
    int removed = remove(ctx, args, MEMBER, args.count());
    out.integer(removed);
  }

  /** Removes the arguments of a range from the set of the first key; how many were there. */
  private static int remove(CommandContext ctx, Args args, int from, int to) {
    Keyspace keys = ctx.keyspace();
    long ref = Keys.find(ctx, args, KEY, ValueType.SET);
    if (ref == 0) {
      return 0;
    }
    int before = SetValue.count(keys, ref);
    int left = before;
    for (int i = from; i < to && left > 0; i++) {
      ref = SetValue.remove(keys, ref, args.array(), args.offset(i), args.length(i));
      left = SetValue.count(keys, ref);
    }
    if (left < before) {
      reportLess(ctx, args, ref, left, KeyEvent.SREM, before - left);
    }
    return before - left;
  }

  /** Reports that members were removed from the first key, and removes it when none is left. */
  private static void reportLess(
      CommandContext ctx, Args args, long ref, int left, KeyEvent event, int removed) {
    if (left == 0) {
      ctx.keyspace().remove(ref);
    }
    Keys.changed(ctx, args, KEY, event, removed);
    if (left == 0) {
      Keys.changed(ctx, args, KEY, KeyEvent.DEL, 0);
    }
  }

  private static void move(CommandContext ctx, Args args, RespWriter out) {
    Keyspace keys = ctx.keyspace();
    long source = Keys.findAgain(ctx, args, KEY);
    long target = Keys.findAgain(ctx, args, TARGET);
    if (source == 0) {
      out.integer(0);
      return;
    }
    if (!ValueType.SET.is(keys, source) || (target != 0 && !ValueType.SET.is(keys, target))) {
      throw CommandError.WRONG_TYPE;
    }
    if (source == target) {
      keys.touch(source);
      byte[] array = args.array();
      int offset = args.offset(MOVED);
      out.integer(SetValue.contains(keys, source, array, offset, args.length(MOVED)) ? 1 : 0);
      return;
    }
    if (remove(ctx, args, MOVED, MOVED + 1) == 0) {
      out.integer(0);
      return;
    }
    if (add(ctx, args, TARGET, MOVED, MOVED + 1, limits(ctx)) > 0) {
      Keys.changed(ctx, args, TARGET, KeyEvent.SADD);
    }
    out.integer(1);
  }

  private static void pop(CommandContext ctx, Args args, RespWriter out) {
    if (args.count() > COUNT + 1) {
      throw CommandError.SYNTAX;
    }
    if (args.count() > COUNT) {
      popSeveral(ctx, args, out);
      return;
    }
    Keyspace keys = ctx.keyspace();
    long ref = Keys.find(ctx, args, KEY, ValueType.SET);
    if (ref == 0) {
      out.nullBulk();
      return;
    }
    long now = SetValue.pop(keys, ref, poppedTo(ctx, args, out));
    reportLess(ctx, args, now, SetValue.count(keys, now), KeyEvent.SPOP, 1);
  }

  /** A visitor that writes members. */
  static ElementVisitor membersTo(RespWriter out) {
    return (member, offset, length, value, valueAt, valueLength) ->
        out.bulk(member, offset, length);
  }

  /** What writes members that are removed, and tells that in the stream of changes. */
  private static ElementVisitor poppedTo(CommandContext ctx, Args args, RespWriter out) {
    return ctx.isPropagated() ? new PoppedMembers(ctx, args, out) : membersTo(out);
  }

  /** Tells removed members in commands of a limited length. */
  private static final class PoppedMembers implements ElementVisitor {
    private static final int MEMBERS_MAX = 1024;

    private final CommandContext ctx;
    private final Args args;
    private final RespWriter out;
    private @Nullable Effects effects;
    private int told;

    PoppedMembers(CommandContext ctx, Args args, RespWriter out) {
      this.ctx = ctx;
      this.args = args;
      this.out = out;
    }

    @Override
    public void element(
        byte[] member, int offset, int length, byte[] value, int valueAt, int valueLength) {
      out.bulk(member, offset, length);
      Effects open = effects;
      if (open == null || told == MEMBERS_MAX) {
        open = ctx.propagateAs("SREM").word(args, KEY);
        effects = open;
        told = 0;
      }
      open.word(member, offset, length);
      told++;
    }
  }

  private static void popSeveral(CommandContext ctx, Args args, RespWriter out) {
    if (!args.isLong(COUNT) || args.toLong(COUNT) < 0) {
      throw CommandError.NOT_POSITIVE;
    }
    long wanted = args.toLong(COUNT);
    Keyspace keys = ctx.keyspace();
    long ref = Keys.find(ctx, args, KEY, ValueType.SET);
    int there = ref == 0 ? 0 : SetValue.count(keys, ref);
    int popped = (int) Math.min(wanted, there);
    out.set(popped);
    if (popped == 0) {
      return;
    }
    if (popped == there) {
      SetValue.forEach(keys, ref, membersTo(out));
      Keys.propagateRemoval(ctx, args, KEY, ctx.server().config().lazyfreeLazyServerDel);
    } else {
      ref = SetValue.popSeveral(keys, ref, popped, poppedTo(ctx, args, out));
    }
    reportLess(ctx, args, ref, there - popped, KeyEvent.SPOP, popped);
  }
}
