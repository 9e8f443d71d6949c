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
import io.redknot.storage.value.GroupPending;
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
      return minIdleMs == 0 || nowMs - group.pending().deliveredMs(pending) >= minIdleMs;
    }

    void take(StreamGroup group, long pending, StreamConsumer consumer, long nowMs) {
      long count = group.pending().deliveries(pending);
      group.give(pending, consumer);
      group
          .pending()
          .delivered(
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
    boolean advances = options.lastId.compareTo(group.last()) > 0;
    if (advances && stream != null && ctx.session().replays()) {
      // Told of what was delivered as new: the group has read it.
      stream.advance(group, options.lastId.ms(), options.lastId.seq());
    } else if (advances) {
      group.last(options.lastId);
    }
    StreamEffects effects = new StreamEffects(ctx, args, 1, GROUP);
    boolean isNew = StreamGroupCommands.find(args, group, CONSUMER) == null;
    StreamConsumer consumer = StreamGroupCommands.consumer(ctx, args, 1, group, CONSUMER);
    if (stream == null) {
      return;
    }
    Claim claim = new Claim(ctx, args, stream.entries(), group, consumer, effects);
    long told = claim.run(options, out);
    if (isNew && consumer.pending().size() == 0) {
      effects.consumer(consumer);
    }
    if (advances) {
      effects.read(group);
    }
    if (advances && told == 0) {
      Keys.changedAside(ctx);
    }
  }

  private record Claim(
      CommandContext ctx,
      Args args,
      StreamEntries entries,
      StreamGroup group,
      StreamConsumer consumer,
      StreamEffects effects) {
    /** Claims the entries named and writes them; how many were claimed or dropped. */
    long run(ClaimOptions options, RespWriter out) {
      Terms terms = options.terms();
      StreamReply reply = new StreamReply(out);
      long mark = out.mark();
      int claimed = 0;
      int dropped = 0;
      for (int i = FIRST_ID; i < options.firstOption; i++) {
        StreamId id = StreamIds.of(args, i);
        if (!entries.contains(id)) {
          dropped += drop(id, i) ? 1 : 0;
          continue;
        }
        long pending = group.pending().find(id.ms(), id.seq());
        if (pending == IdTree.NONE && terms.force()) {
          pending = group.addPending(id.ms(), id.seq(), consumer, ctx.nowMs());
        } else if (pending == IdTree.NONE || !terms.isIdle(group, pending, ctx.nowMs())) {
          continue;
        }
        take(terms, pending, i);
        terms.reply(reply, entries, id);
        claimed++;
      }
      out.arrayFrom(mark, claimed);
      return (long) claimed + dropped;
    }

    /** Gives a pending entry to the consumer; its id is told as the argument has it. */
    void take(Terms terms, long pending, int argument) {
      terms.take(group, pending, consumer, ctx.nowMs());
      effects.pending(group, pending, argument);
      Keys.changedAside(ctx);
    }

    /** An entry that is not there any more is no longer pending; whether it was. */
    boolean drop(StreamId id, int argument) {
      long pending = group.pending().find(id.ms(), id.seq());
      if (pending == IdTree.NONE) {
        return false;
      }
      effects.pending(group, pending, argument);
      Keys.changedAside(ctx);
      return group.acknowledge(id.ms(), id.seq());
    }
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
    // That there is no key is told even where the arguments are wrong.
    long ref = Keys.read(ctx, args, 1);
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
    StreamValue stream = StreamCommands.toChange(ctx, ref);
    StreamGroup group = group(args, stream);
    StreamEffects effects = new StreamEffects(ctx, args, 1, GROUP);
    boolean isNew = StreamGroupCommands.find(args, group, CONSUMER) == null;
    StreamConsumer consumer = StreamGroupCommands.consumer(ctx, args, 1, group, CONSUMER);
    Terms terms = new Terms(minIdleMs, ctx.nowMs(), NOT_GIVEN, false, onlyIds);
    if (stream == null) {
      return;
    }
    Claim claim = new Claim(ctx, args, stream.entries(), group, consumer, effects);
    new AutoClaim(claim, terms).run(start, count, out);
    if (isNew && consumer.pending().size() == 0) {
      effects.consumer(consumer);
    }
  }

  private record AutoClaim(Claim claim, Terms terms) {
    void run(StreamId start, long count, RespWriter out) {
      StreamGroup group = claim.group();
      GroupPending pending = group.pending();
      List<StreamId> claimed = new ArrayList<>();
      List<StreamId> deleted = new ArrayList<>(0);
      long p = pending.ceiling(start.ms(), start.seq());
      long left = count * LOOKED_AT_FACTOR;
      while (p != IdTree.NONE && left > 0 && claimed.size() + deleted.size() < count) {
        StreamId id = pending.id(p);
        left--;
        if (!claim.entries().contains(id)) {
          claim.drop(id, StreamEffects.NO_ARGUMENT);
          deleted.add(id);
          p = pending.ceiling(id.ms(), id.seq());
          continue;
        }
        if (terms.isIdle(group, p, claim.ctx().nowMs())) {
          claim.take(terms, p, StreamEffects.NO_ARGUMENT);
          claimed.add(id);
        }
        p = pending.next(p);
      }
      StreamReply reply = new StreamReply(out);
      out.array(3);
      reply.id(p == IdTree.NONE ? StreamId.ZERO : pending.id(p));
      out.array(claimed.size());
      claimed.forEach(id -> terms.reply(reply, claim.entries(), id));
      out.array(deleted.size());
      deleted.forEach(reply::id);
    }
  }
}
