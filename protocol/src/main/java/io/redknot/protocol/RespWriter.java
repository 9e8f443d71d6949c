package io.redknot.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects replies as bytes, in RESP2 or RESP3.
 *
 * <p>Where the two differ the method's name says what is meant ({@link #map}, {@link #nullBulk})
 * and the writer picks the form. Small replies go into one reused array; a bulk string of {@value
 * #LARGE_BULK_BYTES} bytes or more is copied once, into an array that the socket then owns.
 */
public final class RespWriter {
  /** From this length on a bulk string travels in an array of its own. */
  public static final int LARGE_BULK_BYTES = 32 * 1024;

  private static final int INITIAL_BYTES = 512;

  /** A buffer that grew beyond this is given back after it was drained. */
  private static final int KEPT_BYTES_MAX = 256 * 1024;

  private byte[] buffer = new byte[INITIAL_BYTES];
  private int end;
  private boolean resp3;
  private final List<byte[]> large = new ArrayList<>(0);
  private int[] largeAt = new int[4];
  private long largeBytes;
  private long errors;
  private @Nullable String lastError;

  /** Whether replies are written in RESP3. */
  public boolean resp3() {
    return resp3;
  }

  /** Chooses RESP3 or RESP2 for what is written from now on. */
  public void resp3(boolean value) {
    resp3 = value;
  }

  /** Bytes collected and not drained. */
  public long size() {
    return end + largeBytes;
  }

  /** Error replies written since this writer was made. */
  public long errors() {
    return errors;
  }

  /** The text of the last error written, without the leading {@code -}. */
  public @Nullable String lastError() {
    return lastError;
  }

  private void reserve(int bytes) {
    if (buffer.length - end < bytes) {
      grow(bytes);
    }
  }

  private void grow(int bytes) {
    long wanted = Math.max((long) buffer.length * 2, (long) end + bytes);
    buffer = Arrays.copyOf(buffer, (int) Math.min(wanted, Integer.MAX_VALUE - 16));
  }

  private void line(char type, long value) {
    reserve(AsciiNumbers.LONG_TEXT_MAX + 3);
    byte[] target = buffer;
    int at = end;
    target[at++] = (byte) type;
    at += AsciiNumbers.write(value, target, at);
    target[at++] = '\r';
    target[at++] = '\n';
    end = at;
  }

  private void crlf() {
    buffer[end++] = '\r';
    buffer[end++] = '\n';
  }

  @SuppressWarnings("deprecation") // the one conversion of ASCII that makes no garbage
  private void ascii(String text) {
    text.getBytes(0, text.length(), buffer, end);
    end += text.length();
  }

  /** A reply whose bytes are prepared, protocol framing included. */
  public void raw(byte[] bytes) {
    reserve(bytes.length);
    System.arraycopy(bytes, 0, buffer, end, bytes.length);
    end += bytes.length;
  }

  /** A status reply of ASCII text without CR or LF. */
  public void simple(String text) {
    reserve(text.length() + 3);
    buffer[end++] = '+';
    ascii(text);
    crlf();
  }

  /** The status {@code OK}. */
  public void ok() {
    simple("OK");
  }

  /** An error reply: {@code CODE text}; CR and LF become blanks. */
  public void error(String text) {
    errors++;
    lastError = text;
    reserve(text.length() + 3);
    buffer[end++] = '-';
    int from = end;
    ascii(text);
    for (int i = from; i < end; i++) {
      if (buffer[i] == '\r' || buffer[i] == '\n') {
        buffer[i] = ' ';
      }
    }
    crlf();
  }

  /** An integer reply. */
  public void integer(long value) {
    line(':', value);
  }

  /** A bulk string. */
  public void bulk(byte[] bytes, int offset, int length) {
    if (length >= LARGE_BULK_BYTES) {
      line('$', length);
      addLarge(Arrays.copyOfRange(bytes, offset, offset + length));
      reserve(2);
      crlf();
      return;
    }
    reserve(length + AsciiNumbers.LONG_TEXT_MAX + 5);
    byte[] target = buffer;
    int at = end;
    target[at++] = '$';
    at += AsciiNumbers.write(length, target, at);
    target[at++] = '\r';
    target[at++] = '\n';
    System.arraycopy(bytes, offset, target, at, length);
    at += length;
    target[at++] = '\r';
    target[at++] = '\n';
    end = at;
  }

  /** The start of a bulk string whose bytes come from elsewhere; {@link #endBulk} follows them. */
  public void beginBulk(long length) {
    line('$', length);
  }

  /** What follows the bytes of a bulk string. */
  public void endBulk() {
    reserve(2);
    crlf();
  }

  /** A bulk string of a whole array. */
  public void bulk(byte[] bytes) {
    bulk(bytes, 0, bytes.length);
  }

  /** A bulk string of text, one byte a char (ISO 8859-1). */
  public void bulk(String text) {
    if (text.length() >= LARGE_BULK_BYTES) {
      bulk(text.getBytes(StandardCharsets.ISO_8859_1));
      return;
    }
    line('$', text.length());
    reserve(text.length() + 2);
    ascii(text);
    crlf();
  }

  /** A bulk string or, where there is none, the null bulk string. */
  public void bulkOrNull(@Nullable String text) {
    if (text == null) {
      nullBulk();
    } else {
      bulk(text);
    }
  }

  /** An integer's decimal text as a bulk string. */
  public void bulk(long value) {
    int length = AsciiNumbers.textLength(value);
    line('$', length);
    reserve(length + 2);
    AsciiNumbers.write(value, buffer, end);
    end += length;
    crlf();
  }

  /** A double whose text is given: RESP3's own type, in RESP2 a bulk string. */
  public void real(String text) {
    if (!resp3) {
      bulk(text);
      return;
    }
    reserve(text.length() + 3);
    buffer[end++] = ',';
    ascii(text);
    crlf();
  }

  /** A double: RESP3's own type, in RESP2 a bulk string. */
  public void real(double value) {
    reserve(AsciiNumbers.DOUBLE_TEXT_MAX + 16);
    if (resp3) {
      buffer[end++] = ',';
      end += AsciiNumbers.write(value, buffer, end);
      crlf();
      return;
    }
    // The length stands first and takes a digit or two: the text is written behind, then moved.
    int textAt = end + 5;
    int length = AsciiNumbers.write(value, buffer, textAt);
    line('$', length);
    System.arraycopy(buffer, textAt, buffer, end, length);
    end += length;
    crlf();
  }

  /**
   * Text of a format ({@code txt}, {@code mkd}): RESP3's verbatim string, in RESP2 a bulk string.
   */
  public void verbatim(String format, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    if (!resp3) {
      bulk(bytes);
      return;
    }
    line('=', bytes.length + 4L);
    reserve(bytes.length + 6);
    ascii(format);
    buffer[end++] = ':';
    System.arraycopy(bytes, 0, buffer, end, bytes.length);
    end += bytes.length;
    crlf();
  }

  /** A boolean: RESP3's own type, in RESP2 the integers 1 and 0. */
  public void bool(boolean value) {
    if (resp3) {
      reserve(4);
      buffer[end++] = '#';
      buffer[end++] = (byte) (value ? 't' : 'f');
      crlf();
    } else {
      integer(value ? 1 : 0);
    }
  }

  /** The null bulk string. */
  public void nullBulk() {
    if (resp3) {
      raw(NULL);
    } else {
      raw(NULL_BULK);
    }
  }

  /** The null array. */
  public void nullArray() {
    if (resp3) {
      raw(NULL);
    } else {
      raw(NULL_ARRAY);
    }
  }

  private static final byte[] NULL = {'_', '\r', '\n'};
  private static final byte[] NULL_BULK = {'$', '-', '1', '\r', '\n'};
  private static final byte[] NULL_ARRAY = {'*', '-', '1', '\r', '\n'};

  /** Starts an array; that many replies follow. */
  public void array(long elements) {
    line('*', elements);
  }

  /** Starts a map; twice as many replies follow, a key before each value. */
  public void map(long pairs) {
    line(resp3 ? '%' : '*', resp3 ? pairs : pairs * 2);
  }

  /** Starts a set; that many replies follow. */
  public void set(long elements) {
    line(resp3 ? '~' : '*', elements);
  }

  /** Starts a push message; that many replies follow. */
  public void push(long elements) {
    line(resp3 ? '>' : '*', elements);
  }

  private void addLarge(byte[] bytes) {
    if (large.size() == largeAt.length) {
      largeAt = Arrays.copyOf(largeAt, largeAt.length * 2);
    }
    largeAt[large.size()] = end;
    large.add(bytes);
    largeBytes += bytes.length;
  }

  /** A place to return to with {@link #rewind}; valid until the next drain. */
  public long mark() {
    return ((long) large.size() << 32) | end;
  }

  /** Forgets what was written since the mark. */
  public void rewind(long mark) {
    end = (int) mark;
    int keep = (int) (mark >>> 32);
    while (large.size() > keep) {
      largeBytes -= large.removeLast().length;
    }
  }

  /**
   * Puts the start of an array before what was written since the mark, where only now it is known
   * how many replies these are. Marks taken since then are no longer true.
   */
  public void arrayFrom(long mark, long elements) {
    insertLine(mark, '*', elements);
  }

  /** As {@link #arrayFrom}, the start of a map. */
  public void mapFrom(long mark, long pairs) {
    insertLine(mark, resp3 ? '%' : '*', resp3 ? pairs : pairs * 2);
  }

  private void insertLine(long mark, char type, long value) {
    int at = (int) mark;
    int bytes = AsciiNumbers.textLength(value) + 3;
    reserve(bytes);
    System.arraycopy(buffer, at, buffer, at + bytes, end - at);
    int behind = end + bytes;
    end = at;
    line(type, value);
    end = behind;
    for (int i = (int) (mark >>> 32); i < large.size(); i++) {
      largeAt[i] += bytes;
    }
  }

  /** Takes what was collected as one buffer for the socket; the caller owns it. */
  public ByteBuf drain(ByteBufAllocator allocator) {
    ByteBuf out;
    if (large.isEmpty()) {
      out = allocator.directBuffer(end);
      out.writeBytes(buffer, 0, end);
    } else {
      out = drainLarge(allocator);
    }
    clear();
    return out;
  }

  /**
   * Moves what was collected into a buffer of fixed size.
   *
   * @return false, and nothing moved, where it does not fit
   */
  public boolean drainInto(ByteBuf target) {
    if (!large.isEmpty() || end > target.writableBytes()) {
      return false;
    }
    target.writeBytes(buffer, 0, end);
    clear();
    return true;
  }

  private ByteBuf drainLarge(ByteBufAllocator allocator) {
    ByteBuf[] parts = new ByteBuf[large.size() * 2 + 1];
    int from = 0;
    for (int i = 0; i < large.size(); i++) {
      parts[2 * i] = copied(allocator, from, largeAt[i]);
      parts[2 * i + 1] = Unpooled.wrappedBuffer(large.get(i));
      from = largeAt[i];
    }
    parts[parts.length - 1] = copied(allocator, from, end);
    return Unpooled.wrappedBuffer(parts.length, parts);
  }

  private ByteBuf copied(ByteBufAllocator allocator, int from, int to) {
    return allocator.directBuffer(to - from).writeBytes(buffer, from, to - from);
  }

  /** What was collected, as one owned array; the writer is empty afterwards. */
  public byte[] takeBytes() {
    byte[] bytes = new byte[Math.toIntExact(size())];
    int from = 0;
    int at = 0;
    for (int i = 0; i < large.size(); i++) {
      System.arraycopy(buffer, from, bytes, at, largeAt[i] - from);
      at += largeAt[i] - from;
      from = largeAt[i];
      System.arraycopy(large.get(i), 0, bytes, at, large.get(i).length);
      at += large.get(i).length;
    }
    System.arraycopy(buffer, from, bytes, at, end - from);
    clear();
    return bytes;
  }

  /** Forgets everything collected. */
  public void clear() {
    end = 0;
    large.clear();
    largeBytes = 0;
    if (buffer.length > KEPT_BYTES_MAX) {
      buffer = new byte[INITIAL_BYTES];
    }
  }
}
