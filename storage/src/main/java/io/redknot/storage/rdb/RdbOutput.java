package io.redknot.storage.rdb;

import io.redknot.storage.encoding.DecimalText;
import io.redknot.storage.memory.Bytes;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Numbers and strings of RDB on their way to a sink, through a buffer and a running checksum; or
 * collected in memory, where nothing is written before {@link #drainTo}.
 *
 * <p>Source: {@link RdbFormat}.
 */
public final class RdbOutput {
  private static final int BUFFER_BYTES = 64 * 1024;

  /** What a collection in memory begins with, and keeps when it was drained. */
  private static final int MEMORY_BYTES = 512;

  private static final int MEMORY_KEPT_BYTES_MAX = 256 * 1024;

  /** Strings beyond this go to the sink past the buffer. */
  private static final int BUFFERED_BYTES_MAX = 16 * 1024;

  /** Longer strings are written as they are: compressing them would hold everybody up. */
  private static final int COMPRESSED_BYTES_MAX = 16 * 1024 * 1024;

  private static final int NUMBER_BYTES_MAX = 9;

  /** Its table has many times the size of most strings, so that few threads share few of them. */
  private static final ThreadLocal<Lzf> LZF = ThreadLocal.withInitial(Lzf::new);

  private final @Nullable ByteSink sink;
  private final boolean compress;
  private final boolean checksum;
  private byte[] buffer;
  private byte[] compressed = {};
  private int end;
  private long crc;
  private long flushed;

  /**
   * Begins a stream.
   *
   * @param compress whether long strings are compressed
   * @param checksum whether the checksum is computed; {@link #checksum} is 0 otherwise
   */
  public RdbOutput(ByteSink sink, boolean compress, boolean checksum) {
    this(sink, compress, checksum, BUFFER_BYTES);
  }

  private RdbOutput(@Nullable ByteSink sink, boolean compress, boolean checksum, int bufferBytes) {
    this.sink = sink;
    this.compress = compress;
    this.checksum = checksum;
    this.buffer = new byte[bufferBytes];
  }

  /** Collects in memory, without a checksum; nothing throws but for want of memory. */
  public static RdbOutput inMemory(boolean compress) {
    return inMemory(compress, MEMORY_BYTES);
  }

  /**
   * As {@link #inMemory(boolean)}.
   *
   * @param bytes that it has room for before it grows
   */
  public static RdbOutput inMemory(boolean compress, int bytes) {
    return new RdbOutput(null, compress, false, bytes);
  }

  /** Bytes written so far. */
  public long size() {
    return flushed + end;
  }

  /** Bytes in the buffer, not handed to a sink yet. */
  public int buffered() {
    return end;
  }

  private void room(int bytes) throws IOException {
    if (buffer.length - end < bytes) {
      if (sink != null) {
        flush(sink);
      } else {
        long wanted = Math.max(2L * buffer.length, (long) end + bytes);
        buffer = Arrays.copyOf(buffer, (int) Math.min(wanted, Integer.MAX_VALUE - 16));
      }
    }
  }

  /** Hands what is in the buffer to the sink, if there is one. */
  public void flush() throws IOException {
    if (sink != null) {
      flush(sink);
    }
  }

  private void flush(ByteSink to) throws IOException {
    if (end > 0) {
      emit(to, buffer, 0, end);
      end = 0;
    }
  }

  private void emit(ByteSink to, byte[] bytes, int offset, int length) throws IOException {
    if (checksum) {
      crc = Crc64.update(crc, bytes, offset, length);
    }
    to.accept(bytes, offset, length);
    flushed += length;
  }

  /** Hands over what was collected in memory, and begins anew. */
  public void drainTo(ByteSink target) throws IOException {
    flush(target);
    keepLittle();
  }

  private void keepLittle() {
    if (buffer.length > MEMORY_KEPT_BYTES_MAX) {
      buffer = new byte[MEMORY_BYTES];
    }
  }

  /** Forgets what was collected in memory. */
  void clear() {
    end = 0;
    keepLittle();
    if (compressed.length > MEMORY_KEPT_BYTES_MAX) {
      compressed = new byte[0];
    }
  }

  /** Holds at its beginning what was collected in memory; borrowed until more is written. */
  byte[] array() {
    return buffer;
  }

  /**
   * What was collected in memory, as an array of its own; it begins anew.
   *
   * @param more so many zeros follow in the array
   */
  public byte[] take(int more) {
    byte[] bytes = Arrays.copyOf(buffer, Math.addExact(end, more));
    Arrays.fill(bytes, end, bytes.length, (byte) 0);
    end = 0;
    return bytes;
  }

  /** Writes the checksum of all that was written, or 0 where none is computed, and flushes. */
  public void checksum() throws IOException {
    flush();
    long sum = crc;
    i64(sum);
    flush();
  }

  /** One byte. */
  public void u8(int value) throws IOException {
    room(1);
    buffer[end++] = (byte) value;
  }

  /** Two bytes, little-endian. */
  public void u16(int value) throws IOException {
    room(Short.BYTES);
    Bytes.putShort(buffer, end, value);
    end += Short.BYTES;
  }

  /** Eight bytes, little-endian. */
  public void i64(long value) throws IOException {
    room(Long.BYTES);
    Bytes.putLong(buffer, end, value);
    end += Long.BYTES;
  }

  /** Eight bytes, big-endian. */
  public void i64BigEndian(long value) throws IOException {
    i64(Long.reverseBytes(value));
  }

  /** A length, unsigned. */
  public void length(long value) throws IOException {
    room(NUMBER_BYTES_MAX);
    if (value >= 0 && value < 1 << 6) {
      buffer[end++] = (byte) value;
    } else if (value >= 0 && value < 1 << 14) {
      buffer[end++] = (byte) (RdbFormat.LENGTH_14_BITS | value >>> 8);
      buffer[end++] = (byte) value;
    } else if (value >>> 32 == 0) {
      buffer[end++] = (byte) RdbFormat.LENGTH_32_BITS;
      Bytes.putInt(buffer, end, Integer.reverseBytes((int) value));
      end += Integer.BYTES;
    } else {
      buffer[end++] = (byte) RdbFormat.LENGTH_64_BITS;
      Bytes.putLong(buffer, end, Long.reverseBytes(value));
      end += Long.BYTES;
    }
  }

  /** Bytes as they are. */
  public void raw(byte[] bytes, int offset, int length) throws IOException {
    if (sink != null && length > BUFFERED_BYTES_MAX) {
      flush(sink);
      emit(sink, bytes, offset, length);
      return;
    }
    room(length);
    System.arraycopy(bytes, offset, buffer, end, length);
    end += length;
  }

  /** A string, in the shortest form. */
  public void string(byte[] bytes, int offset, int length) throws IOException {
    if (length <= RdbFormat.NUMBER_TEXT_MAX && DecimalText.isLong(bytes, offset, length)) {
      long value = DecimalText.toLong(bytes, offset, length);
      if (value == (int) value) {
        number((int) value);
        return;
      }
    }
    boolean worth = length > RdbFormat.COMPRESSED_BYTES_MIN && length <= COMPRESSED_BYTES_MAX;
    if (!compress || !worth || !compressed(bytes, offset, length)) {
      length(length);
      raw(bytes, offset, length);
    }
  }

  /** A string that is an integer's decimal text. */
  public void string(long value) throws IOException {
    if (value == (int) value) {
      number((int) value);
      return;
    }
    byte[] text = new byte[DecimalText.BYTES_MAX];
    int length = DecimalText.write(value, text, 0);
    length(length);
    raw(text, 0, length);
  }

  private void number(int value) throws IOException {
    room(NUMBER_BYTES_MAX);
    if (value == (byte) value) {
      buffer[end++] = (byte) RdbFormat.STRING_INT8;
      buffer[end++] = (byte) value;
    } else if (value == (short) value) {
      buffer[end++] = (byte) RdbFormat.STRING_INT16;
      Bytes.putShort(buffer, end, value);
      end += Short.BYTES;
    } else {
      buffer[end++] = (byte) RdbFormat.STRING_INT32;
      Bytes.putInt(buffer, end, value);
      end += Integer.BYTES;
    }
  }

  private boolean compressed(byte[] bytes, int offset, int length) throws IOException {
    int most = length - RdbFormat.COMPRESSION_GAIN_MIN;
    if (compressed.length < most) {
      compressed = new byte[most + most / 2];
    }
    int shorter = LZF.get().compress(bytes, offset, length, compressed, most);
    if (shorter == 0) {
      return false;
    }
    u8(RdbFormat.STRING_LZF);
    length(shorter);
    length(length);
    raw(compressed, 0, shorter);
    return true;
  }
}
