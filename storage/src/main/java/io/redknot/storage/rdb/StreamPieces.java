package io.redknot.storage.rdb;

import io.redknot.storage.encoding.StreamId;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.StreamValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * The record of a large stream, written listpack by listpack. What follows these, the groups among
 * it, is put aside at the beginning.
 */
final class StreamPieces extends ValuePieces {
  private final StreamValue stream;
  private final int version;
  private byte[] rest = {};

  private StreamPieces(StreamValue stream, int version, boolean compress) {
    super(compress);
    this.stream = stream;
    this.version = version;
  }

  static @Nullable StreamPieces of(Keyspace keys, long ref, int version, boolean compress) {
    StreamValue stream = StreamValue.of(keys, ref);
    return stream.entries().isManyNodes() && !stream.entries().hasSnapshot()
        ? new StreamPieces(stream, version, compress)
        : null;
  }

  @Override
  void begin() throws IOException {
    RdbOutput aside = RdbOutput.inMemory(true);
    StreamCodec.writeRest(stream, version, aside);
    rest = aside.take(0);
    out().length(stream.entries().listpacks());
    stream.entries().beginSnapshot(this::node);
  }

  @Override
  protected boolean next() {
    if (stream.entries().snapshotStep()) {
      return true;
    }
    append(rest);
    return false;
  }

  private void node(StreamId id, byte[] lp, int at) {
    try {
      StreamCodec.writeNode(id, lp, at, out());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
