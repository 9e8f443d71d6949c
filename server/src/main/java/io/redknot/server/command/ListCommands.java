package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.LIST;
import static io.redknot.server.dispatch.CommandFlag.DENYOOM;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.READONLY;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandHandler;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.storage.encoding.ListCursor;
import io.redknot.storage.encoding.ListLimits;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.ListValue;
import io.redknot.storage.value.ValueType;

/** Lists: elements added, read and changed by their place. */
public final class ListCommands {
  private ListCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    push(table, "lpush", (ctx, args, out) -> push(ctx, args, out, true));
    push(table, "rpush", (ctx, args, out) -> push(ctx, args, out, false));
    push(table, "lpushx", (ctx, args, out) -> pushIfPresent(ctx, args, out, true));
    push(table, "rpushx", (ctx, args, out) -> pushIfPresent(ctx, args, out, false));
    row(table, "llen", 2, "RO", ListCommands::length).flags(READONLY, FAST);
    row(table, "lindex", 3, "RO access", ListCommands::index).flags(READONLY);
    row(table, "lrange", 4, "RO access", ListCommands::range).flags(READONLY);
    row(table, "lpos", -3, "RO access", ListPositions::find).flags(READONLY);
    row(table, "lset", 4, "RW update", ListCommands::set).flags(WRITE, DENYOOM);
    row(table, "linsert", 5, "RW insert", ListCommands::insert).flags(WRITE, DENYOOM);
    row(table, "ltrim", 4, "RW delete", ListCommands::trim).flags(WRITE);
    row(table, "lrem", 4, "RW delete", ListCommands::remove).flags(WRITE);
  }

  private static CommandSpec row(
      CommandTable table, String name, int arity, String access, CommandHandler handler) {
    return table.add(name, arity, handler).in(LIST).keys(KeySpec.at(1, access));
  }

  private static void push(CommandTable table, String name, CommandHandler handler) {
    row(table, name, -3, "RW insert", handler).flags(WRITE, DENYOOM, FAST);
  }

  /** Looks a list up that is to be written; 0 where there is none. */
  static long find(CommandContext ctx, Args args, int index) {
    return Keys.find(ctx, args, index, ValueType.LIST);
  }

  static long read(CommandContext ctx, Args args, int index) {
    return Keys.read(ctx, args, index, ValueType.LIST);
  }

  static ListLimits limits(CommandContext ctx) {
    return ctx.server().lists().limits();
  }

  static void write(ListCursor element, RespWriter out) {
    if (element.isInteger()) {
      out.bulk(element.integer());
    } else {
      out.bulk(element.array(), element.offset(), element.length());
    }
  }

  private static void push(CommandContext ctx, Args args, RespWriter out, boolean first) {
    long ref = find(ctx, args, 1);
    if (ref == 0) {
      Keyspace keys = ctx.keyspace();
      ref = ListValue.create(keys, args.array(), args.offset(1), args.length(1));
    }
    push(ctx, args, out, ref, first);
  }

  private static void pushIfPresent(CommandContext ctx, Args args, RespWriter out, boolean first) {
    long ref = find(ctx, args, 1);
    if (ref == 0) {
      out.integer(0);
    } else {
      push(ctx, args, out, ref, first);
    }
  }

  private static void push(CommandContext ctx, Args args, RespWriter out, long ref, boolean first) {
    Keyspace keys = ctx.keyspace();
    ListLimits limits = limits(ctx);
    long bytes = 0;
    for (int i = 2; i < args.count(); i++) {
      bytes += args.length(i);
    }
    int added = args.count() - 2;
    long now = ListValue.grow(keys, ref, bytes, added, limits);
    byte[] array = args.array();
    for (int i = 2; i < args.count(); i++) {
      now =
          first
              ? ListValue.addFirst(keys, now, array, args.offset(i), args.length(i), limits)
              : ListValue.addLast(keys, now, array, args.offset(i), args.length(i), limits);
    }
    Keys.changed(ctx, args, 1, first ? KeyEvent.LPUSH : KeyEvent.RPUSH, added);
    out.integer(ListValue.count(keys, now));
  }

  private static void length(CommandContext ctx, Args args, RespWriter out) {
    long ref = read(ctx, args, 1);
    out.integer(ref == 0 ? 0 : ListValue.count(ctx.keyspace(), ref));
  }

  private static void index(CommandContext ctx, Args args, RespWriter out) {
    long ref = read(ctx, args, 1);
    if (ref == 0) {
      out.nullBulk();
      return;
    }
    ListCursor element = ListValue.seek(ctx.keyspace(), ref, LongArgument.of(args, 2));
    if (element.hasElement()) {
      write(element, out);
    } else {
      out.nullBulk();
    }
  }

  private static void range(CommandContext ctx, Args args, RespWriter out) {
    long from = LongArgument.of(args, 2);
    long to = LongArgument.of(args, 3);
    long ref = read(ctx, args, 1);
    if (ref == 0) {
      out.array(0);
      return;
    }
    long count = ListValue.count(ctx.keyspace(), ref);
    long first = first(from, count);
    write(ctx.keyspace(), ref, first, Math.max(0, last(to, count) - first + 1), out);
  }

  /** The first of a range of indexes, negative ones counting from the end; 0 or more. */
  static long first(long from, long count) {
    return from >= 0 ? from : Math.max(0, from + count);
  }

  /** The last of a range of indexes, below the count; -1 where it is before all. */
  static long last(long to, long count) {
    return to >= 0 ? Math.min(to, count - 1) : Math.max(-1, to + count);
  }

  private static void write(Keyspace keys, long ref, long first, long elements, RespWriter out) {
    out.array(elements);
    if (elements > 0) {
      ListCursor element = ListValue.seek(keys, ref, first);
      write(element, out);
      for (long left = elements - 1; left > 0; left--) {
        element.next();
        write(element, out);
      }
    }
  }

  private static void set(CommandContext ctx, Args args, RespWriter out) {
    Keyspace keys = ctx.keyspace();
    long ref = find(ctx, args, 1);
    if (ref == 0) {
      throw CommandError.NO_SUCH_KEY;
    }
    long index = LongArgument.of(args, 2);
    if (!ListValue.seek(keys, ref, index).hasElement()) {
      throw CommandError.INDEX_OUT_OF_RANGE;
    }
    ListLimits limits = limits(ctx);
    ref = ListValue.grow(keys, ref, args.length(3), 1, limits);
    ListCursor place = ListValue.seek(keys, ref, index);
    int offset = args.offset(3);
    ref = ListValue.replace(keys, ref, place, args.array(), offset, args.length(3), limits);
    var _ = ListValue.shrink(keys, ref, limits);
    Keys.changed(ctx, args, 1, KeyEvent.LSET);
    out.ok();
  }

  private static void insert(CommandContext ctx, Args args, RespWriter out) {
    boolean behind = args.is(2, "after");
    if (!behind && !args.is(2, "before")) {
      throw CommandError.SYNTAX;
    }
    Keyspace keys = ctx.keyspace();
    long ref = find(ctx, args, 1);
    if (ref == 0) {
      out.integer(0);
      return;
    }
    ListLimits limits = limits(ctx);
    ref = ListValue.grow(keys, ref, args.length(4), 1, limits);
    ListCursor place = ListValue.seek(keys, ref, 0);
    while (place.hasElement() && !place.is(args.array(), args.offset(3), args.length(3))) {
      place.next();
    }
    if (!place.hasElement()) {
      out.integer(-1);
      return;
    }
    int length = args.length(4);
    ref = ListValue.insert(keys, ref, place, behind, args.array(), args.offset(4), length, limits);
    Keys.changed(ctx, args, 1, KeyEvent.LINSERT);
    out.integer(ListValue.count(keys, ref));
  }

  private static void trim(CommandContext ctx, Args args, RespWriter out) {
    long from = LongArgument.of(args, 2);
    long to = LongArgument.of(args, 3);
    Keyspace keys = ctx.keyspace();
    long ref = find(ctx, args, 1);
    if (ref != 0) {
      long count = ListValue.count(keys, ref);
      long first = first(from, count);
      long last = last(to, count);
      if (first > last) {
        keys.remove(ref);
        removed(ctx, args, 1, KeyEvent.LTRIM, count);
      } else {
        ListValue.removeLast(keys, ref, count - 1 - last);
        ListValue.removeFirst(keys, ref, first);
        var _ = ListValue.shrink(keys, ref, limits(ctx));
        Keys.changed(ctx, args, 1, KeyEvent.LTRIM, count - (last - first + 1));
      }
    }
    out.ok();
  }

  /** Elements were removed and with the last of them the key. */
  static void removed(CommandContext ctx, Args args, int index, KeyEvent event, long elements) {
    Keys.changed(ctx, args, index, event, elements);
    Keys.changed(ctx, args, index, KeyEvent.DEL, 0);
  }

  private static void remove(CommandContext ctx, Args args, RespWriter out) {
    long max = LongArgument.of(args, 2);
    Keyspace keys = ctx.keyspace();
    long ref = find(ctx, args, 1);
    if (ref == 0) {
      out.integer(0);
      return;
    }
    ListLimits limits = limits(ctx);
    int offset = args.offset(3);
    long removed =
        ListValue.removeEqual(keys, ref, args.array(), offset, args.length(3), max, limits);
    if (removed > 0) {
      settle(ctx, args, 1, ref, KeyEvent.LREM, removed);
    }
    out.integer(removed);
  }

  /** Brings a list into shape after elements were removed, and reports that. */
  static void settle(
      CommandContext ctx, Args args, int index, long ref, KeyEvent event, long elements) {
    Keyspace keys = ctx.keyspace();
    if (ListValue.count(keys, ref) == 0) {
      keys.remove(ref);
      removed(ctx, args, index, event, elements);
    } else {
      var _ = ListValue.shrink(keys, ref, limits(ctx));
      Keys.changed(ctx, args, index, event, elements);
    }
  }
}
