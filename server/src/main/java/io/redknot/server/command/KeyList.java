package io.redknot.server.command;

import io.redknot.protocol.RespWriter;
import io.redknot.storage.keyspace.Keyspace;
import java.util.Arrays;

/**
 * Copies of keys or elements, collected because a reply begins with their number: in two arrays,
 * since there may be millions.
 */
final class KeyList {
  private byte[] bytes = new byte[256];
  private int[] ends = new int[16];
  private int count;

  private int end() {
    return count == 0 ? 0 : ends[count - 1];
  }

  /** Adds an entry's key. */
  void add(Keyspace keys, long ref) {
    add(keys.keyArray(ref), keys.keyOffset(ref), keys.keyLength(ref));
  }

  /** Adds bytes. */
  void add(byte[] array, int offset, int length) {
    int from = end();
    int to = Math.addExact(from, length);
    if (to > bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 16, 2L * to));
    }
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, 2 * count);
    }
    System.arraycopy(array, offset, bytes, from, length);
    ends[count++] = to;
  }

  /** How many there are. */
  int count() {
    return count;
  }

  /** Writes an array of them. */
  void writeTo(RespWriter out) {
    out.array(count);
    writeElementsTo(out);
  }

  /** Writes them one by one. */
  void writeElementsTo(RespWriter out) {
    int from = 0;
    for (int i = 0; i < count; i++) {
      out.bulk(bytes, from, ends[i] - from);
      from = ends[i];
    }
  }
}
