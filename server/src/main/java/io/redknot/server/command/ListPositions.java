package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.storage.encoding.ListCursor;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.ListValue;
import java.util.Arrays;

/** LPOS: the indexes of elements that are equal to a given one. */
final class ListPositions {
  private static final CommandError RANK_ZERO =
      CommandError.of(
          "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ..."
              + " or use negative to start from the end of the list");
  private static final CommandError RANK_TOO_LOW =
      CommandError.of(
          "ERR value is out of range, value must between"
              + " -9223372036854775807 and 9223372036854775807");
  private static final CommandError COUNT_NEGATIVE = CommandError.of("ERR COUNT can't be negative");
  private static final CommandError LENGTH_NEGATIVE =
      CommandError.of("ERR MAXLEN can't be negative");

  private static final int ONE = -1;
  private static final int FOUND_MIN = 4;

  /**
   * What is asked for.
   *
   * @param rank the first match that counts, 1 the first one; negative: from the end
   * @param matches how many to tell, 0 all; {@link #ONE}: one, and not as an array
   * @param compared how many elements to look at, 0 all
   */
  private record Options(long rank, long matches, long compared) {}

  private long[] found = new long[FOUND_MIN];
  private int count;

  private ListPositions() {}

  /** The handler. */
  static void find(CommandContext ctx, Args args, RespWriter out) {
    Options options = options(args);
    long ref = ListCommands.read(ctx, args, 1);
    ListPositions positions = new ListPositions();
    if (ref != 0) {
      positions.search(ctx.keyspace(), ref, args, options);
    }
    if (options.matches == ONE) {
      if (positions.count == 0) {
        out.nullBulk();
      } else {
        out.integer(positions.found[0]);
      }
      return;
    }
    out.array(positions.count);
    for (int i = 0; i < positions.count; i++) {
      out.integer(positions.found[i]);
    }
  }

  private static Options options(Args args) {
    long rank = 1;
    long matches = ONE;
    long compared = 0;
    for (int i = 3; i < args.count(); i += 2) {
      if (i + 1 == args.count()) {
        throw CommandError.SYNTAX;
      }
      if (args.is(i, "rank")) {
        rank = rank(args, i + 1);
      } else if (args.is(i, "count")) {
        matches = LongArgument.atLeast(args, i + 1, 0, COUNT_NEGATIVE);
      } else if (args.is(i, "maxlen")) {
        compared = LongArgument.atLeast(args, i + 1, 0, LENGTH_NEGATIVE);
      } else {
        throw CommandError.SYNTAX;
      }
    }
    return new Options(rank, matches, compared);
  }

  private static long rank(Args args, int index) {
    long rank = LongArgument.of(args, index);
    if (rank == 0) {
      throw RANK_ZERO;
    }
    if (rank == Long.MIN_VALUE) {
      throw RANK_TOO_LOW;
    }
    return rank;
  }

  private void search(Keyspace keys, long ref, Args args, Options options) {
    boolean backwards = options.rank < 0;
    long skipped = Math.abs(options.rank) - 1;
    long wanted = options.matches == 0 ? Long.MAX_VALUE : Math.abs(options.matches);
    long elements = ListValue.count(keys, ref);
    long looked = options.compared == 0 ? elements : Math.min(elements, options.compared);
    byte[] text = args.array();
    int offset = args.offset(2);
    int length = args.length(2);
    ListCursor place = ListValue.seek(keys, ref, backwards ? -1 : 0);
    for (long i = 0; i < looked && count < wanted; i++) {
      if (place.is(text, offset, length)) {
        if (skipped == 0) {
          add(backwards ? elements - 1 - i : i);
        } else {
          skipped--;
        }
      }
      if (backwards) {
        place.previous();
      } else {
        place.next();
      }
    }
  }

  private void add(long index) {
    if (count == found.length) {
      found = Arrays.copyOf(found, count * 2);
    }
    found[count++] = index;
  }
}
