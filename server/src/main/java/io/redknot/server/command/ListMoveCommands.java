package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.LIST;
import static io.redknot.server.dispatch.CommandFlag.DENYOOM;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.server.dispatch.Refusals;
import io.redknot.storage.encoding.ListCursor;
import io.redknot.storage.encoding.ListLimits;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.ListValue;

/** Lists: elements taken from their ends, and moved to those of others. */
public final class ListMoveCommands {

  private ListMoveCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    table
        .add("lpop", -2, (ctx, args, out) -> pop(ctx, args, out, true))
        .flags(WRITE, FAST)
        .in(LIST)
        .keys(KeySpec.at(1, "RW access delete"));
    table
        .add("rpop", -2, (ctx, args, out) -> pop(ctx, args, out, false))
        .flags(WRITE, FAST)
        .in(LIST)
        .keys(KeySpec.at(1, "RW access delete"));
    table
        .add("lmpop", -4, ListMoveCommands::popFromFirst)
        .flags(WRITE)
        .in(LIST)
        .keys(KeySpec.counted(1, "RW access delete"));
    table
        .add("lmove", 5, (ctx, args, out) -> move(ctx, args, isLeft(args, 3), isLeft(args, 4), out))
        .flags(WRITE, DENYOOM)
        .in(LIST)
        .keys(KeySpec.at(1, "RW access delete"), KeySpec.at(2, "RW insert"));
    table
        .add("rpoplpush", 3, (ctx, args, out) -> move(ctx, args, false, true, out))
        .flags(WRITE, DENYOOM)
        .in(LIST)
        .keys(KeySpec.at(1, "RW access delete"), KeySpec.at(2, "RW insert"));
  }

  /** Which end of a list an argument names: the first element's or the last one's. */
  static boolean isLeft(Args args, int index) {
    boolean left = args.is(index, "left");
    if (!left && !args.is(index, "right")) {
      throw CommandError.SYNTAX;
    }
    return left;
  }

  private static void pop(CommandContext ctx, Args args, RespWriter out, boolean left) {
    if (args.count() > 2) {
      popSeveral(ctx, args, out, left);
      return;
    }
    long ref = ListCommands.find(ctx, args, 1);
    if (ref == 0) {
      out.nullBulk();
      return;
    }
    popOne(ctx, args, 1, ref, left, out);
  }

  private static void popSeveral(CommandContext ctx, Args args, RespWriter out, boolean left) {
    if (args.count() > 3) {
      throw Refusals.arity(ctx.spec());
    }
    long count = LongArgument.atLeast(args, 2, 0, CommandError.NOT_POSITIVE);
    long ref = ListCommands.find(ctx, args, 1);
    if (ref == 0) {
      out.nullArray();
    } else if (count == 0) {
      out.array(0);
    } else {
      pop(ctx, args, 1, ref, left, count, out);
    }
  }

  /**
   * Takes elements from an end of a list and writes them, in the order in which they were taken.
   *
   * @param ref what {@link ListCommands#find} just returned for the key; not 0
   * @param max how many at most, at least 1
   */
  static void pop(
      CommandContext ctx, Args args, int index, long ref, boolean left, long max, RespWriter out) {
    long count = Math.min(max, ListValue.count(ctx.keyspace(), ref));
    out.array(count);
    ListCursor element = ListValue.seek(ctx.keyspace(), ref, left ? 0 : -1);
    for (long i = 0; i < count; i++) {
      ListCommands.write(element, out);
      if (left) {
        element.next();
      } else {
        element.previous();
      }
    }
    remove(ctx, args, index, ref, left, count);
  }

  /** Takes one element from an end of a list and writes it. */
  static void popOne(
      CommandContext ctx, Args args, int index, long ref, boolean left, RespWriter out) {
    ListCommands.write(ListValue.seek(ctx.keyspace(), ref, left ? 0 : -1), out);
    remove(ctx, args, index, ref, left, 1);
  }

  private static void remove(
      CommandContext ctx, Args args, int index, long ref, boolean left, long count) {
    Keyspace keys = ctx.keyspace();
    KeyEvent event = left ? KeyEvent.LPOP : KeyEvent.RPOP;
    if (count == ListValue.count(keys, ref)) {
      keys.remove(ref);
      ListCommands.removed(ctx, args, index, event, count);
      return;
    }
    if (left) {
      ListValue.removeFirst(keys, ref, count);
    } else {
      ListValue.removeLast(keys, ref, count);
    }
    var _ = ListValue.shrink(keys, ref, ListCommands.limits(ctx));
    Keys.changed(ctx, args, index, event, count);
  }

  private static void popFromFirst(CommandContext ctx, Args args, RespWriter out) {
    if (!popFromFirst(ctx, args, FirstPop.of(args, 1, ListMoveCommands::isLeft), out)) {
      out.nullArray();
    }
  }

  /** Takes elements from the first list that is there; false, and no reply, where none is. */
  static boolean popFromFirst(CommandContext ctx, Args args, FirstPop pop, RespWriter out) {
    for (int i = pop.first(); i < pop.end(); i++) {
      long ref = ListCommands.find(ctx, args, i);
      if (ref != 0) {
        boolean left = pop.side();
        out.array(2);
        out.bulk(args.array(), args.offset(i), args.length(i));
        long popped = Math.min(pop.count(), ListValue.count(ctx.keyspace(), ref));
        pop(ctx, args, i, ref, left, popped, out);
        if (ctx.isPropagated()) {
          ctx.propagateAs(left ? "LPOP" : "RPOP").word(args, i).word(popped);
        }
        return true;
      }
    }
    return false;
  }

  /** Moves an element from an end of the list of argument 1 to one of that of argument 2. */
  static void move(
      CommandContext ctx, Args args, boolean fromLeft, boolean toLeft, RespWriter out) {
    if (!moveIfPresent(ctx, args, fromLeft, toLeft, out)) {
      out.nullBulk();
    }
  }

  /** As {@link #move}, but false, and no reply, where there is nothing to move. */
  static boolean moveIfPresent(
      CommandContext ctx, Args args, boolean fromLeft, boolean toLeft, RespWriter out) {
    Keyspace keys = ctx.keyspace();
    long source = Keys.notedIfBlocking(ctx, ListCommands.find(ctx, args, 1));
    if (source == 0) {
      return false;
    }
    // Its type is checked before anything is taken away.
    var _ = ListCommands.find(ctx, args, 2);
    ListCursor element = ListValue.seek(keys, source, fromLeft ? 0 : -1);
    boolean integer = element.isInteger();
    byte[] text = element.copy();
    out.bulk(text);
    if (args.same(1, 2)) {
      rotate(ctx, args, source, fromLeft, toLeft, text);
    } else {
      push(ctx, args, text, integer, toLeft);
      remove(ctx, args, 1, Keys.findAgain(ctx, args, 1), fromLeft, 1);
    }
    return true;
  }

  /** Adds an element to the list of argument 2. What is kept as an integer counts no bytes. */
  private static void push(
      CommandContext ctx, Args args, byte[] text, boolean integer, boolean left) {
    Keyspace keys = ctx.keyspace();
    ListLimits limits = ListCommands.limits(ctx);
    long ref = Keys.findAgain(ctx, args, 2);
    if (ref == 0) {
      ref = ListValue.create(keys, args.array(), args.offset(2), args.length(2));
    }
    ref = ListValue.grow(keys, ref, integer ? 0 : text.length, 1, limits);
    var _ =
        left
            ? ListValue.addFirst(keys, ref, text, 0, text.length, limits)
            : ListValue.addLast(keys, ref, text, 0, text.length, limits);
    Keys.changed(ctx, args, 2, left ? KeyEvent.LPUSH : KeyEvent.RPUSH, 0);
  }

  private static void rotate(
      CommandContext ctx, Args args, long ref, boolean fromLeft, boolean toLeft, byte[] text) {
    Keyspace keys = ctx.keyspace();
    if (fromLeft) {
      ListValue.removeFirst(keys, ref, 1);
    } else {
      ListValue.removeLast(keys, ref, 1);
    }
    ListLimits limits = ListCommands.limits(ctx);
    long now =
        toLeft
            ? ListValue.addFirst(keys, ref, text, 0, text.length, limits)
            : ListValue.addLast(keys, ref, text, 0, text.length, limits);
    var _ = ListValue.shrink(keys, now, limits);
    Keys.changed(ctx, args, 2, toLeft ? KeyEvent.LPUSH : KeyEvent.RPUSH, 0);
    Keys.changed(ctx, args, 1, fromLeft ? KeyEvent.LPOP : KeyEvent.RPOP);
  }
}
