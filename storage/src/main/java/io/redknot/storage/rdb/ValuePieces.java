package io.redknot.storage.rdb;

import io.redknot.storage.keyspace.EntryFormat;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.snapshot.RecordPieces;
import io.redknot.storage.value.ValueType;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The record of a large value. */
abstract class ValuePieces extends RecordPieces {
  ValuePieces(boolean compress) {
    super(compress);
  }

  /** That of an entry; null where it is small, or is being written already. */
  static @Nullable ValuePieces of(Keyspace keys, long ref, int version, boolean compress) {
    if (keys.encoding(ref) != EntryFormat.LARGE) {
      return null;
    }
    return switch (ValueType.of(keys, ref)) {
      case HASH, SET, ZSET -> TablePieces.of(keys, ref, compress);
      case LIST -> ListPieces.of(keys, ref, compress);
      case STREAM -> StreamPieces.of(keys, ref, version, compress);
      case STRING -> null;
    };
  }

  /** Where what precedes the value is written. */
  final RdbOutput head() {
    return out();
  }

  /** Begins the value. */
  abstract void begin() throws IOException;
}
