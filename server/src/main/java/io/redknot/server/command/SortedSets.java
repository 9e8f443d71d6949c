package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.storage.encoding.ScoredVisitor;
import io.redknot.storage.value.SortedSetBuilder;
import io.redknot.storage.value.SortedSetLimits;
import io.redknot.storage.value.SortedSetValue;
import io.redknot.storage.value.ValueType;
import org.jspecify.annotations.Nullable;

/** What the commands on sorted sets, and those on places, have in common. */
final class SortedSets {
  private SortedSets() {}

  static SortedSetLimits limits(CommandContext ctx) {
    ServerConfig config = ctx.server().config();
    return new SortedSetLimits(
        config.zsetMaxListpackEntries.get(), config.zsetMaxListpackValue.get());
  }

  /**
   * The sorted set of a key that is to be read; null where there is none.
   *
   * @throws CommandError where the key holds something else
   */
  static @Nullable SortedSetValue read(CommandContext ctx, Args args, int key) {
    return of(ctx, Keys.read(ctx, args, key, ValueType.ZSET));
  }

  /**
   * The sorted set of a key that is to be written; null where there is none.
   *
   * @throws CommandError where the key holds something else
   */
  static @Nullable SortedSetValue find(CommandContext ctx, Args args, int key) {
    return of(ctx, Keys.find(ctx, args, key, ValueType.ZSET));
  }

  /** As {@link #find}, of a key to take elements from, which blocking commands look up twice. */
  static @Nullable SortedSetValue findToPop(CommandContext ctx, Args args, int key) {
    return of(ctx, Keys.notedIfBlocking(ctx, Keys.find(ctx, args, key, ValueType.ZSET)));
  }

  private static @Nullable SortedSetValue of(CommandContext ctx, long ref) {
    return ref == 0 ? null : SortedSetValue.of(ctx.keyspace(), ref, limits(ctx));
  }

  /**
   * Makes a sorted set for a key that was just looked up in vain.
   *
   * @param elements how many the command may add
   * @param first the argument that is the first member
   */
  static SortedSetValue create(CommandContext ctx, Args args, int key, long elements, int first) {
    return SortedSetValue.create(
        ctx.keyspace(),
        args.array(),
        args.offset(key),
        args.length(key),
        limits(ctx),
        elements,
        args.length(first));
  }

  /** Reports that elements were removed, and the key with them where it is empty now. */
  static void removed(
      CommandContext ctx, Args args, int key, SortedSetValue set, KeyEvent event, long elements) {
    Keys.changed(ctx, args, key, event, elements);
    if (set.isRemoved()) {
      Keys.changed(ctx, args, key, KeyEvent.DEL, 0);
    }
  }

  /** Starts a reply of elements, with or without their scores. */
  static void beginElements(RespWriter out, long elements, boolean withScores) {
    out.array(withScores && !out.resp3() ? elements * 2 : elements);
  }

  /** What writes an element of such a reply. */
  static ScoredVisitor elementWriter(RespWriter out, boolean withScores) {
    if (!withScores) {
      return (score, member, offset, length) -> out.bulk(member, offset, length);
    }
    return pairWriter(out, out.resp3());
  }

  /** What writes a member and its score, as an array of the two where they are nested. */
  static ScoredVisitor pairWriter(RespWriter out, boolean nested) {
    return (score, member, offset, length) -> {
      if (nested) {
        out.array(2);
      }
      out.bulk(member, offset, length);
      out.real(score);
    };
  }

  /**
   * Ends a command that stores its result: the key gets it, or goes where it is empty. Replies with
   * the number of elements.
   */
  static void store(
      CommandContext ctx,
      Args args,
      int key,
      SortedSetBuilder result,
      KeyEvent event,
      RespWriter out) {
    long count = result.count();
    if (count > 0) {
      long ref = Keys.find(ctx, args, key);
      long _ = result.store(ref, args.array(), args.offset(key), args.length(key), limits(ctx));
      boolean countsElements = event == KeyEvent.GEOSEARCHSTORE || event == KeyEvent.GEORADIUSSTORE;
      Keys.changed(ctx, args, key, event, countsElements ? count : 1);
    } else {
      result.discard();
      Keys.removeTarget(ctx, args, key);
    }
    out.integer(count);
  }
}
