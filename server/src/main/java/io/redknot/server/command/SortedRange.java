package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.server.dispatch.CommandError;
import io.redknot.storage.value.SortedSetValue;
import java.util.Arrays;

/** A range of a sorted set, by rank, by score or by member: ranks from one up to another. */
sealed interface SortedRange {
  /** Rank of the first element of the range. */
  long from(SortedSetValue set);

  /** Rank behind the last element; not above {@link #from} where the range is empty. */
  long to(SortedSetValue set);

  /** Between two ranks, both included; negative ones count from the end. */
  record Ranks(long start, long stop, boolean backwards) implements SortedRange {
    /**
     * Reads two ranks.
     *
     * @param backwards whether they count from the greatest element down
     */
    static Ranks of(Args args, int start, int stop, boolean backwards) {
      return new Ranks(LongArgument.of(args, start), LongArgument.of(args, stop), backwards);
    }

    private static long fromStart(long rank, long count) {
      return rank < 0 ? rank + count : rank;
    }

    private long first(long count) {
      return Math.clamp(fromStart(start, count), 0, count);
    }

    private long end(long count) {
      return Math.clamp(fromStart(stop, count), -1, count - 1) + 1;
    }

    @Override
    public long from(SortedSetValue set) {
      long count = set.count();
      return backwards ? count - end(count) : first(count);
    }

    @Override
    public long to(SortedSetValue set) {
      long count = set.count();
      return backwards ? count - first(count) : end(count);
    }
  }

  /** Between two scores. */
  record Scores(double min, boolean minExcluded, double max, boolean maxExcluded)
      implements SortedRange {
    private static final CommandError NOT_SCORES = CommandError.of("ERR min or max is not a float");

    /** Reads two scores, each with a bracket before it where it is excluded. */
    static Scores of(Args args, int min, int max) {
      return new Scores(
          value(args, min), isExcluded(args, min), value(args, max), isExcluded(args, max));
    }

    private static boolean isExcluded(Args args, int index) {
      return args.length(index) > 0 && args.array()[args.offset(index)] == '(';
    }

    private static double value(Args args, int index) {
      int bracket = isExcluded(args, index) ? 1 : 0;
      double value =
          DoubleArgument.upToNul(
              args.array(), args.offset(index) + bracket, args.length(index) - bracket);
      if (Double.isNaN(value)) {
        throw NOT_SCORES;
      }
      return value;
    }

    @Override
    public long from(SortedSetValue set) {
      return min == Double.NEGATIVE_INFINITY && !minExcluded ? 0 : set.countBelow(min, minExcluded);
    }

    @Override
    public long to(SortedSetValue set) {
      return max == Double.POSITIVE_INFINITY && !maxExcluded
          ? set.count()
          : set.countBelow(max, !maxExcluded);
    }
  }

  /** Between two members, given as arguments: {@code [x}, {@code (x}, {@code -}, {@code +}. */
  record Members(Args args, int min, int max) implements SortedRange {
    private static final CommandError NOT_MEMBERS =
        CommandError.of("ERR min or max not valid string range item");

    /** Checks two arguments. */
    static Members of(Args args, int min, int max) {
      if (!isValid(args, min) || !isValid(args, max)) {
        throw NOT_MEMBERS;
      }
      return new Members(args, min, max);
    }

    private static boolean isValid(Args args, int index) {
      int length = args.length(index);
      int sign = length == 0 ? 0 : args.array()[args.offset(index)];
      return switch (sign) {
        case '-', '+' -> length == 1 || args.array()[args.offset(index) + 1] == 0;
        case '[', '(' -> true;
        default -> false;
      };
    }

    private long below(SortedSetValue set, int index, int orEqualSign) {
      byte[] bytes = args.array();
      int offset = args.offset(index);
      int sign = bytes[offset];
      return switch (sign) {
        case '-' -> 0;
        case '+' -> set.count();
        default -> set.countBelow(bytes, offset + 1, args.length(index) - 1, sign == orEqualSign);
      };
    }

    @Override
    public long from(SortedSetValue set) {
      return reaches(set) ? below(set, min, '(') : set.count();
    }

    /**
     * Whether the last element is not below the range, nor the first one above it. Where all scores
     * are equal that only confirms what the members' places tell; where they are not, Redis looks
     * at these two before anything else, and so do we.
     */
    private boolean reaches(SortedSetValue set) {
      boolean[] within = {true};
      set.visit(
          set.count() - 1,
          1,
          false,
          (score, member, offset, length) ->
              within[0] &= isBehind(member, offset, length, min, '['));
      set.visit(
          0,
          1,
          false,
          (score, member, offset, length) ->
              within[0] &= !isBehind(member, offset, length, max, '('));
      return within[0];
    }

    /** Whether a member is greater than a bound, or equal to it where that has the given sign. */
    private boolean isBehind(byte[] member, int offset, int length, int index, int orEqualSign) {
      int bound = args.offset(index);
      byte[] bytes = args.array();
      int sign = bytes[bound];
      if (sign == '-' || sign == '+') {
        return sign == '-';
      }
      int order =
          Arrays.compareUnsigned(
              member, offset, offset + length, bytes, bound + 1, bound + args.length(index));
      return sign == orEqualSign ? order >= 0 : order > 0;
    }

    @Override
    public long to(SortedSetValue set) {
      return below(set, max, '[');
    }
  }
}
