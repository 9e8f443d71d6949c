package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.SORTEDSET;
import static io.redknot.server.dispatch.CommandFlag.DENYOOM;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.READONLY;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandHandler;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.storage.encoding.ScoredVisitor;
import io.redknot.storage.value.SortedSetBuilder;
import io.redknot.storage.value.SortedSetValue;

/** Ranges of sorted sets, by rank, by score and by member. */
public final class SortedSetRangeCommands {
  private static final CommandError LIMIT_OF_RANKS =
      CommandError.of(
          "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
  private static final CommandError SCORES_BY_LEX =
      CommandError.of("ERR syntax error, WITHSCORES not supported in combination with BYLEX");

  private SortedSetRangeCommands() {}

  /** By what a range is chosen. */
  private enum By {
    RANK,
    SCORE,
    LEX;

    SortedRange range(Args args, int min, int max, boolean backwards) {
      return switch (this) {
        case RANK -> SortedRange.Ranks.of(args, min, max, backwards);
        case SCORE ->
            backwards
                ? SortedRange.Scores.of(args, max, min)
                : SortedRange.Scores.of(args, min, max);
        case LEX ->
            backwards
                ? SortedRange.Members.of(args, max, min)
                : SortedRange.Members.of(args, min, max);
      };
    }
  }

  /** Adds the rows. */
  public static void register(CommandTable table) {
    addRead(table, "zrange", Query::ofAnyKind);
    addRead(table, "zrevrange", (args, first) -> new Query(args, first, By.RANK, true));
    addRead(table, "zrangebyscore", (args, first) -> new Query(args, first, By.SCORE, false));
    addRead(table, "zrevrangebyscore", (args, first) -> new Query(args, first, By.SCORE, true));
    addRead(table, "zrangebylex", (args, first) -> new Query(args, first, By.LEX, false));
    addRead(table, "zrevrangebylex", (args, first) -> new Query(args, first, By.LEX, true));
    table
        .add("zrangestore", -5, SortedSetRangeCommands::store)
        .flags(WRITE, DENYOOM)
        .in(SORTEDSET)
        .keys(KeySpec.at(1, "OW update"), KeySpec.at(2, "RO access"));
    addCount(table, "zcount", By.SCORE);
    addCount(table, "zlexcount", By.LEX);
    addRemove(table, "zremrangebyrank", By.RANK, KeyEvent.ZREMRANGEBYRANK);
    addRemove(table, "zremrangebyscore", By.SCORE, KeyEvent.ZREMRANGEBYSCORE);
    addRemove(table, "zremrangebylex", By.LEX, KeyEvent.ZREMRANGEBYLEX);
  }

  /** Reads the arguments of a query, whose key is the given one. */
  private interface QueryReader {
    Query read(Args args, int key);
  }

  private static void addRead(CommandTable table, String name, QueryReader reader) {
    table
        .add(name, -4, (ctx, args, out) -> read(ctx, args, out, reader.read(args, 1)))
        .flags(READONLY)
        .in(SORTEDSET)
        .keys(KeySpec.at(1, "RO access"));
  }

  private static void addCount(CommandTable table, String name, By by) {
    table
        .add(name, 4, (ctx, args, out) -> count(ctx, args, out, by.range(args, 2, 3, false)))
        .flags(READONLY, FAST)
        .in(SORTEDSET)
        .keys(KeySpec.at(1, "RO access"));
  }

  private static void addRemove(CommandTable table, String name, By by, KeyEvent event) {
    CommandHandler handler =
        (ctx, args, out) -> remove(ctx, args, out, by.range(args, 2, 3, false), event);
    table.add(name, 4, handler).flags(WRITE).in(SORTEDSET).keys(KeySpec.at(1, "RW delete"));
  }

  /** What ZRANGE and its relatives are asked for. */
  private static final class Query {
    private final SortedRange range;
    private final int key;
    private By by;
    private boolean backwards;
    private boolean withScores;
    private long offset;
    private long limit = -1;

    /** With all options. */
    static Query ofAnyKind(Args args, int key) {
      return new Query(args, key, By.RANK, false, true, true);
    }

    /** ZRANGESTORE's: all options but WITHSCORES. */
    static Query ofStore(Args args, int key) {
      return new Query(args, key, By.RANK, false, true, false);
    }

    /** Of the commands that are named after one kind. */
    Query(Args args, int key, By by, boolean backwards) {
      this(args, key, by, backwards, false, true);
    }

    private Query(
        Args args, int key, By by, boolean backwards, boolean anyKind, boolean mayShowScores) {
      this.key = key;
      this.by = by;
      this.backwards = backwards;
      readOptions(args, anyKind, mayShowScores);
      if (limit != -1 && this.by == By.RANK) {
        throw LIMIT_OF_RANKS;
      }
      if (withScores && this.by == By.LEX) {
        throw SCORES_BY_LEX;
      }
      range = this.by.range(args, key + 1, key + 2, this.backwards);
    }

    private void readOptions(Args args, boolean anyKind, boolean mayShowScores) {
      boolean mayTurn = anyKind;
      boolean mayChoose = anyKind;
      for (int i = key + 3; i < args.count(); i++) {
        if (mayShowScores && args.is(i, "withscores")) {
          withScores = true;
        } else if (args.is(i, "limit") && i + 2 < args.count()) {
          offset = LongArgument.of(args, i + 1);
          limit = LongArgument.of(args, i + 2);
          i += 2;
        } else if (mayTurn && args.is(i, "rev")) {
          backwards = true;
          mayTurn = false;
        } else if (mayChoose && args.is(i, "bylex")) {
          by = By.LEX;
          mayChoose = false;
        } else if (mayChoose && args.is(i, "byscore")) {
          by = By.SCORE;
          mayChoose = false;
        } else {
          throw CommandError.SYNTAX;
        }
      }
    }

    /** Number of elements that a range of so many has after LIMIT. */
    private long limited(long elements) {
      if (by == By.RANK) {
        return Math.max(0, elements);
      }
      boolean none = offset < 0 || offset >= elements;
      long rest = none ? 0 : elements - offset;
      return limit < 0 ? rest : Math.min(rest, limit);
    }

    private void visit(SortedSetValue set, long from, long to, long count, ScoredVisitor visitor) {
      long skipped = by == By.RANK ? 0 : offset;
      set.visit(backwards ? to - 1 - skipped : from + skipped, count, backwards, visitor);
    }
  }

  private static void read(CommandContext ctx, Args args, RespWriter out, Query query) {
    SortedSetValue set = SortedSets.read(ctx, args, query.key);
    if (set == null) {
      out.array(0);
      return;
    }
    long from = query.range.from(set);
    long to = query.range.to(set);
    long count = query.limited(to - from);
    SortedSets.beginElements(out, count, query.withScores);
    if (count > 0) {
      query.visit(set, from, to, count, SortedSets.elementWriter(out, query.withScores));
    }
  }

  private static void store(CommandContext ctx, Args args, RespWriter out) {
    Query query = Query.ofStore(args, 2);
    SortedSetValue set = SortedSets.read(ctx, args, query.key);
    SortedSetBuilder result = new SortedSetBuilder(ctx.keyspace());
    if (set != null) {
      long from = query.range.from(set);
      long to = query.range.to(set);
      long count = query.limited(to - from);
      if (count > 0) {
        query.visit(
            set,
            from,
            to,
            count,
            (score, member, offset, length) -> result.put(member, offset, length, score));
      }
    }
    SortedSets.store(ctx, args, 1, result, KeyEvent.ZRANGESTORE, out);
  }

  private static void count(CommandContext ctx, Args args, RespWriter out, SortedRange range) {
    SortedSetValue set = SortedSets.read(ctx, args, 1);
    out.integer(set == null ? 0 : Math.max(0, range.to(set) - range.from(set)));
  }

  private static void remove(
      CommandContext ctx, Args args, RespWriter out, SortedRange range, KeyEvent event) {
    SortedSetValue set = SortedSets.find(ctx, args, 1);
    long from = set == null ? 0 : range.from(set);
    long to = set == null ? 0 : range.to(set);
    if (set != null && from < to) {
      set.removeRange(from, to);
      SortedSets.removed(ctx, args, 1, set, event, to - from);
    }
    out.integer(Math.max(0, to - from));
  }
}
