package io.redknot.storage.rdb;

import io.redknot.storage.encoding.DecimalText;
import io.redknot.storage.encoding.DoubleText;
import io.redknot.storage.memory.Bytes;
import java.io.IOException;
import java.util.Arrays;

/**
 * Numbers and strings of RDB from a source that may hold anything, through a buffer and a running
 * checksum.
 *
 * <p>No length is trusted: of a long string as much is allocated as has arrived, and what is
 * compressed can only be so much larger. Source: {@link RdbFormat}.
 */
public final class RdbInput {
  private static final int BUFFER_BYTES = 64 * 1024;

  /** So much of a string is allocated before any of it has arrived. */
  private static final int TRUSTED_BYTES = BUFFER_BYTES;

  /** No back-reference of LZF makes more of its three bytes. */
  private static final int EXPANSION_MAX = 264 / 3 + 1;

  private static final int STRING_BYTES_MAX = Integer.MAX_VALUE - 64;

  private static final byte[] NOTHING = {};

  private final ByteSource source;
  private final byte[] buffer;
  private final boolean inMemory;
  private int at;
  private int end;
  private long crc;

  /** Bytes before {@link #at} that the checksum covers end here. */
  private int summed;

  private long before;

  /** Where in the buffer that begins which is kept and not copied yet; -1: nothing is kept. */
  private int capturedFrom = -1;

  private byte[] captured = NOTHING;
  private int capturedBytes;

  /** Begins a stream. */
  public RdbInput(ByteSource source) {
    this.source = source;
    this.buffer = new byte[BUFFER_BYTES];
    this.inMemory = false;
  }

  /** Reads from memory; the bytes are borrowed and not changed. */
  public RdbInput(byte[] bytes, int offset, int length) {
    this.source = (target, from, count) -> -1;
    this.buffer = bytes;
    this.inMemory = true;
    this.at = offset;
    this.summed = offset;
    this.end = offset + length;
    this.before = -offset;
  }

  /** Bytes read so far. */
  public long position() {
    return before + at;
  }

  /** The checksum of what was read so far. */
  public long checksum() {
    crc = Crc64.update(crc, buffer, summed, at - summed);
    summed = at;
    return crc;
  }

  private static RdbException truncated() {
    return new RdbException("the data ends too early");
  }

  /** Makes sure that so many bytes, at most a buffer's, are there. */
  private void need(int bytes) throws IOException {
    if (end - at < bytes) {
      fill(bytes);
    }
  }

  private void fill(int bytes) throws IOException {
    if (inMemory) {
      throw truncated();
    }
    var _ = checksum();
    if (capturedFrom >= 0) {
      capture();
      capturedFrom = 0;
    }
    System.arraycopy(buffer, at, buffer, 0, end - at);
    before += at;
    end -= at;
    at = 0;
    summed = 0;
    while (end < bytes) {
      int read = source.read(buffer, end, buffer.length - end);
      if (read < 0) {
        throw truncated();
      }
      end += read;
    }
  }

  /** One byte. */
  public int u8() throws IOException {
    need(1);
    return buffer[at++] & 0xff;
  }

  /** Two bytes, little-endian. */
  public int u16() throws IOException {
    need(Short.BYTES);
    at += Short.BYTES;
    return Bytes.getShort(buffer, at - Short.BYTES);
  }

  /** Four bytes, little-endian. */
  public int i32() throws IOException {
    need(Integer.BYTES);
    at += Integer.BYTES;
    return Bytes.getInt(buffer, at - Integer.BYTES);
  }

  /** Eight bytes, little-endian. */
  public long i64() throws IOException {
    need(Long.BYTES);
    at += Long.BYTES;
    return Bytes.getLong(buffer, at - Long.BYTES);
  }

  /** Eight bytes, big-endian. */
  public long i64BigEndian() throws IOException {
    return Long.reverseBytes(i64());
  }

  /**
   * A length, unsigned.
   *
   * @throws RdbException where something else stands there
   */
  public long length() throws IOException {
    return length(u8());
  }

  private long length(int first) throws IOException {
    if (first < RdbFormat.LENGTH_14_BITS) {
      return first;
    }
    if (first < RdbFormat.LENGTH_32_BITS) {
      int high = (first & 0x3f) << Byte.SIZE;
      return high | u8();
    }
    return switch (first) {
      case RdbFormat.LENGTH_32_BITS -> Integer.reverseBytes(i32()) & 0xffff_ffffL;
      case RdbFormat.LENGTH_64_BITS -> Long.reverseBytes(i64());
      default -> throw new RdbException("no length begins with byte " + first);
    };
  }

