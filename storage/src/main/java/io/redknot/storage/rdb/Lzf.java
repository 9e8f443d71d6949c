package io.redknot.storage.rdb;

import java.util.Arrays;

/**
 * The compression of long strings in RDB.
 *
 * <pre>
 *   000lllll                     l + 1 bytes follow as they are
 *   lllooooo [l'] oooooooo       l + 2 bytes (l = 7: l + l' + 2) from o + 1 bytes before
 * </pre>
 *
 * Source: the format of LibLZF. One object serves one thread.
 */
public final class Lzf {
  private static final int HASH_LOG2 = 14;
  private static final int LITERALS_MAX = 32;
  private static final int DISTANCE_MAX = 1 << 13;
  private static final int MATCH_MIN = 3;
  private static final int MATCH_MAX = 264;
  private static final int SHORT_MATCH_MAX = 8;

  /**
   * By hash of three bytes: the place where they were seen last, plus {@link #base}. What is below
   * that is of an earlier string: emptying the table for each costs more than short ones
   * themselves.
   */
  private final int[] seen = new int[1 << HASH_LOG2];

  private int base;

  private int nextBase;

  private byte[] target = {};
  private int end;

  /** Where the count of the literals that are being collected stands. */
  private int literalsAt;

  private int literals;

  public Lzf() {
    this(1);
  }

  /** For tests: as if strings of so many bytes had been compressed. */
  Lzf(int nextBase) {
    this.nextBase = nextBase;
  }

  /**
   * Compresses.
   *
   * @param targetBytesMax how many bytes the result may take
   * @return its length; 0 where it would be longer
   */
  public int compress(byte[] source, int offset, int length, byte[] into, int targetBytesMax) {
    target = into;
    begin(length);
    end = 0;
    beginLiterals();
    int i = 0;
    while (i < length) {
      // A step writes at most a match of three bytes and the count of the next literals.
      if (end + 4 > targetBytesMax) {
        return 0;
      }
      int match = i + MATCH_MIN <= length ? lookUp(source, offset, i) : -1;
      int matched = match < 0 ? 0 : matchLength(source, offset + match, offset + i, length - i);
      if (matched < MATCH_MIN) {
        literal(source[offset + i]);
        i++;
      } else {
        match(i - match - 1, matched);
        i += matched;
      }
    }
    endLiterals();
    target = new byte[0];
    return end;
  }

  private void begin(int length) {
    if (nextBase > Integer.MAX_VALUE - length) {
      Arrays.fill(seen, 0);
      nextBase = 1;
    }
    base = nextBase;
    nextBase += length;
  }

  private int lookUp(byte[] source, int offset, int i) {
    int at = offset + i;
    int two = (source[at] & 0xff) << 16 | (source[at + 1] & 0xff) << 8;
    int hash = ((two | (source[at + 2] & 0xff)) * 0x9e3779b1) >>> (Integer.SIZE - HASH_LOG2);
    int before = seen[hash] - base;
    seen[hash] = base + i;
    return before >= 0 && i - before <= DISTANCE_MAX ? before : -1;
  }

  private static int matchLength(byte[] source, int before, int now, int left) {
    int most = Math.min(MATCH_MAX, left);
    int length = 0;
    while (length < most && source[before + length] == source[now + length]) {
      length++;
    }
    return length;
  }

  private void beginLiterals() {
    literalsAt = end++;
    literals = 0;
  }

  private void literal(byte b) {
    target[end++] = b;
    literals++;
    if (literals == LITERALS_MAX) {
      target[literalsAt] = (byte) (literals - 1);
      beginLiterals();
    }
  }

  /** Writes the count of the literals, or takes its place back where there are none. */
  private void endLiterals() {
    if (literals == 0) {
      end = literalsAt;
    } else {
      target[literalsAt] = (byte) (literals - 1);
    }
  }

  private void match(int distance, int length) {
    endLiterals();
    int code = length - 2;
    if (length <= SHORT_MATCH_MAX) {
      target[end++] = (byte) (code << 5 | distance >>> 8);
    } else {
      target[end++] = (byte) (7 << 5 | distance >>> 8);
      target[end++] = (byte) (code - 7);
    }
    target[end++] = (byte) distance;
    beginLiterals();
  }

  /**
   * Decompresses bytes that may come from anywhere.
   *
   * @return whether they are what they should be and fill the target exactly
   */
  public static boolean decompress(byte[] source, int offset, int length, byte[] target) {
    int i = offset;
    int sourceEnd = offset + length;
    int to = 0;
    while (i < sourceEnd) {
      int control = source[i++] & 0xff;
      if (control < LITERALS_MAX) {
        int count = control + 1;
        if (count > sourceEnd - i || count > target.length - to) {
          return false;
        }
        System.arraycopy(source, i, target, to, count);
        i += count;
        to += count;
        continue;
      }
      int code = control >>> 5;
      if (i + (code == 7 ? 2 : 1) > sourceEnd) {
        return false;
      }
      int count = 2 + (code == 7 ? code + (source[i++] & 0xff) : code);
      int distance = (control & 0x1f) << 8 | (source[i++] & 0xff);
      int from = to - distance - 1;
      if (from < 0 || count > target.length - to) {
        return false;
      }
      // Byte by byte, as the two may overlap: what was just written is repeated.
      for (int k = 0; k < count; k++) {
        target[to++] = target[from++];
      }
    }
    return to == target.length;
  }
}
