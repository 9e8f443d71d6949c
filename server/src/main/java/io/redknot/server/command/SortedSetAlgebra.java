package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.SORTEDSET;
import static io.redknot.server.dispatch.CommandFlag.DENYOOM;
import static io.redknot.server.dispatch.CommandFlag.READONLY;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.storage.value.SortedSetBuilder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Unions, intersections and differences of sorted sets and sets. */
public final class SortedSetAlgebra {
  private static final CommandError WEIGHT_NOT_FLOAT =
      CommandError.of("ERR weight value is not a float");
  private static final CommandError LIMIT_NEGATIVE = CommandError.of("ERR LIMIT can't be negative");

  private SortedSetAlgebra() {}

  private enum Operation {
    UNION,
    INTERSECTION,
    DIFFERENCE
  }

  /** How the scores of a member in several inputs become one. */
  private enum Aggregate {
    SUM,
    MIN,
    MAX;

    double of(double a, double b) {
      return switch (this) {
        case SUM -> numberOrZero(a + b);
        case MIN -> b < a ? b : a;
        case MAX -> b > a ? b : a;
      };
    }
  }

  /** As Redis: infinities that cancel out are 0. */
  private static double numberOrZero(double score) {
    return Double.isNaN(score) ? 0 : score;
  }

  /** Adds the rows. */
  public static void register(CommandTable table) {
    addRead(table, "zunion", Operation.UNION);
    addRead(table, "zinter", Operation.INTERSECTION);
    addRead(table, "zdiff", Operation.DIFFERENCE);
    addStore(table, "zunionstore", Operation.UNION, KeyEvent.ZUNIONSTORE);
    addStore(table, "zinterstore", Operation.INTERSECTION, KeyEvent.ZINTERSTORE);
    addStore(table, "zdiffstore", Operation.DIFFERENCE, KeyEvent.ZDIFFSTORE);
    table
        .add("zintercard", -3, SortedSetAlgebra::countIntersection)
        .flags(READONLY)
        .in(SORTEDSET)
        .keys(KeySpec.counted(1, "RO access"));
  }

  private static void addRead(CommandTable table, String name, Operation operation) {
    table
        .add(name, -3, (ctx, args, out) -> show(ctx, args, out, operation))
        .flags(READONLY)
        .in(SORTEDSET)
        .keys(KeySpec.counted(1, "RO access"));
  }

  private static void addStore(
      CommandTable table, String name, Operation operation, KeyEvent event) {
    table
        .add(name, -4, (ctx, args, out) -> store(ctx, args, out, operation, event))
        .flags(WRITE, DENYOOM)
        .in(SORTEDSET)
        .keys(KeySpec.at(1, "OW update"), KeySpec.counted(2, "RO access"));
  }

  /** The inputs of a command and what it is asked to do with them. */
  private static final class Request {
    private final List<ScoredInput> inputs = new ArrayList<>();
    private final int firstOption;
    private Aggregate aggregate = Aggregate.SUM;
    private boolean withScores;
    private long limit;

    Request(CommandContext ctx, Args args, int countAt) {
      long keys = LongArgument.of(args, countAt);
      if (keys < 1) {
        throw CommandError.of(
            "ERR at least 1 input key is needed for '" + ctx.spec().name() + "' command");
      }
      if (keys > args.count() - countAt - 1) {
        throw CommandError.SYNTAX;
      }
      firstOption = countAt + 1 + (int) keys;
      for (int key = countAt + 1; key < firstOption; key++) {
        inputs.add(ScoredInput.read(ctx, args, key));
      }
    }

    void readOptions(Args args, boolean weighs, boolean shows) {
      int i = firstOption;
      while (i < args.count()) {
        int left = args.count() - i;
        if (weighs && left > inputs.size() && args.is(i, "weights")) {
          readWeights(args, i + 1);
          i += 1 + inputs.size();
        } else if (weighs && left >= 2 && args.is(i, "aggregate")) {
          aggregate = aggregate(args, i + 1);
          i += 2;
        } else if (shows && args.is(i, "withscores")) {
          withScores = true;
          i++;
        } else {
          throw CommandError.SYNTAX;
        }
      }
    }

