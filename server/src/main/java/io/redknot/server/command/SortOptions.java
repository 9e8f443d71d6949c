package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.server.dispatch.CommandError;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What SORT is asked for.
 *
 * @param by where the weights are found; null: the elements are their own weights
 * @param sorts whether there is an order to be made: BY without a {@code *} says that there is not
 * @param gets what to tell of each element; empty: the element
 * @param offset how many elements to pass over
 * @param limit how many to tell at most; negative: all
 * @param store the argument that is the key of the result, 0: it is told
 */
record SortOptions(
    @Nullable SortPattern by,
    boolean sorts,
    List<SortPattern> gets,
    boolean alpha,
    boolean descends,
    long offset,
    long limit,
    int store) {
  private static final CommandError BY_IN_CLUSTER =
      CommandError.of("ERR BY option of SORT denied in Cluster mode.");
  private static final CommandError GET_IN_CLUSTER =
      CommandError.of("ERR GET option of SORT denied in Cluster mode.");

  /**
   * The options behind the key.
   *
   * @throws CommandError syntax, a limit that is no integer, or what a cluster cannot do, since
   *     patterns lead to keys of any slot
   */
  static SortOptions of(Args args, boolean mayStore, boolean inCluster) {
    Reader reader = new Reader(args, inCluster);
    int i = 2;
    while (i < args.count()) {
      i = reader.read(i, mayStore);
    }
    return reader.options();
  }

  private static final class Reader {
    private final Args args;
    private final boolean inCluster;
    private final List<SortPattern> gets = new ArrayList<>(0);
    private @Nullable SortPattern by;
    private boolean sorts = true;
    private boolean alpha;
    private boolean descends;
    private long offset;
    private long limit = -1;
    private int store;

    Reader(Args args, boolean inCluster) {
      this.args = args;
      this.inCluster = inCluster;
    }

    /** Reads the option at an argument; the argument behind it. */
    int read(int i, boolean mayStore) {
      int left = args.count() - 1 - i;
      if (args.is(i, "asc")) {
        descends = false;
      } else if (args.is(i, "desc")) {
        descends = true;
      } else if (args.is(i, "alpha")) {
        alpha = true;
      } else if (args.is(i, "limit") && left >= 2) {
        offset = LongArgument.of(args, i + 1);
        limit = LongArgument.of(args, i + 2);
        return i + 3;
      } else if (left >= 1) {
        readWithPattern(i, mayStore);
        return i + 2;
      } else {
        throw CommandError.SYNTAX;
      }
      return i + 1;
    }

    private void readWithPattern(int i, boolean mayStore) {
      if (mayStore && args.is(i, "store")) {
        store = i + 1;
      } else if (args.is(i, "by")) {
        by = new SortPattern(args.copy(i + 1));
        // One word without a pattern is enough, whatever another BY says.
        sorts &= by.hasPlace();
        if (by.hasPlace() && inCluster) {
          throw BY_IN_CLUSTER;
        }
      } else if (args.is(i, "get")) {
        if (inCluster) {
          throw GET_IN_CLUSTER;
        }
        gets.add(new SortPattern(args.copy(i + 1)));
      } else {
        throw CommandError.SYNTAX;
      }
    }

    SortOptions options() {
      return new SortOptions(by, sorts, gets, alpha, descends, offset, limit, store);
    }
  }
}
