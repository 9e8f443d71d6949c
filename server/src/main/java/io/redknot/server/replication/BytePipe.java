package io.redknot.server.replication;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.redknot.storage.rdb.ByteSource;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Takes bytes from an event loop to a thread that may wait for them. The event loop never waits: it
 * is told when it has to pause.
 */
final class BytePipe implements ByteSource {
  /** Above, the sender pauses; below the half it may go on. */
  private static final int BYTES_MAX = 4 * 1024 * 1024;

  private final Runnable onRoom;

  @GuardedBy("this")
  private final ArrayDeque<byte[]> chunks = new ArrayDeque<>();

  @GuardedBy("this")
  private long bytes;

  @GuardedBy("this")
  private boolean paused;

  @GuardedBy("this")
  private boolean ended;

  @GuardedBy("this")
  private @Nullable String failure;

  // Of the reader.
  private byte[] current = {};
  private int position;

  /**
   * Makes an empty one.
   *
   * @param onRoom called by the reader when the sender may go on
   */
  BytePipe(Runnable onRoom) {
    this.onRoom = onRoom;
  }

  /** Puts bytes in, which are handed over; false where the sender is to pause. */
  synchronized boolean put(byte[] chunk) {
    chunks.add(chunk);
    bytes += chunk.length;
    paused = bytes > BYTES_MAX;
    notifyAll();
    return !paused;
  }

  /** Nothing more comes. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  /** Nothing more comes, though something is missing; who reads is told. */
  synchronized void fail(String reason) {
    if (!ended) {
      failure = reason;
      notifyAll();
    }
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (position == current.length) {
      byte[] next = take();
      if (next == null) {
        return -1;
      }
      current = next;
      position = 0;
    }
    int part = Math.min(length, current.length - position);
    System.arraycopy(current, position, target, offset, part);
    position += part;
    return part;
  }

  private byte @Nullable [] take() throws IOException {
    byte[] next;
    boolean room;
    synchronized (this) {
      next = await();
      bytes -= next == null ? 0 : next.length;
      room = paused && bytes < BYTES_MAX / 2;
      paused &= !room;
    }
    if (room) {
      onRoom.run();
    }
    return next;
  }

  @GuardedBy("this")
  private byte @Nullable [] await() throws IOException {
    try {
      while (chunks.isEmpty() && !ended && failure == null) {
        wait();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the server stops");
    }
    String reason = failure;
    if (reason != null) {
      throw new IOException(reason);
    }
    return chunks.poll();
  }
}
