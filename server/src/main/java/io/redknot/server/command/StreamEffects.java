package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.replication.Effects;
import io.redknot.storage.encoding.StreamId;
import io.redknot.storage.value.StreamConsumer;
import io.redknot.storage.value.StreamGroup;

/**
 * What is told of a consumer group in the stream of changes: not what was asked for, but which
 * entries are pending with whom since then.
 */
final class StreamEffects {
  static final int NO_ARGUMENT = 0;

  private final CommandContext ctx;
  private final Args args;
  private final int key;
  private final int group;

  /**
   * For a command of which nothing else is told.
   *
   * @param key the argument that is the stream
   * @param group the argument that is the group's name
   */
  StreamEffects(CommandContext ctx, Args args, int key, int group) {
    this.ctx = ctx;
    this.args = args;
    this.key = key;
    this.group = group;
    ctx.propagateNothing();
  }

  /** The consumer is there. */
  void consumer(StreamConsumer consumer) {
    if (ctx.isPropagated()) {
      ctx.propagateAs("XGROUP")
          .word("CREATECONSUMER")
          .word(args, key)
          .word(args, group)
          .word(consumer.name());
    }
  }

  /**
   * An entry is pending as the group has it; where there is no such entry any more, it is not.
   *
   * @param pending its place among those that are pending
   * @param id the argument that is its id, or {@link #NO_ARGUMENT}
   */
  void pending(StreamGroup of, long pending, int id) {
    if (ctx.isPropagated()) {
      Effects effects =
          ctx.propagateAs("XCLAIM")
              .word(args, key)
              .word(args, group)
              .word(of.pending().owner(pending).name())
              .word(0);
      if (id == NO_ARGUMENT) {
        effects.word(of.pending().id(pending).toString());
      } else {
        effects.word(args, id);
      }
      effects
          .word("TIME")
          .word(of.pending().deliveredMs(pending))
          .word("RETRYCOUNT")
          .word(of.pending().deliveries(pending))
          .word("FORCE")
          .word("JUSTID")
          .word("LASTID")
          .word(of.last().toString());
    }
  }

  /** An entry is pending as the group has it. */
  void pending(StreamGroup of, StreamId id) {
    pending(of, of.pending().find(id.ms(), id.seq()), NO_ARGUMENT);
  }

  /** How far the group has read. */
  void read(StreamGroup of) {
    if (ctx.isPropagated()) {
      ctx.propagateAs("XGROUP")
          .word("SETID")
          .word(args, key)
          .word(args, group)
          .word(of.last().toString())
          .word("ENTRIESREAD")
          .word(of.entriesRead());
    }
  }
}
