package io.redknot.server.tracking;

import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.KeyHash;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a shard that clients have read, and who has. Guarded by the shard's lock.
 *
 * <p>An open-addressing table of arrays without a further object per key or client:
 *
 * <pre>
 *   entry = key length 4 | number of clients n 4 | key | clients 4 each, n of them, rising | room
 * </pre>
 */
final class TrackedKeys {
  private static final int COUNT_OFFSET = Integer.BYTES;
  private static final int KEY_OFFSET = COUNT_OFFSET + Integer.BYTES;
  private static final int TABLE_LENGTH_MIN = 16;

  /** Up to so many clients an entry has no room to spare. */
  private static final int EXACT_CLIENTS_MAX = 4;

  /** What the JVM adds to an array. */
  private static final int ARRAY_BYTES = 16;

  private final KeyHash hash;
  private byte[] @Nullable [] table = {};
  private int size;
  private long clients;
  private long entryBytes;

  /** Where the next entry is taken from that has to go. */
  private int hand;

  TrackedKeys(KeyHash hash) {
    this.hash = hash;
  }

  /** Number of keys. */
  int size() {
    return size;
  }

  /** Number of clients, summed over the keys. */
  long clients() {
    return clients;
  }

  /** About the bytes of memory that all take. */
  long sizeBytes() {
    return entryBytes + (long) Integer.BYTES * table.length;
  }

  /** Adds a client to those who have read a key. */
  void add(int client, byte[] key, int offset, int length) {
    if (4L * (size + 1) > 3L * table.length) {
      resize(Math.max(TABLE_LENGTH_MIN, 2 * table.length));
    }
    int at = find(key, offset, length);
    byte[] entry = table[at];
    if (entry == null) {
      entry = new byte[KEY_OFFSET + length + Integer.BYTES];
      Bytes.putInt(entry, 0, length);
      System.arraycopy(key, offset, entry, KEY_OFFSET, length);
      size++;
      entryBytes += ARRAY_BYTES + entry.length;
    }
    table[at] = with(client, entry);
  }

  private byte[] with(int client, byte[] entry) {
    int count = clientCount(entry);
    int place = place(client, entry, count);
    if (place < count && client(entry, place) == client) {
      return entry;
    }
    byte[] target = entry;
    int from = clientsOffset(entry) + place * Integer.BYTES;
    int behind = (count - place) * Integer.BYTES;
    if (clientsOffset(entry) + (count + 1) * Integer.BYTES > entry.length) {
      int room = count < EXACT_CLIENTS_MAX ? 1 : count / 2;
      target = Arrays.copyOf(entry, entry.length + room * Integer.BYTES);
      entryBytes += target.length - entry.length;
    }
    System.arraycopy(entry, from, target, from + Integer.BYTES, behind);
    Bytes.putInt(target, from, client);
    Bytes.putInt(target, COUNT_OFFSET, count + 1);
    clients++;
    return target;
  }

  /** Where a client is among those of an entry, or has to be. */
  private static int place(int client, byte[] entry, int count) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (client(entry, middle) < client) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Forgets a key and returns its entry; null where nobody has read it. */
  byte @Nullable [] remove(byte[] key, int offset, int length) {
    return size == 0 ? null : removeAt(find(key, offset, length));
  }

  /** Forgets any key and returns its entry; null: there is none. */
  byte @Nullable [] removeAny() {
    if (size == 0) {
      return null;
    }
    while (table[hand & table.length - 1] == null) {
      hand++;
    }
    return removeAt(hand & table.length - 1);
  }

  private byte @Nullable [] removeAt(int at) {
    byte[] entry = table[at];
    if (entry == null) {
      return null;
    }
    table[at] = null;
    size--;
    clients -= clientCount(entry);
    entryBytes -= ARRAY_BYTES + entry.length;
    closeGap(at);
    if (size == 0) {
      table = new byte[0][];
    } else if (table.length > TABLE_LENGTH_MIN && size < table.length / 8) {
      resize(table.length / 4);
    }
    return entry;
  }

  /** What stands behind a gap because its place was taken moves up. */
  private void closeGap(int gap) {
    int mask = table.length - 1;
    int at = gap + 1 & mask;
    byte[] entry = table[at];
    while (entry != null) {
      int home = (int) hash.of(entry, KEY_OFFSET, keyLength(entry)) & mask;
      // It may move unless its home lies behind the gap, up to where it is.
      if ((at - home & mask) >= (at - gap & mask)) {
        table[gap] = entry;
        table[at] = null;
        gap = at;
      }
      at = at + 1 & mask;
      entry = table[at];
    }
  }

  private void resize(int length) {
    byte[] @Nullable [] old = table;
    table = new byte[length][];
    for (byte[] entry : old) {
      if (entry != null) {
        table[find(entry, KEY_OFFSET, keyLength(entry))] = entry;
      }
    }
  }

  /** The place of a key, or the free one where it would be. */
  private int find(byte[] key, int offset, int length) {
    int mask = table.length - 1;
    int at = (int) hash.of(key, offset, length) & mask;
    byte[] entry = table[at];
    while (entry != null && !isOf(entry, key, offset, length)) {
      at = at + 1 & mask;
      entry = table[at];
    }
    return at;
  }

  private static boolean isOf(byte[] entry, byte[] key, int offset, int length) {
    return keyLength(entry) == length
        && Arrays.equals(entry, KEY_OFFSET, KEY_OFFSET + length, key, offset, offset + length);
  }

  private static int keyLength(byte[] entry) {
    return Bytes.getInt(entry, 0);
  }

  private static int clientsOffset(byte[] entry) {
    return KEY_OFFSET + keyLength(entry);
  }

  /** The key of an entry. */
  static byte[] key(byte[] entry) {
    return Arrays.copyOfRange(entry, KEY_OFFSET, clientsOffset(entry));
  }

  /** Number of clients of an entry. */
  static int clientCount(byte[] entry) {
    return Bytes.getInt(entry, COUNT_OFFSET);
  }

  /** One of the clients of an entry. */
  static int client(byte[] entry, int index) {
    return Bytes.getInt(entry, clientsOffset(entry) + index * Integer.BYTES);
  }
}
