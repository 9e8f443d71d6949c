package io.redknot.storage.encoding;

import io.redknot.storage.memory.NodeStore;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Shows the nodes of a {@link NodeList} as they were at one moment, in order, while the list
 * changes: a node that has not had its turn is copied before it changes.
 *
 * <p>In the ring each node that was there at the beginning has its place among them as its mark,
 * from 1 on, until it has been copied; so it is known wherever in the list it is by then.
 */
final class ListSnapshot {
  private final NodeStore nodes;
  private final PackVisitor visitor;

  /** Number of each node, and where in it the listpack begins. */
  private final int[] numbers;

  private final int[] starts;

  /** Copies of nodes that changed before their turn, by place. */
  private final Map<Integer, byte[]> copies = new HashMap<>();

  private int shown;

  /** Begins: takes time for each node, but looks into none. */
  ListSnapshot(NodeStore nodes, NodeRing ring, PackVisitor visitor) {
    this.nodes = nodes;
    this.visitor = visitor;
    this.numbers = new int[ring.size()];
    this.starts = new int[ring.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = ring.node(i);
      starts[i] = ring.start(i);
      ring.mark(i, i + 1);
    }
  }

  /** Shows the next node; false: all were shown. */
  boolean step() {
    if (shown < numbers.length) {
      byte[] copy = copies.remove(shown);
      if (copy != null) {
        visitor.pack(copy, 0);
      } else {
        int node = numbers[shown];
        visitor.pack(nodes.array(node), nodes.offset(node) + starts[shown]);
      }
      shown++;
    }
    return shown < numbers.length;
  }

  /** The node of an index is about to change, or to go. */
  void preserve(NodeRing ring, int index) {
    int place = ring.mark(index) - 1;
    ring.mark(index, 0);
    if (place >= shown) {
      int node = ring.node(index);
      byte[] lp = nodes.array(node);
      int at = nodes.offset(node) + ring.start(index);
      copies.put(place, Arrays.copyOfRange(lp, at, at + Listpack.bytes(lp, at)));
    }
  }
}
