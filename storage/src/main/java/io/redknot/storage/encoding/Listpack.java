package io.redknot.storage.encoding;

import io.redknot.storage.memory.Bytes;
import java.util.Arrays;

/**
 * Elements one behind the other in bytes, walked in both directions; byte for byte the listpack of
 * Redis, so that it goes to disk and back as it is.
 *
 * <pre>
 *   0  u32  bytes in all, this header and the end byte included
 *   4  u16  number of elements, 65535 where there are that many or more
 *   6       elements: encoding and value, then the length of both backwards in 1 to 5 bytes
 *      u8   255
 *
 *   0xxxxxxx                              integer 0 to 127
 *   10xxxxxx  text                        text of up to 63 bytes
 *   110xxxxx xxxxxxxx                     integer of 13 bits, signed
 *   1110xxxx xxxxxxxx  text               text of up to 4095 bytes, length big-endian
 *   11110000  u32  text                   longer text
 *   11110001  i16, 11110010 i24, 11110011 i32, 11110100 i64
 * </pre>
 *
 * Little-endian but for the lengths of texts of up to 4095 bytes. Source: the format as documented
 * with Redis 7 (listpack.md of its author).
 *
 * <p>All verbs take the array and the first byte of the listpack in it. A position is relative to
 * that first byte, so that it stays true when the listpack moves; {@link #NONE} is none. Verbs that
 * insert expect that the caller has made room behind the listpack; none of them is told how much
 * there is.
 */
public final class Listpack {
  /** No position. */
  public static final int NONE = -1;

  /** Bytes before the first element. */
  public static final int HEADER_BYTES = 6;

  /** Bytes of a listpack without elements. */
  public static final int EMPTY_BYTES = 7;

  /** Bytes of an element beyond its text, at most. */
  public static final int ELEMENT_OVERHEAD_MAX = 10;

  private static final int COUNT = 4;
  private static final int COUNT_UNKNOWN = 0xffff;
  private static final int END = 0xff;

  private Listpack() {}

  /** Writes a listpack without elements. */
  public static void clear(byte[] lp, int at) {
    Bytes.putInt(lp, at, EMPTY_BYTES);
    Bytes.putShort(lp, at + COUNT, 0);
    lp[at + HEADER_BYTES] = (byte) END;
  }

  /** Bytes in all. */
  public static int bytes(byte[] lp, int at) {
    return Bytes.getInt(lp, at);
  }

  /** Number of elements; counted where there are more than the header can tell. */
  public static int count(byte[] lp, int at) {
    int count = Bytes.getShort(lp, at + COUNT);
    if (count != COUNT_UNKNOWN) {
      return count;
    }
    int counted = 0;
    for (int p = first(lp, at); p != NONE; p = next(lp, at, p)) {
      counted++;
    }
    if (counted < COUNT_UNKNOWN) {
      Bytes.putShort(lp, at + COUNT, counted);
    }
    return counted;
  }

  static void addToCount(byte[] lp, int at, int difference) {
    int count = Bytes.getShort(lp, at + COUNT);
    if (count != COUNT_UNKNOWN) {
      int now = Math.min(count + difference, COUNT_UNKNOWN);
      Bytes.putShort(lp, at + COUNT, (short) now);
    }
  }

  private static int orNone(byte[] lp, int at, int p) {
    return (lp[at + p] & 0xff) == END ? NONE : p;
  }

  /** Position of the first element. */
  public static int first(byte[] lp, int at) {
    return orNone(lp, at, HEADER_BYTES);
  }

  /** Position of the last element. */
  public static int last(byte[] lp, int at) {
    return previous(lp, at, end(lp, at));
  }

  /** Position behind the last element: where to insert what shall become the last one. */
  public static int end(byte[] lp, int at) {
    return bytes(lp, at) - 1;
  }

  /** Position of the element behind another one. */
  public static int next(byte[] lp, int at, int p) {
    return orNone(lp, at, p + elementBytes(lp, at, p));
  }

  /** Position of the element before another one, or before {@link #end}. */
  public static int previous(byte[] lp, int at, int p) {
    if (p == HEADER_BYTES) {
      return NONE;
    }
    int i = at + p - 1;
    int length = lp[i] & 0x7f;
    int lengthBytes = 1;
    while ((lp[i] & 0x80) != 0) {
      i--;
      length |= (lp[i] & 0x7f) << (7 * lengthBytes);
      lengthBytes++;
    }
    return p - lengthBytes - length;
  }

