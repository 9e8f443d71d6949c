package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.server.config.BoolSetting;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandFlag;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.ValueType;

/**
 * The keys among a command's arguments: looked up in the selected database, and reported where they
 * were changed.
 */
final class Keys {
  private Keys() {}

  /** Looks up a key that is to be written, which is an access; 0 where there is none. */
  static long find(CommandContext ctx, Args args, int index) {
    return noted(ctx, findAgain(ctx, args, index));
  }

  /**
   * Notes an access of what was found, 0 for nothing. Where Redis looks the same key up once more,
   * that is another access, which counts with LFU.
   */
  static long noted(CommandContext ctx, long ref) {
    if (ref != 0) {
      ctx.keyspace().touch(ref);
    }
    return ref;
  }

  /** As {@link #noted}, where the command is one that would have waited for it. */
  static long notedIfBlocking(CommandContext ctx, long ref) {
    return ctx.spec().has(CommandFlag.BLOCKING) ? noted(ctx, ref) : ref;
  }

  /** As {@link #find}, of a key whose access has been noted already, or is to be noted later. */
  static long findAgain(CommandContext ctx, Args args, int index) {
    int slot = ctx.slotOf(args, index);
    return ctx.keyspace().find(args.array(), args.offset(index), args.length(index), slot);
  }

  /** Looks up a key to be read: counts a hit or a miss, and an access unless the client objects. */
  static long read(CommandContext ctx, Args args, int index) {
    int slot = ctx.slotOf(args, index);
    Keyspace keys = ctx.keyspace();
    return read(
        ctx, args, index, keys.read(args.array(), args.offset(index), args.length(index), slot));
  }

  /** As {@link #read}, but never an access: what only asks about a key. */
  static long readNoTouch(CommandContext ctx, Args args, int index) {
    return read(ctx, args, index, inspect(ctx, args, index));
  }

  /** As {@link #readNoTouch}, but that there is no such key is no event. */
  static long inspect(CommandContext ctx, Args args, int index) {
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
  static void changed(CommandContext ctx, int db, Args args, int index, KeyEvent event) {
    tell(ctx, db, args, index, event, event.counts() ? 1 : 0);
  }

  /** As {@link #changed(CommandContext, Args, int, KeyEvent)}: one event of many changes, or 0. */
  static void changed(CommandContext ctx, Args args, int index, KeyEvent event, long changes) {
    tell(ctx, ctx.session().db(), args, index, event, changes);
  }

  private static void tell(
      CommandContext ctx, int db, Args args, int index, KeyEvent event, long changes) {
    ctx.keyspace(db).changed(changes);
    if (event.touches()) {
      touched(ctx, db, args, index);
    } else {
      ctx.signals().wake(db, args.array(), args.offset(index), args.length(index));
    }
    tell(ctx, db, args, index, event.letter(), event.text());
  }

  private static void tell(
      CommandContext ctx, int db, Args args, int index, char letter, String event) {
    ctx.server()
        .notifications()
        .send(letter, event, db, args.array(), args.offset(index), args.length(index));
  }

  /** What a look-up for reading found, after it was told where that is nothing. */
  static long read(CommandContext ctx, Args args, int index, long ref) {
    if (ref == 0) {
      missed(ctx, args.array(), args.offset(index), args.length(index));
    }
    return ref;
  }

  /** Tells that a key was removed and made anew, where it was given another value instead. */
  static void renewed(CommandContext ctx, Args args, int index) {
    tell(ctx, ctx.session().db(), args, index, 'n', "new");
  }

  /** Tells that a key was to be read which does not exist. */
  static void missed(CommandContext ctx, byte[] key, int offset, int length) {
    ctx.server().notifications().send('m', "keymiss", ctx.session().db(), key, offset, length);
  }

  /**
   * Removes the key in whose place a command would put its result, which is empty. Redis does not
   * ask whether that key has expired: it is removed like any other.
   */
  static void removeTarget(CommandContext ctx, Args args, int index) {
    int slot = ctx.slotOf(args, index);
    if (ctx.keyspace()
        .removeEvenExpired(args.array(), args.offset(index), args.length(index), slot)) {
      changed(ctx, args, index, KeyEvent.DEL);
    }
  }

  /** A change of what is kept beside a key's value: no event, and nobody who watches is told. */
  static void changedAside(CommandContext ctx) {
    ctx.keyspace().changed();
  }

  /** As {@link #changed(CommandContext, Args, int, KeyEvent)}: a change that is no event. */
  static void changedQuietly(CommandContext ctx, Args args, int index) {
    ctx.keyspace().changed();
    touched(ctx, ctx.session().db(), args, index);
  }

  /** Tells who watches a key that it has changed. */
  static void touched(CommandContext ctx, int db, Args args, int index) {
    ctx.signals().changed(db, args.array(), args.offset(index), args.length(index));
  }

  /**
   * Tells in the stream of changes, instead of the command, that the key which an argument is has
   * been removed.
   *
   * @param lazily the directive that makes that an UNLINK
   */
  static void propagateRemoval(CommandContext ctx, Args args, int index, BoolSetting lazily) {
    if (ctx.isPropagated()) {
      ctx.propagateAs(lazily.get() ? "UNLINK" : "DEL").word(args, index);
    }
  }

  /** As {@link #changed(CommandContext, Args, int, KeyEvent)}: one change that is two events. */
  static void changed(
      CommandContext ctx, Args args, int index, KeyEvent event, KeyEvent followedBy) {
    changed(ctx, args, index, event);
    tell(ctx, ctx.session().db(), args, index, followedBy.letter(), followedBy.text());
  }
}
