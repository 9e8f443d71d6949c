package io.redknot.server.command;

import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import java.util.List;

/** The part of the sorted elements that is asked for, and what is told of each. */
final class SortResult {
  private static final byte[] NOTHING = {};

  private final CommandContext ctx;
  private final SortElements elements;
  private final int[] order;
  private final int first;
  private final int end;

  SortResult(CommandContext ctx, SortElements elements, int[] order, int first, int end) {
    this.ctx = ctx;
    this.elements = elements;
    this.order = order;
    this.first = first;
    this.end = end;
  }

  /** Writes the reply. */
  void write(List<SortPattern> gets, RespWriter out) {
    out.array((long) (end - first) * Math.max(1, gets.size()));
    Replies replies = new Replies(out);
    for (int i = first; i < end; i++) {
      int element = order[i];
      if (gets.isEmpty()) {
        out.bulk(elements.array(), elements.offset(element), elements.length(element));
      }
      for (SortPattern get : gets) {
        get.find(ctx, elements, element, replies);
      }
    }
  }

  private record Replies(RespWriter out) implements SortPattern.Sink {
    @Override
    public void text(byte[] array, int offset, int length) {
      out.bulk(array, offset, length);
    }

    @Override
    public void integer(long value) {
      out.bulk(value);
    }

    @Override
    public void nothing() {
      out.nullBulk();
    }
  }

  /** Collects what the reply would be; what is missing as an empty text. */
  SortElements collect(List<SortPattern> gets) {
    SortElements collected = new SortElements();
    Collector collector = new Collector(collected);
    for (int i = first; i < end; i++) {
      int element = order[i];
      if (gets.isEmpty()) {
        collected.add(elements.array(), elements.offset(element), elements.length(element));
      }
      for (SortPattern get : gets) {
        get.find(ctx, elements, element, collector);
      }
    }
    return collected;
  }

  private record Collector(SortElements into) implements SortPattern.Sink {
    @Override
    public void text(byte[] array, int offset, int length) {
      into.add(array, offset, length);
    }

    @Override
    public void integer(long value) {
      into.add(value);
    }

    @Override
    public void nothing() {
      into.add(NOTHING, 0, 0);
    }
  }
}
