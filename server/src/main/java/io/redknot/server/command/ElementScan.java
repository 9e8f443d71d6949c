package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandError;
import io.redknot.storage.encoding.ElementVisitor;
import io.redknot.storage.encoding.HashTable;
import io.redknot.storage.keyspace.GlobPattern;
import org.jspecify.annotations.Nullable;

/**
 * What HSCAN, SSCAN and ZSCAN are asked for.
 *
 * @param pattern what elements must match; null: all do
 * @param count how many elements to look at, about; at least 1
 */
record ElementScan(@Nullable GlobPattern pattern, long count) {
  private static final CommandError INVALID_CURSOR = CommandError.of("ERR invalid cursor");
  private static final long COUNT_DEFAULT = 10;
  private static final int CURSOR = 2;
  private static final int FIRST_OPTION = 3;

  /**
   * The cursor that the second argument is. It is read before the key is looked up, the options
   * only where there is such a key.
   *
   * @throws CommandError no cursor
   */
  static long cursor(Args args) {
    long cursor = Cursor.of(args, CURSOR);
    if (cursor == Cursor.INVALID) {
      throw INVALID_CURSOR;
    }
    return cursor;
  }

  /**
   * The options behind the cursor.
   *
   * @throws CommandError an unknown option, or a count that is none
   */
  private static ElementScan options(Args args) {
    GlobPattern pattern = null;
    long count = COUNT_DEFAULT;
    for (int i = FIRST_OPTION; i < args.count(); i += 2) {
      if (i + 1 == args.count()) {
        throw CommandError.SYNTAX;
      }
      if (args.is(i, "count")) {
        count = count(args, i + 1);
      } else if (args.is(i, "match")) {
        pattern = GlobPattern.of(args.copy(i + 1));
      } else {
        throw CommandError.SYNTAX;
      }
    }
    return new ElementScan(pattern, count);
  }

  /**
   * The count that an argument is.
   *
   * @throws CommandError no integer, or less than 1
   */
  static long count(Args args, int index) {
    if (!args.isLong(index)) {
      throw CommandError.NOT_INTEGER;
    }
    if (args.toLong(index) < 1) {
      throw CommandError.SYNTAX;
    }
    return args.toLong(index);
  }

  /** Whether an element is one of those wanted. */
  boolean matches(byte[] array, int offset, int length) {
    return pattern == null || pattern.matches(array, offset, length);
  }

  /** A visitor that passes on what matches. */
  ElementVisitor filter(ElementVisitor visitor) {
    return (key, keyAt, keyLength, value, valueAt, valueLength) -> {
      if (matches(key, keyAt, keyLength)) {
        visitor.element(key, keyAt, keyLength, value, valueAt, valueLength);
      }
    };
  }

  /**
   * Walks over a part of a table: at least as many elements as wanted, if there are.
   *
   * @return the cursor to go on with, 0 at the end
   */
  long walk(HashTable table, long cursor, ElementVisitor visitor) {
    long[] visited = {0};
    ElementVisitor matching = filter(visitor);
    ElementVisitor counting =
        (key, keyAt, keyLength, value, valueAt, valueLength) -> {
          visited[0]++;
          matching.element(key, keyAt, keyLength, value, valueAt, valueLength);
        };
    return walk(cursor, visited, (position, atOnce) -> table.scan(position, atOnce, counting));
  }

  /** Visits some elements, about as many as wanted; the cursor to go on with, 0 at the end. */
  @FunctionalInterface
  interface Step {
    long from(long cursor, int wanted);
  }

  /**
   * Walks in steps until as many elements were visited as wanted.
   *
   * @param visited how many were, which the steps count up
   * @return the cursor to go on with, 0 at the end
   */
  long walk(long cursor, long[] visited, Step step) {
    long position = cursor;
    do {
      position = step.from(position, (int) Math.min(Integer.MAX_VALUE, count - visited[0]));
    } while (position != 0 && visited[0] < count);
    return position;
  }

  /** Adds what is found in a collection; the cursor to go on with, 0 at the end. */
  @FunctionalInterface
  interface Walk {
    long over(ElementScan scan, KeyList found);
  }

  /**
   * Writes a cursor and what was found.
   *
   * @param exists whether there is a collection to walk over
   */
  static void answer(Args args, boolean exists, Walk walk, RespWriter out) {
    KeyList found = new KeyList();
    long next = exists ? walk.over(options(args), found) : 0;
    out.array(2);
    out.bulk(next);
    found.writeTo(out);
  }
}
