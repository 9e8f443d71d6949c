package io.redknot.storage.rdb;

import io.redknot.storage.encoding.HashTable;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.memory.Bytes;
import io.redknot.storage.value.SortedSet;
import io.redknot.storage.value.ValueType;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * The record of a large hash, set or sorted set, written leaf by leaf in the order of hashes; Redis
 * takes elements in any order.
 */
final class TablePieces extends ValuePieces {
  private final ValueType type;
  private final HashTable table;

  private TablePieces(ValueType type, HashTable table, boolean compress) {
    super(compress);
    this.type = type;
    this.table = table;
  }

  static @Nullable TablePieces of(Keyspace keys, long ref, boolean compress) {
    HashTable table =
        keys.large(ref) instanceof SortedSet set ? set.table() : (HashTable) keys.large(ref);
    return table.isManyNodes() && !table.hasSnapshot()
        ? new TablePieces(ValueType.of(keys, ref), table, compress)
        : null;
  }

  @Override
  void begin() throws IOException {
    out().length(table.count());
    table.beginSnapshot(this::element);
  }

  @Override
  protected boolean next() {
    return table.snapshotStep();
  }

  private void element(byte[] key, int at, int length, byte[] value, int valueAt, int n) {
    try {
      RdbOutput out = out();
      out.string(key, at, length);
      if (type == ValueType.HASH) {
        out.string(value, valueAt, n);
      } else if (type == ValueType.ZSET) {
        out.i64(Bytes.getLong(value, valueAt));
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
