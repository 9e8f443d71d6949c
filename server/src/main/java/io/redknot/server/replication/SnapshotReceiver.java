package io.redknot.server.replication;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Cuts a snapshot out of what a primary sends: so many bytes, or all before a mark, behind which
 * nothing comes until the end is acknowledged. On the link's event loop.
 */
final class SnapshotReceiver {
  private static final int MARK_BYTES = ReplicationId.LENGTH;
  private static final long UNKNOWN = -1;

  private final BytePipe pipe;
  private final long length;
  private final byte[] mark;

  /** The last bytes before the end, which may be the mark: they are not handed on yet. */
  private byte[] tail = {};

  private volatile long received;

  private SnapshotReceiver(BytePipe pipe, long length, byte[] mark) {
    this.pipe = pipe;
    this.length = length;
    this.mark = mark;
  }

  static SnapshotReceiver ofLength(BytePipe pipe, long length) {
    return new SnapshotReceiver(pipe, length, new byte[0]);
  }

  static SnapshotReceiver upToMark(BytePipe pipe, String mark) {
    return new SnapshotReceiver(pipe, UNKNOWN, mark.getBytes(StandardCharsets.ISO_8859_1));
  }

  static boolean isMark(String text) {
    return text.length() == MARK_BYTES;
  }

  /** Whether a mark ends it. */
  boolean hasMark() {
    return length == UNKNOWN;
  }

  /** Bytes of the snapshot; 0 where they are not known. */
  long totalBytes() {
    return Math.max(0, length);
  }

  long receivedBytes() {
    return received;
  }

  /** What becomes of bytes. */
  enum Outcome {
    /** More are to come. */
    MORE,
    /** More are to come, later: the reader is not so fast. */
    PAUSE,
    /** The snapshot is complete; what is left does not belong to it. */
    COMPLETE
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes, others read
  Outcome accept(ByteBuf in) {
    int readable = in.readableBytes();
    if (hasMark()) {
      received += readable;
      return acceptMarked(in, readable);
    }
    int part = (int) Math.min(readable, length - received);
    byte[] chunk = new byte[part];
    in.readBytes(chunk);
    received += part;
    boolean room = pipe.put(chunk);
    if (received == length) {
      pipe.end();
      return Outcome.COMPLETE;
    }
    return room ? Outcome.MORE : Outcome.PAUSE;
  }

  private Outcome acceptMarked(ByteBuf in, int readable) {
    byte[] all = Arrays.copyOf(tail, tail.length + readable);
    in.readBytes(all, tail.length, readable);
    int kept = Math.min(MARK_BYTES, all.length);
    tail = Arrays.copyOfRange(all, all.length - kept, all.length);
    boolean room = true;
    if (all.length > kept) {
      room = pipe.put(Arrays.copyOf(all, all.length - kept));
    }
    if (Arrays.equals(tail, mark)) {
      pipe.end();
      return Outcome.COMPLETE;
    }
    return room ? Outcome.MORE : Outcome.PAUSE;
  }
}
