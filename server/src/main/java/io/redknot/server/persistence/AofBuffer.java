package io.redknot.server.persistence;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.redknot.server.Clock;
import io.redknot.server.config.BoolSetting;
import io.redknot.server.replication.Propagator;
import io.redknot.storage.aof.AofWriter;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The stream of changes between those who make them and the thread that writes them to a file: cut
 * into pieces, which leave in the order in which they came.
 *
 * <p>Any thread. The lock here is taken under that of the stream, and none under it.
 */
final class AofBuffer implements Propagator.Sink {
  /** A piece is complete when it has so many bytes, or when it is fetched. */
  private static final int PIECE_BYTES = 256 * 1024;

  /** Bytes of one file, or the change to another file. */
  static final class Piece {
    private final byte[] bytes;
    private final int size;
    private final long end;
    private final @Nullable AofSwitch next;
    private final boolean last;

    private Piece(byte[] bytes, int size, long end, @Nullable AofSwitch next, boolean last) {
      this.bytes = bytes;
      this.size = size;
      this.end = end;
      this.next = next;
      this.last = last;
    }

    /** Holds the bytes from its beginning on; not copied. */
    byte[] bytes() {
      return bytes;
    }

    /** How many of the bytes count. */
    int size() {
      return size;
    }

    /** Where in the stream the piece ends. */
    long end() {
      return end;
    }

    /** To the file that what follows goes to; null: the same. */
    @Nullable AofSwitch next() {
      return next;
    }

    /** Whether nothing follows. */
    boolean last() {
      return last;
    }

    /** Whether it has no bytes, and says where those that follow go, if any do. */
    boolean isMark() {
      return last || next != null;
    }

    /** Nobody will write it, nor to the file that it names. */
    void discard() throws IOException {
      if (next != null) {
        next.discard();
      }
    }
  }

  private static final byte[] NOTHING = {};
  private static final int SPARES_MAX = 8;

  private final ReentrantLock lock = new ReentrantLock();
  private final Clock clock;
  private final BoolSetting timestamps;

  @GuardedBy("lock")
  private final AofWriter writer = new AofWriter();

  @GuardedBy("lock")
  private final Queue<Piece> pieces = new ArrayDeque<>();

  /** Arrays of pieces that were dealt with: in steady state no others are needed. */
  @GuardedBy("lock")
  private final Deque<byte[]> spares = new ArrayDeque<>(SPARES_MAX);

  private volatile long appended;
  private volatile boolean gap;
  private volatile Runnable onAppend = () -> {};

  /**
   * Makes an empty one.
   *
   * @param timestamps {@code aof-timestamp-enabled}
   */
  AofBuffer(Clock clock, BoolSetting timestamps) {
    this.clock = clock;
    this.timestamps = timestamps;
  }

  /** Who wants to know that there is something to fetch; it is called often and must be fast. */
  void onAppend(Runnable action) {
    onAppend = action;
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  public void append(int db, byte[] bytes, int offset, int length) {
    long seconds = timestamps.get() ? clock.nowMs() / 1000 : AofWriter.NO_TIME;
    lock.lock();
    try {
      int before = writer.size();
      writer.append(db, seconds, bytes, offset, length);
      appended += writer.size() - before;
      if (writer.size() >= PIECE_BYTES) {
        seal();
      }
    } finally {
      lock.unlock();
    }
    onAppend.run();
  }

  @GuardedBy("lock")
  private void seal() {
    if (writer.size() > 0) {
      pieces.add(new Piece(writer.array(), writer.size(), appended, null, false));
      byte[] spare = spares.pollLast();
      writer.continueIn(spare == null ? NOTHING : spare);
    }
  }

  @Override
  public void lost() {
    gap = true;
  }

  /** Whether something was changed that the stream lacks; tells once. */
  boolean takeGap() {
    boolean lacks = gap;
    if (lacks) {
      gap = false;
    }
    return lacks;
  }

  /** What follows goes to another file. Called where no change can be half told: see the caller. */
  void switchTo(AofSwitch next) {
    next.announce();
    mark(next, false);
  }

  /** Nothing follows. */
  void end() {
    mark(null, true);
  }

  private void mark(@Nullable AofSwitch next, boolean last) {
    lock.lock();
    try {
      seal();
      writer.beginFile();
      pieces.add(new Piece(NOTHING, 0, appended, next, last));
    } finally {
      lock.unlock();
    }
    onAppend.run();
  }

  /** Moves all that is there to a queue. */
  void fetch(Queue<Piece> target) {
    lock.lock();
    try {
      seal();
      target.addAll(pieces);
      pieces.clear();
    } finally {
      lock.unlock();
    }
  }

  /** Whether nothing is there. */
  boolean isEmpty() {
    lock.lock();
    try {
      return writer.size() == 0 && pieces.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Forgets what nobody has fetched; what follows begins a file. Nobody appends meanwhile. */
  void reset() throws IOException {
    Queue<Piece> left = new ArrayDeque<>();
    fetch(left);
    for (Piece piece : left) {
      piece.discard();
    }
  }

  /** Takes the array of a piece that has been dealt with, to be used again. */
  void recycle(byte[] bytes) {
    if (bytes.length > 2 * PIECE_BYTES) {
      return;
    }
    lock.lock();
    try {
      if (bytes.length > 0 && spares.size() < SPARES_MAX) {
        spares.addLast(bytes);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Where the stream ends: bytes since its beginning, over all files. */
  long appended() {
    return appended;
  }
}
