package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.STREAM;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.storage.encoding.IdTree;
import io.redknot.storage.encoding.StreamEntries;
import io.redknot.storage.encoding.StreamId;
import io.redknot.storage.value.StreamConsumer;
import io.redknot.storage.value.StreamGroup;
import io.redknot.storage.value.StreamValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** XCLAIM and XAUTOCLAIM: pending entries change hands. */
public final class StreamClaimCommands {
  private static final CommandError BAD_COUNT = CommandError.of("ERR COUNT must be > 0");

  private static final int GROUP = 2;
  private static final int CONSUMER = 3;
  private static final int MIN_IDLE = 4;
  private static final int FIRST_ID = 5;
  private static final int START = 5;
  private static final int FIRST_OPTION = 6;
  private static final long COUNT_DEFAULT = 100;
  private static final long COUNT_MAX = Long.MAX_VALUE / 16;

  /** So many pending entries are looked at for each one that is wanted. */
  private static final long LOOKED_AT_FACTOR = 10;

  private static final long NOT_GIVEN = -1;

  private StreamClaimCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    table
        .add("xautoclaim", -6, StreamClaimCommands::autoClaim)
        .flags(WRITE, FAST)
        .in(STREAM)
        .keys(KeySpec.at(1, "RW delete"))
        .tips("nondeterministic_output");
    table
        .add("xclaim", -6, StreamClaimCommands::claim)
        .flags(WRITE, FAST)
        .in(STREAM)
        .keys(KeySpec.at(1, "RW update"))
        .tips("nondeterministic_output");
  }

  private static long integer(Args args, int index, String what) {
    if (!args.isLong(index)) {
      throw CommandError.of("ERR Invalid " + what);
    }
    return args.toLong(index);
  }

  private static long minIdleMs(CommandContext ctx, Args args) {
    String command = ctx.spec().name().toUpperCase(java.util.Locale.ROOT);
    return Math.max(0, integer(args, MIN_IDLE, "min-idle-time argument for " + command));
  }

  /**
   * The group that the arguments behind a key name.
   *
   * @throws CommandError where there is no such group, or no such stream
   */
  static StreamGroup group(Args args, @Nullable StreamValue stream) {
    StreamGroup group =
        stream == null ? null : stream.group(args.array(), args.offset(GROUP), args.length(GROUP));
    if (group == null) {
      throw CommandError.of(
          "NOGROUP No such key '"
              + StreamIds.shown(args, 1)
              + "' or consumer group '"
              + StreamIds.shown(args, GROUP)
              + "'");
    }
    return group;
  }

  /**
   * How an entry is claimed.
   *
   * @param minIdleMs only entries that were not delivered for so long
   * @param deliveredMs what to note as the time of the delivery, Unix ms
   * @param deliveries what to note as the number of deliveries; negative: one more
   * @param force whether an entry that is pending with nobody becomes so
   * @param onlyIds whether ids are replied, and the number of deliveries stays
   */
  private record Terms(
      long minIdleMs, long deliveredMs, long deliveries, boolean force, boolean onlyIds) {
    boolean isIdle(StreamGroup group, long pending, long nowMs) {
      return minIdleMs == 0 || nowMs - group.deliveredMs(pending) >= minIdleMs;
    }

    void take(StreamGroup group, long pending, StreamConsumer consumer, long nowMs) {
      long count = group.deliveries(pending);
      group.give(pending, consumer);
      group.delivered(
          pending, deliveredMs, deliveries >= 0 ? deliveries : onlyIds ? count : count + 1);
      consumer.activeMs(nowMs);
    }

    void reply(StreamReply reply, StreamEntries entries, StreamId id) {
      if (onlyIds) {
        reply.id(id);
      } else {
        reply.entry(entries, id);
      }
    }
  }

  private static int behindIds(Args args) {
    int i = FIRST_ID;
    while (i < args.count() && StreamIds.find(args, i) != null) {
      i++;
    }
    return i;
  }

  private static void claim(CommandContext ctx, Args args, RespWriter out) {
    StreamValue stream = StreamCommands.readToChange(ctx, args, 1);
    StreamGroup group = group(args, stream);
    ClaimOptions options = new ClaimOptions(ctx.nowMs());
    options.read(args, minIdleMs(ctx, args), behindIds(args));
    if (options.lastId.compareTo(group.last()) > 0) {
      group.last(options.lastId);
    }
    StreamConsumer consumer = StreamGroupCommands.consumer(ctx, args, 1, group, CONSUMER);
    if (stream != null) {
      claim(ctx, args, out, stream.entries(), group, consumer, options);
    }
  }

  private static void claim(
      CommandContext ctx,
      Args args,
      RespWriter out,
      StreamEntries entries,
      StreamGroup group,
      StreamConsumer consumer,
      ClaimOptions options) {
    Terms terms = options.terms();
    StreamReply reply = new StreamReply(out);
    long mark = out.mark();
    int claimed = 0;
    for (int i = FIRST_ID; i < options.firstOption; i++) {
      StreamId id = StreamIds.of(args, i);
      if (!entries.contains(id)) {
        if (group.acknowledge(id.ms(), id.seq())) {
          Keys.changedQuietly(ctx, args, 1);
        }
        continue;
      }
      long pending = group.pending().find(id.ms(), id.seq());
      if (pending == IdTree.NONE && terms.force()) {
        pending = group.addPending(id.ms(), id.seq(), consumer, ctx.nowMs());
      } else if (pending == IdTree.NONE || !terms.isIdle(group, pending, ctx.nowMs())) {
        continue;
      }
      terms.take(group, pending, consumer, ctx.nowMs());
      terms.reply(reply, entries, id);
      Keys.changedQuietly(ctx, args, 1);
      claimed++;
    }
    out.arrayFrom(mark, claimed);
  }

  /** What XCLAIM is told behind the ids. */
  private static final class ClaimOptions {
    private final long nowMs;
    private long minIdleMs;
    private long deliveredMs = NOT_GIVEN;
    private long deliveries = NOT_GIVEN;
    private boolean force;
    private boolean onlyIds;
    private StreamId lastId = StreamId.ZERO;
    private int firstOption;

    ClaimOptions(long nowMs) {
      this.nowMs = nowMs;
    }

    void read(Args args, long minIdle, int first) {
      minIdleMs = minIdle;
      firstOption = first;
      for (int i = first; i < args.count(); i++) {
        boolean more = i + 1 < args.count();
        if (args.is(i, "force")) {
          force = true;
        } else if (args.is(i, "justid")) {
          onlyIds = true;
        } else if (more && args.is(i, "idle")) {
          deliveredMs = nowMs - integer(args, ++i, "IDLE option argument for XCLAIM");
        } else if (more && args.is(i, "time")) {
          deliveredMs = integer(args, ++i, "TIME option argument for XCLAIM");
        } else if (more && args.is(i, "retrycount")) {
          deliveries = integer(args, ++i, "RETRYCOUNT option argument for XCLAIM");
        } else if (more && args.is(i, "lastid")) {
          lastId = StreamIds.of(args, ++i);
        } else {
          throw CommandError.of(
              "ERR Unrecognized XCLAIM option '" + StreamIds.shown(args, i) + "'");
        }
      }
    }

    Terms terms() {
      // A time that cannot be is taken for now.
      boolean sane = deliveredMs >= 0 && deliveredMs <= nowMs;
      return new Terms(minIdleMs, sane ? deliveredMs : nowMs, deliveries, force, onlyIds);
    }
  }

  private static void autoClaim(CommandContext ctx, Args args, RespWriter out) {
    long minIdleMs = minIdleMs(ctx, args);
    StreamId start = StreamIds.rangeStart(args, START);
    long count = COUNT_DEFAULT;
    boolean onlyIds = false;
    for (int i = FIRST_OPTION; i < args.count(); i++) {
      if (args.is(i, "count") && i + 1 < args.count()) {
        i++;
        if (!args.isLong(i) || args.toLong(i) < 1 || args.toLong(i) > COUNT_MAX) {
          throw BAD_COUNT;
        }
        count = args.toLong(i);
      } else if (args.is(i, "justid")) {
        onlyIds = true;
      } else {
        throw CommandError.SYNTAX;
      }
    }
    StreamValue stream = StreamCommands.readToChange(ctx, args, 1);
    StreamGroup group = group(args, stream);
    StreamConsumer consumer = StreamGroupCommands.consumer(ctx, args, 1, group, CONSUMER);
    Terms terms = new Terms(minIdleMs, ctx.nowMs(), NOT_GIVEN, false, onlyIds);
    if (stream != null) {
      new AutoClaim(ctx, args, stream.entries(), group, consumer, terms).run(start, count, out);
    }
  }

  private record AutoClaim(
      CommandContext ctx,
      Args args,
      StreamEntries entries,
      StreamGroup group,
      StreamConsumer consumer,
      Terms terms) {
    void run(StreamId start, long count, RespWriter out) {
      IdTree pending = group.pending();
      List<StreamId> claimed = new ArrayList<>();
      List<StreamId> deleted = new ArrayList<>(0);
      long p = pending.ceiling(start.ms(), start.seq());
      long left = count * LOOKED_AT_FACTOR;
      while (p != IdTree.NONE && left > 0 && claimed.size() + deleted.size() < count) {
        StreamId id = pending.id(p);
        left--;
        if (!entries.contains(id)) {
          group.acknowledge(id.ms(), id.seq());
          Keys.changedQuietly(ctx, args, 1);
          deleted.add(id);
          p = pending.ceiling(id.ms(), id.seq());
          continue;
        }
        if (terms.isIdle(group, p, ctx.nowMs())) {
          terms.take(group, p, consumer, ctx.nowMs());
          Keys.changedQuietly(ctx, args, 1);
          claimed.add(id);
        }
        p = pending.next(p);
      }
      StreamReply reply = new StreamReply(out);
      out.array(3);
      reply.id(p == IdTree.NONE ? StreamId.ZERO : pending.id(p));
      out.array(claimed.size());
      claimed.forEach(id -> terms.reply(reply, entries, id));
      out.array(deleted.size());
      deleted.forEach(reply::id);
    }
  }
}
