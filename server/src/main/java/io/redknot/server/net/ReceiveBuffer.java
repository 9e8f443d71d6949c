package io.redknot.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * Lets all connections of an event loop receive into one buffer.
 *
 * <p>That is possible because {@link ConnectionHandler} takes the bytes out before it returns. One
 * receive per readiness event: what did not fit makes the socket ready again at once.
 */
final class ReceiveBuffer implements RecvByteBufAllocator {
  /** Bytes that one receive may deliver. */
  static final int BYTES = 64 * 1024;

  private final ByteBuf buffer;

  ReceiveBuffer(ByteBuf buffer) {
    this.buffer = buffer;
  }

  void release() {
    buffer.release();
  }

  @Override
  @SuppressWarnings("deprecation") // the interface's only method; there is no other way in
  public Handle newHandle() {
    return new SharedHandle(buffer);
  }

  private static final class SharedHandle implements ExtendedHandle {
    private final ByteBuf buffer;
    private int lastBytes;
    private int attemptedBytes;

    SharedHandle(ByteBuf buffer) {
      this.buffer = buffer;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
      return buffer.clear().retain();
    }

    @Override
    public int guess() {
      return BYTES;
    }

    @Override
    public void reset(ChannelConfig config) {
      lastBytes = 0;
    }

    @Override
    public void incMessagesRead(int messages) {}

    @Override
    public void lastBytesRead(int bytes) {
      lastBytes = bytes;
    }

    @Override
    public int lastBytesRead() {
      return lastBytes;
    }

    @Override
    public void attemptedBytesRead(int bytes) {
      attemptedBytes = bytes;
    }

    @Override
    public int attemptedBytesRead() {
      return attemptedBytes;
    }

    @Override
    public boolean continueReading() {
      return false;
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
      return false;
    }

    @Override
    public void readComplete() {}
  }
}
