package io.redknot.server.command;

import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.storage.encoding.ElementVisitor;
import io.redknot.storage.value.RandomElements;

/**
 * The elements that HRANDFIELD and SRANDMEMBER with a count answer with.
 *
 * @param ref of a hash or set; 0 where there is none
 * @param repeated whether an element may be there several times
 * @param count how many
 */
record RandomPicks(CommandContext ctx, long ref, boolean repeated, long count) {
  /**
   * As a {@link PickCount} asks for them.
   *
   * @param there number of elements that the hash or set has
   */
  static RandomPicks of(CommandContext ctx, long ref, long wanted, int there) {
    long count = there == 0 ? 0 : wanted < 0 ? -wanted : Math.min(wanted, there);
    return new RandomPicks(ctx, ref, wanted < 0, count);
  }

  /** Writes them by a visitor that writes to this writer. */
  void write(RespWriter out, ElementVisitor visitor) {
    if (count == 0) {
      return;
    }
    if (repeated) {
      PickLimit limit = new PickLimit(ctx, out, count);
      RandomElements.repeated(ctx.keyspace(), ref, count, limit.of(visitor));
    } else {
      RandomElements.distinct(ctx.keyspace(), ref, (int) count, visitor);
    }
  }
}