  /**
   * Position of an element by its index; negative ones count from the end, -1 is the last one.
   * Starts from the nearer end.
   */
  public static int seek(byte[] lp, int at, int index) {
    int count = count(lp, at);
    int wanted = index < 0 ? index + count : index;
    if (wanted < 0 || wanted >= count) {
      return NONE;
    }
    if (wanted < count / 2) {
      int p = HEADER_BYTES;
      for (int i = 0; i < wanted; i++) {
        p += elementBytes(lp, at, p);
      }
      return p;
    }
    int p = end(lp, at);
    for (int i = count; i > wanted; i--) {
      p = previous(lp, at, p);
    }
    return p;
  }

  /** Bytes of the encoding and value of an element, without the length backwards. */
  private static int valueBytes(byte[] lp, int i) {
    int b = lp[i] & 0xff;
    if (b < 0x80) {
      return 1;
    }
    if (b < 0xc0) {
      return 1 + (b & 0x3f);
    }
    if (b < 0xe0) {
      return 2;
    }
    if (b < 0xf0) {
      return 2 + ((b & 0x0f) << 8 | (lp[i + 1] & 0xff));
    }
    return switch (b) {
      case 0xf0 -> 5 + Bytes.getInt(lp, i + 1);
      case 0xf1 -> 3;
      case 0xf2 -> 4;
      case 0xf3 -> 5;
      case 0xf4 -> 9;
      default -> throw new IllegalStateException("no element of a listpack");
    };
  }

  /**
   * Bytes of the length backwards of an element whose encoding and value take that many. The
   * greatest length of each size but the first takes a byte more than it needs: so does Redis.
   */
  private static int backBytes(int valueBytes) {
    if (valueBytes <= 127) {
      return 1;
    }
    if (valueBytes < (1 << 14) - 1) {
      return 2;
    }
    return valueBytes < (1 << 21) - 1 ? 3 : valueBytes < (1 << 28) - 1 ? 4 : 5;
  }

  /** Bytes of an element in all. */
  public static int elementBytes(byte[] lp, int at, int p) {
    int value = valueBytes(lp, at + p);
    return value + backBytes(value);
  }

  /** Whether an element is kept as an integer. */
  public static boolean isInteger(byte[] lp, int at, int p) {
    int b = lp[at + p] & 0xff;
    return b < 0x80 || (b >= 0xc0 && (b < 0xe0 || b > 0xf0));
  }

  /** The value of an element that is kept as an integer. */
  public static long integer(byte[] lp, int at, int p) {
    int i = at + p;
    int b = lp[i] & 0xff;
    if (b < 0x80) {
      return b;
    }
    if (b < 0xe0) {
      int unsigned = (b & 0x1f) << 8 | (lp[i + 1] & 0xff);
      return (long) unsigned << 51 >> 51;
    }
    return switch (b) {
      case 0xf1 -> (short) Bytes.getShort(lp, i + 1);
      case 0xf2 -> (lp[i + 1] & 0xff) | (lp[i + 2] & 0xff) << 8 | lp[i + 3] << 16;
      case 0xf3 -> Bytes.getInt(lp, i + 1);
      case 0xf4 -> Bytes.getLong(lp, i + 1);
      default -> throw new IllegalStateException("the element is no integer");
    };
  }

  /** First byte, in the array, of the text of an element that is kept as text. */
  public static int textOffset(byte[] lp, int at, int p) {
    int b = lp[at + p] & 0xff;
    return at + p + (b < 0xc0 ? 1 : b < 0xf0 ? 2 : 5);
  }

  /** Length of the text of an element that is kept as text. */
  public static int textLength(byte[] lp, int at, int p) {
    int b = lp[at + p] & 0xff;
    if (b < 0xc0) {
      return b & 0x3f;
    }
    return b < 0xf0 ? (b & 0x0f) << 8 | (lp[at + p + 1] & 0xff) : Bytes.getInt(lp, at + p + 1);
  }

  /** Length of an element as text, whichever way it is kept. */
  public static int length(byte[] lp, int at, int p) {
    return isInteger(lp, at, p) ? DecimalText.length(integer(lp, at, p)) : textLength(lp, at, p);
  }

  /** Copies an element as text, whichever way it is kept; the number of bytes. */
  public static int copy(byte[] lp, int at, int p, byte[] target, int targetAt) {
    if (isInteger(lp, at, p)) {
      return DecimalText.write(integer(lp, at, p), target, targetAt);
    }
    int length = textLength(lp, at, p);
    System.arraycopy(lp, textOffset(lp, at, p), target, targetAt, length);
    return length;
  }

