package io.redknot.storage.encoding;

/**
 * A node of a stream: entries one behind the other in a listpack, byte for byte that of Redis.
 *
 * <pre>
 *   node   entries, deleted entries, n, field 1 ... field n, 0     the fields of the first entry
 *          entry ...
 *   entry  flags, ms, seq, (m, (field, value) x m | value x n), elements
 * </pre>
 *
 * Each word is an element. {@code ms} and {@code seq} are the differences to the id under which the
 * node is kept; the second may be negative. With the flag {@link #SAME_FIELDS} an entry has the
 * fields of the node, and only its values stand there. {@code elements} is the number of an entry's
 * elements without itself: for walking backwards. An entry that was deleted stays where it is, with
 * the flag {@link #DELETED}.
 *
 * <p>All verbs take the array and the listpack's first byte in it, as those of {@link Listpack}.
 */
final class StreamNode {
  static final int DELETED = 1;
  static final int SAME_FIELDS = 2;

  /** Elements of an entry before its fields, where it has those of the node. */
  static final int ENTRY_HEAD = 3;

  /** Room that a change of the two counters may take. */
  static final int COUNTER_SPARE_BYTES = 20;

  private StreamNode() {}

  /** Position of the element that counts deleted entries. */
  private static int deletedAt(byte[] lp, int at) {
    return behind(lp, at, Listpack.HEADER_BYTES);
  }

  /** Position behind an element, which may be the end. */
  static int behind(byte[] lp, int at, int p) {
    return p + Listpack.elementBytes(lp, at, p);
  }

  /** Position behind a number of elements, which may be the end. */
  static int behind(byte[] lp, int at, int p, int elements) {
    int behind = p;
    for (int i = 0; i < elements; i++) {
      behind += Listpack.elementBytes(lp, at, behind);
    }
    return behind;
  }

  /** Entries that are not deleted. */
  static int live(byte[] lp, int at) {
    return (int) Listpack.integer(lp, at, Listpack.HEADER_BYTES);
  }

  /** Entries that are deleted. */
  static int deleted(byte[] lp, int at) {
    return (int) Listpack.integer(lp, at, deletedAt(lp, at));
  }

  /** Position of the element that tells how many fields the node has. */
  private static int fieldCountAt(byte[] lp, int at) {
    return behind(lp, at, deletedAt(lp, at));
  }

  /** Number of the node's fields. */
  static int fieldCount(byte[] lp, int at) {
    return (int) Listpack.integer(lp, at, fieldCountAt(lp, at));
  }

  /** Position of the node's first field. */
  static int fieldsAt(byte[] lp, int at) {
    return behind(lp, at, fieldCountAt(lp, at));
  }

  /** Position of the first entry. */
  static int firstEntry(byte[] lp, int at) {
    return behind(lp, at, fieldsAt(lp, at), fieldCount(lp, at) + 1);
  }

  /** Position behind an entry, given that of its element behind the id. */
  static int behindEntry(byte[] lp, int at, int flags, int p, int nodeFields) {
    if ((flags & SAME_FIELDS) != 0) {
      return behind(lp, at, p, nodeFields + 1);
    }
    int fields = (int) Listpack.integer(lp, at, p);
    return behind(lp, at, p, 2 * fields + 2);
  }

  /** Position of the entry before a position, which must not be that of the first one. */
  static int previousEntry(byte[] lp, int at, int p) {
    int entry = Listpack.previous(lp, at, p);
    for (int i = (int) Listpack.integer(lp, at, entry); i > 0; i--) {
      entry = Listpack.previous(lp, at, entry);
    }
    return entry;
  }

  /** Whether an entry has just the fields of the node. */
  static boolean hasFields(byte[] lp, int at, EntryFields fields) {
    int count = fieldCount(lp, at);
    if (2 * count != fields.count()) {
      return false;
    }
    int p = fieldsAt(lp, at);
    for (int i = 0; i < count; i++) {
      int index = 2 * i;
      if (!Listpack.is(lp, at, p, fields.array(), fields.offset(index), fields.length(index))) {
        return false;
      }
      p = behind(lp, at, p);
    }
    return true;
  }

  private static int textBytes(EntryFields fields, int index) {
    return Listpack.encodedBytes(fields.array(), fields.offset(index), fields.length(index));
  }

