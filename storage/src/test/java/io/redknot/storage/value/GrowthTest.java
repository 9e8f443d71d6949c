package io.redknot.storage.value;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.encoding.HashTable;
import io.redknot.storage.encoding.ListLimits;
import io.redknot.storage.encoding.NodeList;
import io.redknot.storage.encoding.SortedTree;
import io.redknot.storage.memory.KeyHash;
import io.redknot.storage.memory.NodeStore;
import io.redknot.storage.memory.PageArena;
import io.redknot.storage.memory.PagePool;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** One more element makes few nodes, however many there are: no growth copies a large value. */
class GrowthTest {
  private static final int ELEMENTS = 100_000;

  /** A split of a leaf and of all nodes above it. */
  private static final int NODES_MAX = 8;

  /** As much as blocks of such splits take. */
  private static final int BYTES_MAX = 32 * 1024;

  private final PageArena arena = new PageArena(new PagePool());
  private final NodeStore nodes = new NodeStore(arena);

  private void assertEachAddsLittle(Consumer<byte[]> add) {
    for (int i = 0; i < ELEMENTS; i++) {
      byte[] element = ("element" + i * 7919L % ELEMENTS).getBytes(ISO_8859_1);
      long nodesBefore = nodes.size();
      long bytesBefore = arena.usedBytes();
      add.accept(element);
      long made = Math.abs(nodes.size() - nodesBefore);
      long taken = Math.abs(arena.usedBytes() - bytesBefore);
      assertTrue(made <= NODES_MAX, "element " + i + " made " + made + " nodes");
      assertTrue(taken <= BYTES_MAX, "element " + i + " took " + taken + " bytes");
    }
    assertTrue(nodes.size() > 100, nodes.size() + " nodes");
  }

  @Test
  void tableSplitsOneLeafAtATime() {
    HashTable table = new HashTable(nodes, new KeyHash(1));
    byte[] value = {'v'};
    assertEachAddsLittle(
        element -> {
          boolean _ = table.put(element, 0, element.length, value, 0, 1);
        });
  }

  @Test
  void treeSplitsOneLeafAtATime() {
    SortedTree tree = new SortedTree(nodes);
    assertEachAddsLittle(element -> tree.insert(element.length, element, 0, element.length));
  }

  @Test
  void listGrowsByANodeAtATime() {
    NodeList list = new NodeList(nodes);
    ListLimits limits = ListLimits.of(-2);
    assertEachAddsLittle(element -> list.addLast(element, 0, element.length, limits));
  }
}