  /**
   * A length that counts elements.
   *
   * @throws RdbException where it is greater than any array
   */
  public int count() throws IOException {
    long count = length();
    if (count < 0 || count > STRING_BYTES_MAX) {
      throw new RdbException("a collection of " + Long.toUnsignedString(count) + " elements");
    }
    return (int) count;
  }

  /** A string; the bytes are the caller's. */
  public byte[] string() throws IOException {
    int first = u8();
    return switch (first) {
      case RdbFormat.STRING_INT8 -> text((byte) u8());
      case RdbFormat.STRING_INT16 -> text((short) u16());
      case RdbFormat.STRING_INT32 -> text(i32());
      case RdbFormat.STRING_LZF -> compressed();
      default -> bytes(stringLength(length(first)));
    };
  }

  private static byte[] text(long value) {
    byte[] text = new byte[DecimalText.length(value)];
    DecimalText.write(value, text, 0);
    return text;
  }

  private static int stringLength(long length) throws RdbException {
    if (length < 0 || length > STRING_BYTES_MAX) {
      throw new RdbException("a string of " + Long.toUnsignedString(length) + " bytes");
    }
    return (int) length;
  }

  private byte[] compressed() throws IOException {
    int shorter = stringLength(length());
    int length = stringLength(length());
    if (length > (long) shorter * EXPANSION_MAX) {
      throw new RdbException("a compressed string that no " + shorter + " bytes can hold");
    }
    byte[] packed = bytes(shorter);
    byte[] bytes = new byte[length];
    if (!Lzf.decompress(packed, 0, shorter, bytes)) {
      throw new RdbException("a compressed string is damaged");
    }
    return bytes;
  }

  /** That many bytes; the array grows as they arrive. */
  private byte[] bytes(int length) throws IOException {
    if (inMemory && length > end - at) {
      throw truncated();
    }
    byte[] bytes = new byte[inMemory ? length : Math.min(length, TRUSTED_BYTES)];
    int read = 0;
    while (read < length) {
      if (read == bytes.length) {
        bytes = Arrays.copyOf(bytes, (int) Math.min(length, 2L * read));
      }
      need(1);
      int part = Math.min(end - at, bytes.length - read);
      System.arraycopy(buffer, at, bytes, read, part);
      at += part;
      read += part;
    }
    return bytes;
  }

  /** A double as the text that old versions wrote; NaN where it is none. */
  public double doubleText() throws IOException {
    int length = u8();
    return switch (length) {
      case RdbFormat.DOUBLE_NAN -> Double.NaN;
      case RdbFormat.DOUBLE_INFINITE -> Double.POSITIVE_INFINITY;
      case RdbFormat.DOUBLE_NEGATIVE_INFINITE -> Double.NEGATIVE_INFINITY;
      default -> {
        byte[] text = bytes(length);
        yield DoubleText.read(text, 0, length);
      }
    };
  }

  /** From now on keeps what is read or passed over. */
  void beginCapture() {
    capturedFrom = at;
    capturedBytes = 0;
  }

  private void capture() {
    int more = at - capturedFrom;
    int needed = Math.addExact(capturedBytes, more);
    if (needed > captured.length) {
      captured = Arrays.copyOf(captured, (int) Math.min(STRING_BYTES_MAX, 2L * needed));
    }
    System.arraycopy(buffer, capturedFrom, captured, capturedBytes, more);
    capturedBytes = needed;
  }

  /** What was kept, as an array of its own. */
  byte[] endCapture() {
    byte[] bytes;
    if (capturedBytes == 0) {
      bytes = Arrays.copyOfRange(buffer, capturedFrom, at);
    } else {
      capture();
      bytes = Arrays.copyOf(captured, capturedBytes);
      if (captured.length > TRUSTED_BYTES) {
        captured = NOTHING;
      }
    }
    capturedFrom = -1;
    return bytes;
  }

  /** Passes over a string. */
  void skipString() throws IOException {
    int first = u8();
    switch (first) {
      case RdbFormat.STRING_INT8 -> skip(Byte.BYTES);
      case RdbFormat.STRING_INT16 -> skip(Short.BYTES);
      case RdbFormat.STRING_INT32 -> skip(Integer.BYTES);
      case RdbFormat.STRING_LZF -> {
        long shorter = length();
        var _ = length();
        skip(stringLength(shorter));
      }
      default -> skip(stringLength(length(first)));
    }
  }

  /** Passes over bytes. */
  public void skip(long length) throws IOException {
    long left = length;
    while (left > 0) {
      need(1);
      int part = (int) Math.min(end - at, left);
      at += part;
      left -= part;
    }
  }
}