  /** Bytes that all elements take in a node without entries. */
  static int emptyBytes(EntryFields fields) {
    int bytes =
        Listpack.EMPTY_BYTES
            + 3 * Listpack.encodedBytes(0)
            + Listpack.encodedBytes(fields.count() / 2);
    for (int i = 0; i < fields.count(); i += 2) {
      bytes += textBytes(fields, i);
    }
    return bytes;
  }

  /** Writes a node without entries, which has the fields of the entry that is to be the first. */
  static void clear(byte[] lp, int at, EntryFields fields) {
    Listpack.clear(lp, at);
    int p = Listpack.insert(lp, at, Listpack.HEADER_BYTES, 0);
    p = Listpack.insert(lp, at, p, 0);
    p = Listpack.insert(lp, at, p, fields.count() / 2);
    for (int i = 0; i < fields.count(); i += 2) {
      p = insert(lp, at, p, fields, i);
    }
    Listpack.insert(lp, at, p, 0);
  }

  private static int insert(byte[] lp, int at, int p, EntryFields fields, int index) {
    return Listpack.insert(lp, at, p, fields.array(), fields.offset(index), fields.length(index));
  }

  /**
   * Bytes that an entry takes at most, whatever its texts are.
   *
   * @param same whether it has the fields of the node
   */
  static long entryBytesMax(EntryFields fields, boolean same) {
    long bytes = (long) (ENTRY_HEAD + 2) * Listpack.ELEMENT_OVERHEAD_MAX;
    for (int i = same ? 1 : 0; i < fields.count(); i += same ? 2 : 1) {
      bytes += fields.length(i) + (long) Listpack.ELEMENT_OVERHEAD_MAX;
    }
    return bytes;
  }

  /**
   * Bytes that an entry takes.
   *
   * @param same whether it has the fields of the node
   */
  static int entryBytes(EntryFields fields, boolean same, long ms, long seq) {
    int bytes =
        Listpack.encodedBytes(0)
            + Listpack.encodedBytes(ms)
            + Listpack.encodedBytes(seq)
            + Listpack.encodedBytes(elements(fields, same));
    if (!same) {
      bytes += Listpack.encodedBytes(fields.count() / 2);
    }
    for (int i = same ? 1 : 0; i < fields.count(); i += same ? 2 : 1) {
      bytes += textBytes(fields, i);
    }
    return bytes;
  }

  private static int elements(EntryFields fields, boolean same) {
    return same ? ENTRY_HEAD + fields.count() / 2 : ENTRY_HEAD + 1 + fields.count();
  }

  /**
   * Appends an entry and counts it; there must be room for it and for the counter.
   *
   * <p>This is what XADD spends its time with: the elements are written one behind the other, and
   * the listpack's header once.
   */
  static void append(byte[] lp, int at, EntryFields fields, boolean same, long ms, long seq) {
    addToLive(lp, at, 1);
    int count = fields.count();
    int i = at + Listpack.end(lp, at);
    i += Listpack.encode(lp, i, same ? SAME_FIELDS : 0);
    i += Listpack.encode(lp, i, ms);
    i += Listpack.encode(lp, i, seq);
    if (!same) {
      i += Listpack.encode(lp, i, count / 2);
    }
    for (int k = same ? 1 : 0; k < count; k += same ? 2 : 1) {
      i += Listpack.encode(lp, i, fields.array(), fields.offset(k), fields.length(k));
    }
    int elements = elements(fields, same);
    i += Listpack.encode(lp, i, elements);
    Listpack.appended(lp, at, i, elements + 1);
  }

  private static void addToLive(byte[] lp, int at, int difference) {
    Listpack.replace(lp, at, Listpack.HEADER_BYTES, (long) live(lp, at) + difference);
  }

  /** Marks an entry as deleted, without counting it; its flags take one byte before and after. */
  static void mark(byte[] lp, int at, int entry) {
    Listpack.replace(lp, at, entry, Listpack.integer(lp, at, entry) | DELETED);
  }

  /** Counts entries that were marked; there must be room for {@link #COUNTER_SPARE_BYTES} more. */
  static void countDeleted(byte[] lp, int at, int difference) {
    addToLive(lp, at, -difference);
    Listpack.replace(lp, at, deletedAt(lp, at), (long) deleted(lp, at) + difference);
  }
}