    private void readWeights(Args args, int first) {
      for (int k = 0; k < inputs.size(); k++) {
        inputs.get(k).weight(DoubleArgument.of(args, first + k, WEIGHT_NOT_FLOAT));
      }
    }

    private static Aggregate aggregate(Args args, int index) {
      if (args.is(index, "sum")) {
        return Aggregate.SUM;
      }
      if (args.is(index, "min")) {
        return Aggregate.MIN;
      }
      if (args.is(index, "max")) {
        return Aggregate.MAX;
      }
      throw CommandError.SYNTAX;
    }

    void readLimit(Args args) {
      for (int i = firstOption; i < args.count(); i += 2) {
        if (!args.is(i, "limit") || i + 1 == args.count()) {
          throw CommandError.SYNTAX;
        }
        limit = LongArgument.atLeast(args, i + 1, 0, LIMIT_NEGATIVE);
      }
    }

    SortedSetBuilder result(CommandContext ctx, Operation operation) {
      SortedSetBuilder result = new SortedSetBuilder(ctx.keyspace());
      switch (operation) {
        case UNION -> unite(result);
        case INTERSECTION -> intersect(result);
        case DIFFERENCE -> subtract(result);
      }
      return result;
    }

    /** From the smallest to the largest, as Redis adds scores up. */
    private void sort() {
      inputs.sort(Comparator.comparingLong(ScoredInput::count));
    }

    private void unite(SortedSetBuilder result) {
      sort();
      for (ScoredInput input : inputs) {
        input.visit(
            (score, member, offset, length) -> {
              double weighted = numberOrZero(input.weighted(score));
              double before = result.score(member, offset, length);
              double now = Double.isNaN(before) ? weighted : aggregate.of(before, weighted);
              result.put(member, offset, length, now);
            });
      }
    }

    private void intersect(SortedSetBuilder result) {
      sort();
      ScoredInput first = inputs.getFirst();
      first.visit(
          (score, member, offset, length) -> {
            double sum = numberOrZero(first.weighted(score));
            for (int i = 1; i < inputs.size(); i++) {
              double other = inputs.get(i).score(member, offset, length);
              if (Double.isNaN(other)) {
                return;
              }
              sum = aggregate.of(sum, inputs.get(i).weighted(other));
            }
            result.put(member, offset, length, sum);
          });
    }

    private void subtract(SortedSetBuilder result) {
      inputs
          .getFirst()
          .visit(
              (score, member, offset, length) -> {
                if (!isInOthers(member, offset, length)) {
                  result.put(member, offset, length, score);
                }
              });
    }

    private boolean isInOthers(byte[] member, int offset, int length) {
      for (int i = 1; i < inputs.size(); i++) {
        if (inputs.get(i).contains(member, offset, length)) {
          return true;
        }
      }
      return false;
    }

    long countIntersection() {
      sort();
      long[] count = {0};
      inputs
          .getFirst()
          .visit(
              (score, member, offset, length) -> {
                if ((limit == 0 || count[0] < limit) && isInAll(member, offset, length)) {
                  count[0]++;
                }
              });
      return count[0];
    }

    private boolean isInAll(byte[] member, int offset, int length) {
      for (int i = 1; i < inputs.size(); i++) {
        if (!inputs.get(i).contains(member, offset, length)) {
          return false;
        }
      }
      return true;
    }
  }

  private static void show(CommandContext ctx, Args args, RespWriter out, Operation operation) {
    Request request = new Request(ctx, args, 1);
    request.readOptions(args, operation != Operation.DIFFERENCE, true);
    SortedSetBuilder result = request.result(ctx, operation);
    SortedSets.beginElements(out, result.count(), request.withScores);
    result.show(SortedSets.elementWriter(out, request.withScores));
  }

  private static void store(
      CommandContext ctx, Args args, RespWriter out, Operation operation, KeyEvent event) {
    Request request = new Request(ctx, args, 2);
    request.readOptions(args, operation != Operation.DIFFERENCE, false);
    SortedSets.store(ctx, args, 1, request.result(ctx, operation), event, out);
  }

  private static void countIntersection(CommandContext ctx, Args args, RespWriter out) {
    Request request = new Request(ctx, args, 1);
    request.readLimit(args);
    out.integer(request.countIntersection());
  }
}
