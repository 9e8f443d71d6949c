package io.redknot.storage.aof;

import io.redknot.storage.encoding.DecimalText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Collects commands in memory as they stand in a file: a SELECT before each one that is for another
 * database than the last, and, where that is wanted, a line with the time before each one of
 * another second.
 *
 * <pre>
 *   #TS:1700000000 CR LF
 *   *2 CR LF $6 CR LF SELECT CR LF $1 CR LF 0 CR LF
 *   *3 CR LF $3 CR LF SET CR LF $1 CR LF k CR LF $1 CR LF v CR LF
 * </pre>
 *
 * Source: Redis 7.
 */
public final class AofWriter {
  /** Where no line with the time is to be written. */
  public static final long NO_TIME = -1;

  private static final byte[] SELECT = ascii("*2\r\n$6\r\nSELECT\r\n$");
  private static final byte[] TIME = ascii("#TS:");
  private static final int NONE = -1;

  /** Room for a time and a SELECT. */
  private static final int BEFORE_BYTES_MAX = 96;

  private static final int INITIAL_BYTES = 4096;
  private static final int BYTES_MAX = Integer.MAX_VALUE - 64;

  private final byte[] digits = new byte[DecimalText.BYTES_MAX];
  private byte[] bytes = {};
  private int size;
  private int database = NONE;
  private long stamped = NO_TIME;

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** What follows goes to another file: it begins with a SELECT. */
  public void beginFile() {
    database = NONE;
  }

  /**
   * Adds a command.
   *
   * @param unixSeconds the time, or {@link #NO_TIME}
   * @param array holds the whole command as RESP; borrowed
   */
  public void append(int db, long unixSeconds, byte[] array, int offset, int length) {
    reserve(length + BEFORE_BYTES_MAX);
    if (unixSeconds != NO_TIME && unixSeconds > stamped) {
      stamped = unixSeconds;
      put(TIME);
      size += DecimalText.write(unixSeconds, bytes, size);
      endLine();
    }
    if (db != database) {
      database = db;
      put(SELECT);
      int count = DecimalText.write(db, digits, 0);
      size += DecimalText.write(count, bytes, size);
      endLine();
      System.arraycopy(digits, 0, bytes, size, count);
      size += count;
      endLine();
    }
    System.arraycopy(array, offset, bytes, size, length);
    size += length;
  }

  private void put(byte[] text) {
    System.arraycopy(text, 0, bytes, size, text.length);
    size += text.length;
  }

  private void endLine() {
    bytes[size++] = '\r';
    bytes[size++] = '\n';
  }

  private void reserve(int more) {
    if (bytes.length - size < more) {
      long needed = (long) size + more;
      long wanted = Math.max(Math.max(INITIAL_BYTES, needed), 2L * bytes.length);
      bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, Math.max(needed, BYTES_MAX)));
    }
  }

  /** Bytes collected. */
  public int size() {
    return size;
  }

  /** The array that holds what was collected, from its beginning. */
  public byte[] array() {
    return bytes;
  }

  /** Begins anew in another array; the one so far is the caller's. */
  public void continueIn(byte[] room) {
    bytes = room;
    size = 0;
  }
}