  /** Whether an element is equal to a text. */
  public static boolean is(byte[] lp, int at, int p, byte[] text, int offset, int length) {
    if (isInteger(lp, at, p)) {
      return DecimalText.isLong(text, offset, length)
          && DecimalText.toLong(text, offset, length) == integer(lp, at, p);
    }
    return isText(lp, at, p, text, offset, length);
  }

  private static boolean isText(byte[] lp, int at, int p, byte[] text, int offset, int length) {
    if (textLength(lp, at, p) != length) {
      return false;
    }
    int from = textOffset(lp, at, p);
    return Arrays.equals(lp, from, from + length, text, offset, offset + length);
  }

  /**
   * Searches for an element that is equal to a text.
   *
   * @param from where to begin, {@link #NONE} finds nothing
   * @param skip elements to pass over unseen behind each one that is compared
   * @return its position
   */
  public static int find(
      byte[] lp, int at, int from, byte[] text, int offset, int length, int skip) {
    boolean number = DecimalText.isLong(text, offset, length);
    long value = number ? DecimalText.toLong(text, offset, length) : 0;
    int p = from;
    while (p != NONE) {
      boolean found =
          isInteger(lp, at, p)
              ? number && integer(lp, at, p) == value
              : isText(lp, at, p, text, offset, length);
      if (found) {
        return p;
      }
      p = next(lp, at, p);
      for (int i = 0; i < skip && p != NONE; i++) {
        p = next(lp, at, p);
      }
    }
    return NONE;
  }

  /** Bytes that a text takes as an element, in all; as an integer where it is the text of one. */
  public static int encodedBytes(byte[] text, int offset, int length) {
    if (DecimalText.isLong(text, offset, length)) {
      return encodedBytes(DecimalText.toLong(text, offset, length));
    }
    int value = length + (length < 64 ? 1 : length < 4096 ? 2 : 5);
    return value + backBytes(value);
  }

  /** Bytes that an integer takes as an element, in all. */
  public static int encodedBytes(long value) {
    return integerBytes(value) + 1;
  }

  private static int integerBytes(long value) {
    if (value >= 0 && value < 128) {
      return 1;
    }
    if (value >= -4096 && value < 4096) {
      return 2;
    }
    if (value == (short) value) {
      return 3;
    }
    return value == value << 40 >> 40 ? 4 : value == (int) value ? 5 : 9;
  }

  /** Writes an element; the listpack's header is left alone. Bytes written. */
  static int encode(byte[] lp, int i, byte[] text, int offset, int length) {
    if (DecimalText.isLong(text, offset, length)) {
      return encode(lp, i, DecimalText.toLong(text, offset, length));
    }
    int to = i;
    if (length < 64) {
      lp[to++] = (byte) (0x80 | length);
    } else if (length < 4096) {
      lp[to++] = (byte) (0xe0 | length >>> 8);
      lp[to++] = (byte) length;
    } else {
      lp[to] = (byte) 0xf0;
      Bytes.putInt(lp, to + 1, length);
      to += 5;
    }
    System.arraycopy(text, offset, lp, to, length);
    to += length;
    return to - i + encodeBack(lp, to, to - i);
  }

  /** As {@link #encode(byte[], int, byte[], int, int)}, an integer. */
  static int encode(byte[] lp, int i, long value) {
    int bytes = integerBytes(value);
    switch (bytes) {
      case 1 -> lp[i] = (byte) value;
      case 2 -> {
        lp[i] = (byte) (0xc0 | (value >>> 8 & 0x1f));
        lp[i + 1] = (byte) value;
      }
      case 3 -> {
        lp[i] = (byte) 0xf1;
        Bytes.putShort(lp, i + 1, (int) value);
      }
      case 4 -> {
        lp[i] = (byte) 0xf2;
        Bytes.putShort(lp, i + 1, (int) value);
        lp[i + 3] = (byte) (value >>> 16);
      }
      case 5 -> {
        lp[i] = (byte) 0xf3;
        Bytes.putInt(lp, i + 1, (int) value);
      }
      default -> {
        lp[i] = (byte) 0xf4;
        Bytes.putLong(lp, i + 1, value);
      }
    }
    lp[i + bytes] = (byte) bytes;
    return bytes + 1;
  }

  /**
   * Completes a listpack behind whose last element more were written, from {@link #end} on.
   *
   * @param i index behind the last one
   * @param elements how many were written
   */
  static void appended(byte[] lp, int at, int i, int elements) {
    lp[i] = (byte) END;
    Bytes.putInt(lp, at, i + 1 - at);
    addToCount(lp, at, elements);
  }

