package io.redknot.server.command;

import io.redknot.protocol.AsciiNumbers;
import io.redknot.protocol.RespWriter;
import io.redknot.storage.encoding.EntryVisitor;
import io.redknot.storage.encoding.StreamCursor;
import io.redknot.storage.encoding.StreamEntries;
import io.redknot.storage.encoding.StreamId;

/** Writes ids and entries of streams. One is made for a command. */
final class StreamReply implements EntryVisitor {
  private static final int ID_BYTES_MAX = 2 * AsciiNumbers.LONG_TEXT_MAX + 1;
  private static final int LAST_DIGIT = 10;

  private final RespWriter out;
  private final byte[] idText = new byte[ID_BYTES_MAX];

  StreamReply(RespWriter out) {
    this.out = out;
  }

  void id(StreamId id) {
    id(id.ms(), id.seq());
  }

  void id(long ms, long seq) {
    int length = unsigned(ms, 0);
    idText[length++] = '-';
    length += unsigned(seq, length);
    out.bulk(idText, 0, length);
  }

  private int unsigned(long value, int at) {
    if (value >= 0) {
      return AsciiNumbers.write(value, idText, at);
    }
    long tenth = Long.divideUnsigned(value, LAST_DIGIT);
    int length = AsciiNumbers.write(tenth, idText, at);
    idText[at + length] = (byte) ('0' + (value - tenth * LAST_DIGIT));
    return length + 1;
  }

  /** Writes a cursor's current entry: its id, then fields and values. */
  void entry(StreamCursor cursor) {
    out.array(2);
    id(cursor.ms(), cursor.seq());
    out.array(2L * cursor.fields());
    cursor.visit(this);
  }

  /**
   * Writes the entries that a cursor goes on to, as an array.
   *
   * @param most how many at most; 0: all
   */
  void entries(StreamCursor cursor, long most) {
    long mark = out.mark();
    long written = 0;
    while ((most == 0 || written < most) && cursor.next()) {
      entry(cursor);
      written++;
    }
    out.arrayFrom(mark, written);
  }

  /** Writes the entry of an id; false, and nothing written, where there is none. */
  boolean entry(StreamEntries entries, StreamId id) {
    StreamCursor cursor = entries.cursor(id, id, false);
    boolean found = cursor.next();
    if (found) {
      entry(cursor);
    }
    return found;
  }

  @Override
  public void text(byte[] array, int offset, int length) {
    out.bulk(array, offset, length);
  }

  @Override
  public void integer(long value) {
    out.bulk(value);
  }
}
