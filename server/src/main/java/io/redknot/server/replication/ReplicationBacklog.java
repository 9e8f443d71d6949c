package io.redknot.server.replication;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The last bytes of the replication stream: one copy of them for partial resynchronization and for
 * everybody who is still being sent them.
 *
 * <p>A position is the number of bytes of the stream before it: the stream's n-th byte has the
 * offset n in the protocol and the position n - 1 here. The bytes lie in chunks of one size:
 *
 * <pre>
 *   base              start                 end
 *   | chunk | chunk | ch....unk | chunk | ch....
 *                     |&lt;-- at most size --&gt;|
 * </pre>
 *
 * Chunks before the start are dropped unless a reader has not come so far. What was once written is
 * not written again, so that readers copy bytes without the lock.
 */
final class ReplicationBacklog {
  /** Is sent the stream from a position on. */
  interface Reader {
    /** Up to where it has taken the stream. */
    long position();

    /** There is more to take. Called with the backlog's lock; must neither wait nor take any. */
    void onMore();

    /** So many bytes of the stream wait for it. As {@link #onMore}, with every new chunk. */
    void onLag(long bytes);
  }

  static final int CHUNK_BYTES = 64 * 1024;
  private static final int INITIAL_CHUNKS = 4;

  /** Stands in places of the ring that have no chunk. */
  private static final byte[] FREE = {};

  @GuardedBy("this")
  private byte[][] chunks = ring(INITIAL_CHUNKS);

  /** Place of the first chunk in the ring, and how many there are. */
  @GuardedBy("this")
  private int first;

  @GuardedBy("this")
  private int count;

  /** Position of the first byte of the first chunk. */
  @GuardedBy("this")
  private long base;

  /** Position of the first byte that was ever put in. */
  @GuardedBy("this")
  private long origin;

  @GuardedBy("this")
  private long size;

  @GuardedBy("this")
  private boolean active;

  @GuardedBy("this")
  private final List<Reader> readers = new ArrayList<>();

  private volatile long end;

  ReplicationBacklog(long size) {
    this.size = size;
  }

  private static byte[][] ring(int places) {
    byte[][] ring = new byte[places][];
    Arrays.fill(ring, FREE);
    return ring;
  }

  /** How many bytes are kept for partial resynchronization. */
  synchronized void size(long bytes) {
    size = bytes;
    trim();
  }

  /** Begins anew at a position, with nothing behind it; readers are let go. */
  synchronized void begin(long position) {
    clear();
    active = true;
    base = position;
    origin = position;
    end = position;
  }

  /** Keeps nothing any more; the end stays where it is. */
  synchronized void close() {
    clear();
    active = false;
  }

  @GuardedBy("this")
  private void clear() {
    Arrays.fill(chunks, FREE);
    first = 0;
    count = 0;
    base = end;
    origin = end;
    readers.clear();
  }

  /** Whether there is one: without, nothing is counted. */
  synchronized boolean isActive() {
    return active;
  }

  /** Position behind the last byte: the replication offset. */
  long end() {
    return end;
  }

  /** Position of the oldest byte that is kept for whoever comes. */
  synchronized long start() {
    return Math.max(origin, end - size);
  }

  /** Bytes of memory held. */
  synchronized long heldBytes() {
    return (long) count * CHUNK_BYTES;
  }

  /** Appends bytes, which are borrowed. */
  synchronized void append(byte[] bytes, int offset, int length) {
    int from = offset;
    int left = length;
    boolean grown = false;
    long at = end;
    while (left > 0) {
      int within = (int) (at - base) & (CHUNK_BYTES - 1);
      int index = (int) ((at - base) / CHUNK_BYTES);
      if (index == count) {
        addChunk();
        grown = true;
      }
      int part = Math.min(left, CHUNK_BYTES - within);
      System.arraycopy(bytes, from, chunk(index), within, part);
      from += part;
      left -= part;
      at += part;
    }
    end = at;
    for (int i = 0; i < readers.size(); i++) {
      readers.get(i).onMore();
    }
    if (grown) {
      onGrowth();
    }
  }

  @GuardedBy("this")
  private void addChunk() {
    if (count == chunks.length) {
      byte[][] larger = ring(2 * count);
      for (int i = 0; i < count; i++) {
        larger[i] = chunk(i);
      }
      chunks = larger;
      first = 0;
    }
    chunks[(first + count) & (chunks.length - 1)] = new byte[CHUNK_BYTES];
    count++;
  }

  @GuardedBy("this")
  private byte[] chunk(int index) {
    return chunks[(first + index) & (chunks.length - 1)];
  }

  @GuardedBy("this")
  private void onGrowth() {
    for (int i = readers.size() - 1; i >= 0; i--) {
      Reader reader = readers.get(i);
      reader.onLag(end - reader.position());
    }
    trim();
  }

  @GuardedBy("this")
  private void trim() {
    long needed = Math.max(origin, end - size);
    for (int i = 0; i < readers.size(); i++) {
      needed = Math.min(needed, readers.get(i).position());
    }
    while (count > 0 && base + CHUNK_BYTES <= needed) {
      chunks[first] = FREE;
      first = (first + 1) & (chunks.length - 1);
      count--;
      base += CHUNK_BYTES;
    }
  }

  /** Whether the stream can be continued from a position. */
  synchronized boolean holds(long position) {
    return active && position >= start() && position <= end;
  }

  /** Keeps what is behind a reader's position until it has taken it, if it is there. */
  synchronized boolean add(Reader reader) {
    if (!active || reader.position() < Math.max(origin, base) || reader.position() > end) {
      return false;
    }
    readers.add(reader);
    return true;
  }

  /** Lets all readers go: what is appended from now on is not for them. */
  synchronized void removeAll() {
    readers.clear();
  }

  /** Lets a reader go. */
  synchronized void remove(Reader reader) {
    readers.remove(reader);
  }

  /**
   * Copies bytes of the stream from a reader's position on; nothing where it was let go.
   *
   * @param bytesMax at most so many
   * @return how many: 0 at the end, and up to the end of a chunk otherwise
   */
  int read(Reader reader, int bytesMax, ByteBuf target) {
    byte[] chunk;
    int within;
    int length;
    synchronized (this) {
      long position = reader.position();
      long behind = position - base;
      length = (int) Math.min(bytesMax, end - position);
      if (length <= 0 || behind < 0 || !readers.contains(reader)) {
        return 0;
      }
      within = (int) behind & (CHUNK_BYTES - 1);
      length = Math.min(length, CHUNK_BYTES - within);
      chunk = chunk((int) (behind / CHUNK_BYTES));
    }
    target.writeBytes(chunk, within, length);
    return length;
  }
}
