package io.redknot.server.replication;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A snapshot in a file, which replicas are sent from, each as fast as it takes it; perhaps while it
 * is still being written.
 *
 * <p>Who opens it uses it, and so does everybody who has called {@link #use}: the file is closed
 * when all of them have called {@link #close}. One thread writes, any thread reads.
 */
final class SnapshotFile {
  /** How far it is. */
  enum State {
    GROWING,
    WHOLE,
    /** The rest will never come. */
    BROKEN
  }

  private final FileChannel channel;
  private final AtomicInteger users = new AtomicInteger(1);
  private volatile State state;
  private volatile long size;

  private SnapshotFile(FileChannel channel, State state) throws IOException {
    this.channel = channel;
    this.state = state;
    this.size = channel.size();
  }

  /** Opens a file that is all there. */
  static SnapshotFile saved(Path path) throws IOException {
    return new SnapshotFile(FileChannel.open(path, StandardOpenOption.READ), State.WHOLE);
  }

  /** Makes an empty one that has no name any more: it is gone when the last user is, or dies. */
  static SnapshotFile unnamed(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE);
    return new SnapshotFile(channel, State.GROWING);
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes, others read
  void append(byte[] bytes, int offset, int length) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(bytes, offset, length);
    while (rest.hasRemaining()) {
      var _ = channel.write(rest);
    }
    size += length;
  }

  /** Nothing more is written. */
  void end(State as) {
    state = as;
  }

  State state() {
    return state;
  }

  /** Bytes that can be read. */
  long size() {
    return size;
  }

  /** Reads into a buffer that has room for it; how many bytes. */
  int read(long position, int length, ByteBuf target) throws IOException {
    return target.writeBytes(channel, position, length);
  }

  void use() {
    users.incrementAndGet();
  }

  void close() throws IOException {
    if (users.decrementAndGet() == 0) {
      channel.close();
    }
  }
}
