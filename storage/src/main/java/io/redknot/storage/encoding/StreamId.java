package io.redknot.storage.encoding;

/**
 * The id of a stream's entry: 128 bits, of which both halves are unsigned.
 *
 * @param ms milliseconds since 1970, or whatever the client says instead
 * @param seq tells entries of the same millisecond apart
 */
public record StreamId(long ms, long seq) implements Comparable<StreamId> {
  /** The least id, which no entry has: it stands for none. */
  public static final StreamId ZERO = new StreamId(0, 0);

  /** The greatest id. */
  public static final StreamId MAX = new StreamId(-1, -1);

  /** Compares two ids. */
  public static int compare(long ms, long seq, long otherMs, long otherSeq) {
    return ms == otherMs ? Long.compareUnsigned(seq, otherSeq) : Long.compareUnsigned(ms, otherMs);
  }

  @Override
  public int compareTo(StreamId other) {
    return compare(ms, seq, other.ms, other.seq);
  }

  /** Whether this is the least id. */
  public boolean isZero() {
    return ms == 0 && seq == 0;
  }

  /** Whether this is the greatest id. */
  public boolean isMax() {
    return ms == -1 && seq == -1;
  }

  /** The id that follows; the least one behind the greatest. */
  public StreamId next() {
    return new StreamId(seq == -1 ? ms + 1 : ms, seq + 1);
  }

  /** The id before; the greatest one before the least. */
  public StreamId previous() {
    return new StreamId(seq == 0 ? ms - 1 : ms, seq - 1);
  }

  @Override
  public String toString() {
    return Long.toUnsignedString(ms) + '-' + Long.toUnsignedString(seq);
  }
}
