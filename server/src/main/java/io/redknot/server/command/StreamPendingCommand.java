package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.STREAM;
import static io.redknot.server.dispatch.CommandFlag.READONLY;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.storage.encoding.IdTree;
import io.redknot.storage.encoding.StreamId;
import io.redknot.storage.value.GroupPending;
import io.redknot.storage.value.StreamConsumer;
import io.redknot.storage.value.StreamGroup;

/** XPENDING: what a group has not acknowledged, in sum or one by one. */
final class StreamPendingCommand {
  private static final int SUMMARY_WORDS = 3;
  private static final int RANGE_WORDS_MIN = 6;
  private static final int RANGE_WORDS_MAX = 9;
  private static final int IDLE_WORDS_MIN = 8;
  private static final int FIRST_OPTION = 3;

  private StreamPendingCommand() {}

  static void register(CommandTable table) {
    table
        .add("xpending", -3, StreamPendingCommand::pending)
        .flags(READONLY)
        .in(STREAM)
        .keys(KeySpec.at(1, "RO access"))
        .tips("nondeterministic_output");
  }

  private static void pending(CommandContext ctx, Args args, RespWriter out) {
    if (args.count() == SUMMARY_WORDS) {
      StreamGroup group = StreamClaimCommands.group(args, StreamCommands.read(ctx, args, 1));
      summary(group, out);
      return;
    }
    if (args.count() < RANGE_WORDS_MIN || args.count() > RANGE_WORDS_MAX) {
      throw CommandError.SYNTAX;
    }
    Range range = Range.of(args);
    StreamGroup group = StreamClaimCommands.group(args, StreamCommands.read(ctx, args, 1));
    range.write(group, args, ctx.nowMs(), out);
  }

  private static void summary(StreamGroup group, RespWriter out) {
    GroupPending pending = group.pending();
    out.array(4);
    out.integer(pending.size());
    if (pending.size() == 0) {
      out.nullBulk();
      out.nullBulk();
      out.nullArray();
      return;
    }
    StreamReply reply = new StreamReply(out);
    reply.id(pending.id(pending.first()));
    reply.id(pending.id(pending.last()));
    long mark = out.mark();
    int busy = 0;
    for (StreamConsumer consumer : group.consumers()) {
      if (consumer.pending().size() > 0) {
        out.array(2);
        out.bulk(consumer.name());
        out.bulk(consumer.pending().size());
        busy++;
      }
    }
    out.arrayFrom(mark, busy);
  }

  /**
   * What is asked for.
   *
   * @param consumer index of a consumer's name; 0: of all consumers
   */
  private record Range(StreamId first, StreamId last, long count, long minIdleMs, int consumer) {
    static Range of(Args args) {
      int start = FIRST_OPTION;
      long minIdleMs = 0;
      if (args.is(start, "idle")) {
        if (!args.isLong(start + 1)) {
          throw CommandError.NOT_INTEGER;
        }
        minIdleMs = args.toLong(start + 1);
        if (args.count() < IDLE_WORDS_MIN) {
          throw CommandError.SYNTAX;
        }
        start += 2;
      }
      long count = StreamCommands.count(args, start + 2);
      StreamId first = StreamIds.rangeStart(args, start);
      StreamId last = StreamIds.rangeEnd(args, start + 1);
      return new Range(first, last, count, minIdleMs, args.count() > start + 3 ? start + 3 : 0);
    }

    void write(StreamGroup group, Args args, long nowMs, RespWriter out) {
      StreamConsumer of =
          consumer == 0
              ? null
              : group.consumer(args.array(), args.offset(consumer), args.length(consumer));
      if (consumer != 0 && of == null) {
        out.array(0);
        return;
      }
      GroupPending all = group.pending();
      IdTree owned = of == null ? null : of.pending();
      StreamReply reply = new StreamReply(out);
      long mark = out.mark();
      long written = 0;
      long ms = first.ms();
      long p = owned == null ? all.ceiling(ms, first.seq()) : owned.ceiling(ms, first.seq());
      for (; p != IdTree.NONE && written < count; p = owned == null ? all.next(p) : owned.next(p)) {
        long entry = owned == null ? p : all.find(owned.ms(p), owned.seq(p));
        if (all.id(entry).compareTo(last) > 0) {
          break;
        }
        long idleMs = nowMs - all.deliveredMs(entry);
        if (minIdleMs != 0 && idleMs < minIdleMs) {
          continue;
        }
        out.array(4);
        reply.id(all.id(entry));
        out.bulk(all.owner(entry).name());
        out.integer(Math.max(0, idleMs));
        out.integer(all.deliveries(entry));
        written++;
      }
      out.arrayFrom(mark, written);
    }
  }
}
