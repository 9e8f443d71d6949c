package io.redknot.server.command;

import io.redknot.cluster.ClusterView;
import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.Server;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.Refusals;
import io.redknot.server.stats.SlotStats;
import io.redknot.server.stats.SlotStats.Figure;
import io.redknot.storage.keyspace.HashSlot;
import io.redknot.storage.keyspace.KeyspaceWalk;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

/**
 * CLUSTER SLOT-STATS, as Valkey 8 has it: what the slots of this node, or of its primary, hold and
 * cost.
 */
final class SlotStatsCommand {
  private static final CommandError BAD_SLOT = CommandError.of("ERR Invalid or out of range slot");
  private static final CommandError BAD_METRIC =
      CommandError.of("ERR Unrecognized sort metric for ORDERBY.");
  private static final CommandError BAD_LIMIT =
      CommandError.of("ERR Limit has to lie in between 1 and 16384 (maximum number of slots).");
  private static final CommandError TWICE =
      CommandError.of("ERR Multiple filters of the same type are disallowed.");

  private static final String KEY_COUNT = "key-count";
  private static final long NANOS_PER_MICRO = 1000;
  private static final int ARGUMENT = 3;
  private static final int FIRST_FILTER = 4;

  /** A figure that is counted only where the configuration has it counted. */
  private record Metric(String name, Figure figure) {
    long of(SlotStats stats, int slot) {
      long value = stats.get(slot, figure);
      return figure == Figure.TIME ? value / NANOS_PER_MICRO : value;
    }
  }

  private static final List<Metric> METRICS =
      List.of(
          new Metric("cpu-usec", Figure.TIME),
          new Metric("network-bytes-in", Figure.BYTES_IN),
          new Metric("network-bytes-out", Figure.BYTES_OUT));

  /** Which slots are told, and in what order. */
  private record Order(boolean descending, int limit) {}

  private final SlotStats stats;
  private final ClusterView view;
  private final List<Metric> metrics;

  /** Keys of each slot. */
  private final int[] keys;

  private SlotStatsCommand(Server server, ClusterView view) {
    this.stats = server.stats().slots();
    this.view = view;
    this.metrics = server.config().clusterSlotStatsEnabled.get() ? METRICS : List.of();
    this.keys = countKeys(server.shards());
  }

  private static int[] countKeys(Shards shards) {
    int[] keys = new int[HashSlot.COUNT];
    for (int i = 0; i < shards.count(); i++) {
      Shard shard = shards.shard(i);
      shard.lock();
      try {
        KeyspaceWalk walk = shard.keyspace(0).walk();
        for (int slot = i; slot < HashSlot.COUNT; slot += shards.count()) {
          keys[slot] = walk.countInSlot(slot);
        }
      } finally {
        shard.unlock();
      }
    }
    return keys;
  }

  /** Answers the command. */
  static void run(CommandContext ctx, ClusterView view, Args args, RespWriter out) {
    SlotStatsCommand command = new SlotStatsCommand(ctx.server(), view);
    if (args.count() == 5 && args.is(2, "slotsrange")) {
      command.tellRange(args, out);
    } else if (args.count() >= FIRST_FILTER && args.is(2, "orderby")) {
      command.tellOrdered(args, out);
    } else {
      throw Refusals.subcommandSyntax(ctx.spec(), args);
    }
  }

  private void tellRange(Args args, RespWriter out) {
    int start = slot(args, ARGUMENT);
    int end = slot(args, ARGUMENT + 1);
    if (start > end) {
      throw CommandError.of(
          "ERR Start slot number " + start + " is greater than end slot number " + end);
    }
    tell(ownSlots(start, end).toArray(), out);
  }

  private static int slot(Args args, int index) {
    long slot = args.isLong(index) ? args.toLong(index) : -1;
    if (slot < 0 || slot >= HashSlot.COUNT) {
      throw BAD_SLOT;
    }
    return (int) slot;
  }

  private IntStream ownSlots(int first, int last) {
    return IntStream.rangeClosed(first, last)
        .filter(slot -> view.isMine(slot) || view.isMyPrimarys(slot));
  }

  private void tellOrdered(Args args, RespWriter out) {
    IntToLongFunction metric = metric(args);
    Order order = order(args);
    Comparator<Integer> byMetric = Comparator.comparingLong(metric::applyAsLong);
    Comparator<Integer> wanted = order.descending ? byMetric.reversed() : byMetric;
    int[] slots =
        ownSlots(0, HashSlot.COUNT - 1)
            .boxed()
            .sorted(wanted)
            .limit(order.limit)
            .mapToInt(Integer::intValue)
            .toArray();
    tell(slots, out);
  }

  private IntToLongFunction metric(Args args) {
    if (args.is(ARGUMENT, KEY_COUNT)) {
      return slot -> keys[slot];
    }
    for (Metric metric : metrics) {
      if (args.is(ARGUMENT, metric.name)) {
        // One picture: what is compared must not change meanwhile.
        long[] values = new long[HashSlot.COUNT];
        Arrays.setAll(values, slot -> metric.of(stats, slot));
        return slot -> values[slot];
      }
    }
    throw BAD_METRIC;
  }

  private static Order order(Args args) {
    int limit = HashSlot.COUNT;
    boolean descending = true;
    boolean limited = false;
    boolean directed = false;
    for (int i = FIRST_FILTER; i < args.count(); i++) {
      boolean limits = args.is(i, "limit") && i + 1 < args.count();
      boolean up = args.is(i, "asc");
      if (limits) {
        limit = limit(args, ++i);
      } else if (!up && !args.is(i, "desc")) {
        throw CommandError.SYNTAX;
      } else {
        descending = !up;
      }
      if (limits ? limited : directed) {
        throw TWICE;
      }
      limited |= limits;
      directed |= !limits;
    }
    return new Order(descending, limit);
  }

  private static int limit(Args args, int index) {
    long limit = args.isLong(index) ? args.toLong(index) : 0;
    if (limit < 1 || limit > HashSlot.COUNT) {
      throw BAD_LIMIT;
    }
    return (int) limit;
  }

  private void tell(int[] slots, RespWriter out) {
    out.array(slots.length);
    for (int slot : slots) {
      out.array(2);
      out.integer(slot);
      out.map(1L + metrics.size());
      out.bulk(KEY_COUNT);
      out.integer(keys[slot]);
      for (Metric metric : metrics) {
        out.bulk(metric.name);
        out.integer(metric.of(stats, slot));
      }
    }
  }
}
