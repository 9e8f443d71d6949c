package io.redknot.storage.memory;

/**
 * A collection that outgrew the bytes of its entry: a Java object whose elements lie in the nodes
 * of a {@link NodeStore}, so that the garbage collector sees one object and never the elements.
 *
 * <p>What it keeps on the Java heap itself it reports through {@link NodeStore#countHeapBytes},
 * also in {@link #release} when that is given up.
 */
public interface LargeValue {
  /** Bytes that it takes, nodes and Java heap: what MEMORY USAGE tells. May be an estimate. */
  long usedBytes();

  /**
   * Gives nodes back. The value is no longer in use: after the first call nothing but this may be
   * called. It is called again until all are gone, so that no single call takes long.
   *
   * @param nodesMax how many nodes to give back at most, about
   * @return how many were given back; fewer than asked for means that all are gone
   */
  int release(int nodesMax);

  /** A copy whose nodes lie in another store, or in the same one. */
  LargeValue copyTo(NodeStore target);
}
