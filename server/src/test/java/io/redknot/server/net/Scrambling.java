package io.redknot.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Does to connections what encryption does: both ends greet each other first, and then send records
 * of scrambled bytes. Who connects without a greeting is understood as well, as by a second port.
 *
 * <pre>record: | length 2 | bytes, scrambled |</pre>
 */
final class Scrambling implements ChannelSecurity {
  private static final byte GREETING = 22;
  private static final int KEY = 0x5a;
  private static final int HEAD_BYTES = Short.BYTES;
  private static final int RECORD_BYTES_MAX = 1000;

  private final Map<Purpose, AtomicInteger> agreed = new EnumMap<>(Purpose.class);

  Scrambling() {
    for (Purpose purpose : Purpose.values()) {
      agreed.put(purpose, new AtomicInteger());
    }
  }

  /** Number of connections for this on which both ends have greeted. */
  int count(Purpose purpose) {
    return counter(purpose).get();
  }

  private AtomicInteger counter(Purpose purpose) {
    return Objects.requireNonNull(agreed.get(purpose));
  }

  /** The bytes of one record, one char a byte. */
  static String record(String text) {
    StringBuilder bytes = new StringBuilder();
    bytes.append((char) (text.length() >> 8)).append((char) (text.length() & 0xff));
    text.chars().forEach(letter -> bytes.append((char) (letter ^ KEY)));
    return bytes.toString();
  }

  @Override
  public boolean secure(Channel channel, Purpose purpose) {
    boolean accepted = purpose == Purpose.CLIENT || purpose == Purpose.BUS_ACCEPTED;
    channel.pipeline().addLast(new Codec(!accepted, counter(purpose)));
    return true;
  }

  private static final class Codec extends ChannelDuplexHandler {
    private record Write(ByteBuf bytes, ChannelPromise promise) {}

    private final boolean greetsFirst;
    private final AtomicInteger agreed;
    private final Deque<Write> early = new ArrayDeque<>();
    private boolean open;
    private boolean plain;
    private @Nullable ByteBuf kept;

    Codec(boolean greetsFirst, AtomicInteger agreed) {
      this.greetsFirst = greetsFirst;
      this.agreed = agreed;
    }

    private static void greet(ChannelHandlerContext ctx) {
      var _ = ctx.writeAndFlush(ctx.alloc().buffer(1).writeByte(GREETING));
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      if (greetsFirst) {
        greet(ctx);
      }
    }

    private void open(ChannelHandlerContext ctx, ByteBuf in) {
      open = true;
      plain = !greetsFirst && in.getByte(in.readerIndex()) != GREETING;
      if (!plain) {
        in.skipBytes(1);
        agreed.incrementAndGet();
        if (!greetsFirst) {
          greet(ctx);
        }
      }
      ctx.fireChannelActive();
      while (!early.isEmpty()) {
        Write next = early.remove();
        write(ctx, next.bytes, next.promise);
      }
      ctx.flush();
    }

    /** Keeps what it gets, rather than a copy, until a record is there as a whole. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf in = (ByteBuf) message;
      ByteBuf before = kept;
      if (before != null) {
        ByteBuf both = ctx.alloc().buffer(before.readableBytes() + in.readableBytes());
        both.writeBytes(before).writeBytes(in);
        before.release();
        in.release();
        in = both;
        kept = null;
      }
      if (!open) {
        open(ctx, in);
      }
      if (plain) {
        ctx.fireChannelRead(in);
        return;
      }
      while (in.readableBytes() >= HEAD_BYTES
          && in.readableBytes() - HEAD_BYTES >= in.getUnsignedShort(in.readerIndex())) {
        int length = in.readUnsignedShort();
        ctx.fireChannelRead(scrambled(ctx, in, length));
      }
      if (in.isReadable()) {
        kept = in;
      } else {
        in.release();
      }
    }

    private static ByteBuf scrambled(ChannelHandlerContext ctx, ByteBuf in, int length) {
      ByteBuf out = ctx.alloc().buffer(length);
      for (int i = 0; i < length; i++) {
        out.writeByte(in.readByte() ^ KEY);
      }
      return out;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      ByteBuf bytes = (ByteBuf) message;
      if (!open) {
        early.add(new Write(bytes, promise));
      } else if (plain || !bytes.isReadable()) {
        var _ = ctx.write(bytes, promise);
      } else {
        ByteBuf records = ctx.alloc().buffer();
        while (bytes.isReadable()) {
          int length = Math.min(RECORD_BYTES_MAX, bytes.readableBytes());
          records.writeShort(length);
          ByteBuf record = scrambled(ctx, bytes, length);
          records.writeBytes(record);
          record.release();
        }
        bytes.release();
        var _ = ctx.write(records, promise);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      if (kept != null) {
        kept.release();
        kept = null;
      }
      for (Write write : early) {
        write.bytes.release();
        write.promise.setFailure(new ClosedChannelException());
      }
      early.clear();
      if (open) {
        ctx.fireChannelInactive();
      }
    }
  }
}
