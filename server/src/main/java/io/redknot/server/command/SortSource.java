package io.redknot.server.command;

import io.redknot.server.dispatch.CommandContext;
import io.redknot.storage.encoding.ListCursor;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.ListValue;
import io.redknot.storage.value.SetValue;
import io.redknot.storage.value.SortedSetValue;
import io.redknot.storage.value.ValueType;

/** The elements of what can be sorted: lists, sets and sorted sets. */
final class SortSource {
  private SortSource() {}

  /** Number of elements. */
  static long count(CommandContext ctx, long ref, ValueType type) {
    return switch (type) {
      case LIST -> ListValue.count(ctx.keyspace(), ref);
      case ZSET -> sortedSet(ctx, ref).count();
      case SET -> SetValue.count(ctx.keyspace(), ref);
      default -> throw new IllegalStateException(type.typeName());
    };
  }

  /** Adds all elements, in the order in which they are kept. */
  static void load(CommandContext ctx, long ref, ValueType type, SortElements into) {
    load(ctx, ref, type, into, 0, count(ctx, ref, type), false);
  }

  /**
   * Adds a part of the elements of what has an order, from the first or from the last one on; all
   * of a set.
   */
  static void load(
      CommandContext ctx,
      long ref,
      ValueType type,
      SortElements into,
      long from,
      long count,
      boolean backwards) {
    switch (type) {
      case LIST -> loadList(ctx.keyspace(), ref, into, from, count, backwards);
      case ZSET -> loadSortedSet(sortedSet(ctx, ref), into, from, count, backwards);
      case SET ->
          SetValue.forEach(
              ctx.keyspace(),
              ref,
              (member, offset, length, none, at, size) -> into.add(member, offset, length));
      default -> throw new IllegalStateException(type.typeName());
    }
  }

  private static SortedSetValue sortedSet(CommandContext ctx, long ref) {
    return SortedSetValue.of(ctx.keyspace(), ref, SortedSets.limits(ctx));
  }

  private static void loadSortedSet(
      SortedSetValue set, SortElements into, long from, long count, boolean backwards) {
    if (count > 0) {
      long rank = backwards ? set.count() - 1 - from : from;
      set.visit(
          rank,
          count,
          backwards,
          (score, member, offset, length) -> into.add(member, offset, length));
    }
  }

  private static void loadList(
      Keyspace keys, long ref, SortElements into, long from, long count, boolean backwards) {
    ListCursor element = ListValue.seek(keys, ref, backwards ? -1 - from : from);
    for (long i = 0; i < count; i++) {
      into.add(element);
      if (backwards) {
        element.previous();
      } else {
        element.next();
      }
    }
  }
}