  private static int encodeBack(byte[] lp, int i, int valueBytes) {
    int bytes = backBytes(valueBytes);
    int rest = valueBytes;
    for (int k = i + bytes - 1; k >= i; k--) {
      lp[k] = (byte) ((rest & 0x7f) | (k == i ? 0 : 0x80));
      rest >>>= 7;
    }
    return bytes;
  }

  /** Makes or closes a gap: what is at {@code from} moves to {@code to}, up to the end byte. */
  private static void shift(byte[] lp, int at, int from, int to) {
    int bytes = bytes(lp, at);
    System.arraycopy(lp, at + from, lp, at + to, bytes - from);
    Bytes.putInt(lp, at, bytes + to - from);
  }

  /**
   * Inserts a text before a position, which is then that of the new element. There must be room for
   * {@link #encodedBytes} more bytes. The text must not lie in the listpack itself.
   *
   * @return the position behind the new element
   */
  public static int insert(byte[] lp, int at, int p, byte[] text, int offset, int length) {
    int bytes = encodedBytes(text, offset, length);
    shift(lp, at, p, p + bytes);
    encode(lp, at + p, text, offset, length);
    addToCount(lp, at, 1);
    return p + bytes;
  }

  /** As {@link #insert(byte[], int, int, byte[], int, int)}, an integer. */
  public static int insert(byte[] lp, int at, int p, long value) {
    int bytes = encodedBytes(value);
    shift(lp, at, p, p + bytes);
    encode(lp, at + p, value);
    addToCount(lp, at, 1);
    return p + bytes;
  }

  /**
   * Puts a text in an element's place. Where it takes more bytes than the element, there must be
   * room for the difference.
   */
  public static void replace(byte[] lp, int at, int p, byte[] text, int offset, int length) {
    int old = elementBytes(lp, at, p);
    int bytes = encodedBytes(text, offset, length);
    if (bytes != old) {
      shift(lp, at, p + old, p + bytes);
    }
    encode(lp, at + p, text, offset, length);
  }

  /** As {@link #replace(byte[], int, int, byte[], int, int)}, an integer. */
  public static void replace(byte[] lp, int at, int p, long value) {
    int old = elementBytes(lp, at, p);
    int bytes = encodedBytes(value);
    if (bytes != old) {
      shift(lp, at, p + old, p + bytes);
    }
    encode(lp, at + p, value);
  }

  /**
   * Removes a number of elements from a position on; there must be as many.
   *
   * @return the position of the element that follows, now at the same place, or {@link #NONE}
   */
  public static int remove(byte[] lp, int at, int p, int elements) {
    int to = p;
    for (int i = 0; i < elements; i++) {
      to += elementBytes(lp, at, to);
    }
    shift(lp, at, to, p);
    addToCount(lp, at, -elements);
    return orNone(lp, at, p);
  }

  /**
   * Whether bytes that may come from anywhere are a listpack in every detail: each element lies
   * within, its length backwards is right, and there are as many as the header says.
   *
   * @param length bytes that there are; a listpack must take all of them
   */
  public static boolean isValid(byte[] lp, int at, int length) {
    if (length < EMPTY_BYTES || bytes(lp, at) != length || (lp[at + length - 1] & 0xff) != END) {
      return false;
    }
    int end = length - 1;
    int counted = 0;
    int p = HEADER_BYTES;
    while (p < end) {
      int bytes = checkedBytes(lp, at + p, end - p);
      if (bytes < 0) {
        return false;
      }
      p += bytes;
      counted++;
    }
    int count = Bytes.getShort(lp, at + COUNT);
    return p == end && (count == COUNT_UNKNOWN || count == counted);
  }

  /** Bytes of an element that lies within so many bytes; -1 where there is none. */
  private static int checkedBytes(byte[] lp, int i, int within) {
    int b = lp[i] & 0xff;
    int head = b < 0xc0 || b > 0xf0 ? 1 : b < 0xf0 ? 2 : 5;
    if (b > 0xf4 || within < head) {
      return -1;
    }
    int value = valueBytes(lp, i);
    // Less than the head where a length of 32 bits is beyond what an array can hold.
    if (value < head || value > within) {
      return -1;
    }
    int back = backBytes(value);
    if (back > within - value) {
      return -1;
    }
    int rest = value;
    for (int k = back - 1; k >= 0; k--) {
      if ((lp[i + value + k] & 0xff) != ((rest & 0x7f) | (k == 0 ? 0 : 0x80))) {
        return -1;
      }
      rest >>>= 7;
    }
    return value + back;
  }
}
