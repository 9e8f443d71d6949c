package io.redknot.storage.encoding;

/**
 * Removes equal elements all over a list in one pass: nodes that stay close the gaps of those that
 * have become empty, or that were joined to a neighbour, as it goes.
 */
final class NodeSieve {
  private final NodeList list;
  private final NodeRing ring;
  private final ListLimits limits;
  private final boolean fromLast;

  NodeSieve(NodeList list, ListLimits limits, boolean fromLast) {
    this.list = list;
    this.ring = list.ring();
    this.limits = limits;
    this.fromLast = fromLast;
  }

  /** The index of the n-th node in the direction of the pass. */
  private int index(int n) {
    return fromLast ? ring.size() - 1 - n : n;
  }

  /** Removes at most so many; how many it removed. */
  long remove(byte[] text, int offset, int length, long max) {
    long removed = 0;
    int kept = 0;
    int next = 0;
    boolean joins = false;
    while (next < ring.size() && removed < max) {
      int i = index(next++);
      int here = list.sieve(i, text, offset, length, max - removed, fromLast);
      removed += here;
      if (here > 0 && !list.keep(i)) {
        continue;
      }
      // Neighbours are joined only where one has lost elements.
      boolean joined = (here > 0 || joins) && kept > 0 && join(index(kept - 1), i);
      joins = here > 0;
      if (!joined) {
        ring.copy(i, index(kept++));
      }
    }
    close(kept, next);
    return removed;
  }

  /** Joins two neighbours into that at {@code keptIndex}, which is the nearer one to the start. */
  private boolean join(int keptIndex, int i) {
    if (!fromLast) {
      return list.joinIfSparse(keptIndex, i, limits);
    }
    // The elements go behind those of the earlier node, whose entry then takes the other's place.
    if (!list.joinIfSparse(i, keptIndex, limits)) {
      return false;
    }
    ring.copy(i, keptIndex);
    return true;
  }

  /** Moves the nodes not looked at up to those that were kept. */
  private void close(int kept, int next) {
    int gap = next - kept;
    if (gap == 0) {
      return;
    }
    for (int n = next; n < ring.size(); n++) {
      ring.copy(index(n), index(n - gap));
    }
    if (fromLast) {
      ring.removeFirst(gap);
    } else {
      ring.removeLast(gap);
    }
  }
}
