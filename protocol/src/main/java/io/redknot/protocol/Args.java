package io.redknot.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The arguments of one command as offsets into a byte array; argument 0 is the command's name.
 *
 * <p>What is read through {@link #array()} or {@link #offset(int)} is borrowed and valid until the
 * handler returns; {@link #copy(int)} and {@link #text(int)} are owned by the caller.
 */
public final class Args {
  private static final byte[] NOTHING = {};
  private static final int INITIAL_CAPACITY = 8;

  /** An argument array of more entries than this is given back after the command. */
  private static final int CAPACITY_KEPT_MAX = 1024;

  private byte[] array = NOTHING;
  private int base;
  private int[] offsets = new int[INITIAL_CAPACITY];
  private int[] lengths = new int[INITIAL_CAPACITY];
  private int count;

  /** Arguments that own their bytes: what a transaction queues or a test passes. */
  public static Args of(byte[]... values) {
    int total = 0;
    for (byte[] value : values) {
      total += value.length;
    }
    Args args = new Args();
    args.array = new byte[total];
    int at = 0;
    for (byte[] value : values) {
      System.arraycopy(value, 0, args.array, at, value.length);
      args.add(at, value.length);
      at += value.length;
    }
    return args;
  }

  /** As {@link #of(byte[][])}, of UTF-8 text. */
  public static Args ofText(String... values) {
    byte[][] bytes = new byte[values.length][];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = values[i].getBytes(StandardCharsets.UTF_8);
    }
    return of(bytes);
  }

  /** An owned copy of all arguments, independent of the buffer they were read from. */
  public Args detach() {
    byte[][] values = new byte[count][];
    for (int i = 0; i < count; i++) {
      values[i] = copy(i);
    }
    return of(values);
  }

  /** Owned copies of the arguments from the given one on, as arguments of their own. */
  public Args tail(int first) {
    byte[][] values = new byte[count - first][];
    for (int i = first; i < count; i++) {
      values[i - first] = copy(i);
    }
    return of(values);
  }

  /** Begins anew, with arguments that are {@linkplain #add added} and lie in that array. */
  public void borrow(byte[] holder) {
    clear();
    array = holder;
  }

  void clear() {
    count = 0;
    base = 0;
    if (offsets.length > CAPACITY_KEPT_MAX) {
      offsets = new int[INITIAL_CAPACITY];
      lengths = new int[INITIAL_CAPACITY];
    }
  }

  /** Names the bytes that the offsets count from; they may move while a command is incomplete. */
  void rebase(byte[] newArray, int newBase) {
    array = newArray;
    base = newBase;
  }

  /** Adds an argument that lies in the array. */
  public void add(int offset, int length) {
    if (count == offsets.length) {
      offsets = Arrays.copyOf(offsets, count * 2);
      lengths = Arrays.copyOf(lengths, count * 2);
    }
    offsets[count] = offset;
    lengths[count] = length;
    count++;
  }

  /** Number of arguments, the command's name included. */
  public int count() {
    return count;
  }

  /** Bytes of the request as an array of bulk strings, which it was unless it came inline. */
  public long encodedBytes() {
    long bytes = 1L + AsciiNumbers.textLength(count) + 2;
    for (int i = 0; i < count; i++) {
      bytes += 1L + AsciiNumbers.textLength(lengths[i]) + 2 + lengths[i] + 2;
    }
    return bytes;
  }

  /** The bytes that {@link #offset(int)} points into; borrowed. */
  public byte[] array() {
    return array;
  }

  /** First byte of an argument in {@link #array()}. */
  public int offset(int index) {
    return base + offsets[index];
  }

  /** Length of an argument in bytes. */
  public int length(int index) {
    return lengths[index];
  }

  /** An owned copy of an argument. */
  public byte[] copy(int index) {
    int from = offset(index);
    return Arrays.copyOfRange(array, from, from + lengths[index]);
  }

  /** An argument as text, one char a byte (ISO 8859-1), so that no byte is lost. */
  public String text(int index) {
    return new String(array, offset(index), lengths[index], StandardCharsets.ISO_8859_1);
  }

  /** Whether an argument is the given word, in any case; the word is lower-case ASCII. */
  public boolean is(int index, String lowerCaseWord) {
    int length = lengths[index];
    if (length != lowerCaseWord.length()) {
      return false;
    }
    int from = offset(index);
    for (int i = 0; i < length; i++) {
      int b = array[from + i];
      if (b >= 'A' && b <= 'Z') {
        b += 'a' - 'A';
      }
      if (b != lowerCaseWord.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Whether an argument is a canonical signed 64-bit integer, see {@link AsciiNumbers}. */
  public boolean isLong(int index) {
    return AsciiNumbers.isLong(array, offset(index), lengths[index]);
  }

  /** The integer that an argument holds; only meaningful where {@link #isLong(int)} says so. */
  public long toLong(int index) {
    return AsciiNumbers.toLong(array, offset(index), lengths[index]);
  }

  /** Whether two arguments have the same bytes. */
  public boolean same(int a, int b) {
    int fromA = offset(a);
    int fromB = offset(b);
    return Arrays.equals(array, fromA, fromA + lengths[a], array, fromB, fromB + lengths[b]);
  }
}
