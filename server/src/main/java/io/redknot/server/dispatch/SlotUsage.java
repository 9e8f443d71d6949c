package io.redknot.server.dispatch;

import io.redknot.protocol.Args;
import io.redknot.server.config.BoolSetting;
import io.redknot.server.net.ReplyMode;
import io.redknot.server.replication.Effects;
import io.redknot.server.stats.SlotStats;
import io.redknot.server.stats.SlotStats.Figure;

/**
 * Counts what commands cost the slots of their keys, as Valkey does: a transaction's time as that
 * of EXEC, and its requests one by one. Costs one read while it is off.
 *
 * <p>Any thread.
 */
final class SlotUsage {
  /** MULTI, which comes before any slot is known. */
  private static final long MULTI_BYTES = Args.ofText("multi").encodedBytes();

  private final BoolSetting enabled;
  private final SlotStats stats;

  SlotUsage(BoolSetting enabled, SlotStats stats) {
    this.enabled = enabled;
    this.stats = stats;
  }

  private boolean counts(CommandContext ctx) {
    return enabled.get() && ctx.slot() != CommandContext.NO_SLOT;
  }

  /** A command ran, for so many nanoseconds. */
  void ran(CommandContext ctx, long tookNanos) {
    if (counts(ctx) && !ctx.inTransaction()) {
      stats.add(ctx.slot(), Figure.TIME, tookNanos);
    }
  }

  /** A request was executed or queued, and answered unless it waits. */
  void served(CommandContext ctx, CommandSpec spec, Args args, long replyBytes) {
    if (!counts(ctx)) {
      return;
    }
    long bytes = args.encodedBytes() + (spec.isTreated(Treatment.EXEC) ? MULTI_BYTES : 0);
    stats.add(ctx.slot(), Figure.BYTES_IN, bytes);
    if (ctx.session().replyMode() == ReplyMode.ON) {
      sent(ctx, replyBytes);
    }
  }

  /** A reply was sent. */
  void sent(CommandContext ctx, long bytes) {
    if (counts(ctx)) {
      stats.add(ctx.slot(), Figure.BYTES_OUT, bytes);
    }
  }

  /** Changes are about to be sent to replicas. */
  void replicated(CommandContext ctx, Effects effects) {
    if (counts(ctx)) {
      int replicas = ctx.server().replication().replicas().size();
      stats.add(ctx.slot(), Figure.BYTES_OUT, replicas * effects.streamBytes());
    }
  }
}
