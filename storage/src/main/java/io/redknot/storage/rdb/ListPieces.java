package io.redknot.storage.rdb;

import io.redknot.storage.encoding.Listpack;
import io.redknot.storage.encoding.NodeList;
import io.redknot.storage.keyspace.Keyspace;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** The record of a large list, written node by node. */
final class ListPieces extends ValuePieces {
  private final NodeList list;

  private ListPieces(NodeList list, boolean compress) {
    super(compress);
    this.list = list;
  }

  static @Nullable ListPieces of(Keyspace keys, long ref, boolean compress) {
    NodeList list = (NodeList) keys.large(ref);
    return list.isManyNodes() && !list.hasSnapshot() ? new ListPieces(list, compress) : null;
  }

  @Override
  void begin() throws IOException {
    out().length(list.nodes());
    list.beginSnapshot(this::node);
  }

  @Override
  protected boolean next() {
    return list.snapshotStep();
  }

  private void node(byte[] lp, int at) {
    try {
      out().length(RdbFormat.NODE_PACKED);
      out().string(lp, at, Listpack.bytes(lp, at));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
