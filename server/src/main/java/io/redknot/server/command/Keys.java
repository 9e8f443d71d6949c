package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.ValueType;

/**
 * The keys among a command's arguments: looked up in the selected database, and reported where they
 * were changed.
 */
final class Keys {
  private Keys() {}

  /** Looks up a key that is to be written; 0 where there is none. */
  static long find(CommandContext ctx, Args args, int index) {
    return ctx.keyspace()
        .find(args.array(), args.offset(index), args.length(index), ctx.slotOf(args, index));
  }

  /** Looks up a key to be read: counts a hit or a miss, and an access unless the client objects. */
  static long read(CommandContext ctx, Args args, int index) {
    int slot = ctx.slotOf(args, index);
    Keyspace keys = ctx.keyspace();
    return ctx.session().noTouch()
        ? keys.readNoTouch(args.array(), args.offset(index), args.length(index), slot)
        : keys.read(args.array(), args.offset(index), args.length(index), slot);
  }

  /** As {@link #read}, but never an access: what only asks about a key. */
  static long readNoTouch(CommandContext ctx, Args args, int index) {
    int slot = ctx.slotOf(args, index);
    return ctx.keyspace().readNoTouch(args.array(), args.offset(index), args.length(index), slot);
  }

  /**
   * As {@link #find}, of a string.
   *
   * @throws CommandError where the key holds something else
   */
  static long findString(CommandContext ctx, Args args, int index) {
    return string(ctx, find(ctx, args, index));
  }

  /**
   * As {@link #read}, of a string.
   *
   * @throws CommandError where the key holds something else
   */
  static long readString(CommandContext ctx, Args args, int index) {
    return string(ctx, read(ctx, args, index));
  }

  private static long string(CommandContext ctx, long ref) {
    return typed(ctx, ref, ValueType.STRING);
  }

  /**
   * As {@link #find}, of a type.
   *
   * @throws CommandError where the key holds something else
   */
  static long find(CommandContext ctx, Args args, int index, ValueType type) {
    return typed(ctx, find(ctx, args, index), type);
  }

  /**
   * As {@link #read}, of a type.
   *
   * @throws CommandError where the key holds something else
   */
  static long read(CommandContext ctx, Args args, int index, ValueType type) {
    return typed(ctx, read(ctx, args, index), type);
  }

  private static long typed(CommandContext ctx, long ref, ValueType type) {
    if (ref != 0 && !type.is(ctx.keyspace(), ref)) {
      throw CommandError.WRONG_TYPE;
    }
    return ref;
  }

  /**
   * The one door for changes of keys: whatever a command does to a key's value or time to live, it
   * reports here, once for each change that Redis counts.
   *
   * @param index the argument that is the key
   * @param event what happened to it
   */
  static void changed(CommandContext ctx, Args args, int index, KeyEvent event) {
    changed(ctx, ctx.session().db(), args, index, event);
  }

  /** As {@link #changed(CommandContext, Args, int, KeyEvent)}, of a key of any database. */
  @SuppressWarnings("unused") // as above
  static void changed(CommandContext ctx, int db, Args args, int index, KeyEvent event) {
    if (event.counts()) {
      ctx.keyspace(db).changed();
    }
  }

  /** As {@link #changed(CommandContext, Args, int, KeyEvent)}: one event of many changes, or 0. */
  @SuppressWarnings("unused") // as above
  static void changed(CommandContext ctx, Args args, int index, KeyEvent event, long changes) {
    ctx.keyspace().changed(changes);
  }

  /** As {@link #changed(CommandContext, Args, int, KeyEvent)}: a change that is no event. */
  @SuppressWarnings("unused") // as above
  static void changedQuietly(CommandContext ctx, Args args, int index) {
    ctx.keyspace().changed();
  }

  /** As {@link #changed(CommandContext, Args, int, KeyEvent)}: one change that is two events. */
  static void changed(
      CommandContext ctx, Args args, int index, KeyEvent event, KeyEvent followedBy) {
    changed(ctx, args, index, event);
  }
}
