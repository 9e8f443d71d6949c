package io.redknot.storage.memory;

import java.util.Arrays;

/**
 * Blocks named by a number that stays the same while the block moves: what large values are built
 * of. A node that does not fit a page's block has an array of its own.
 *
 * <pre>
 *   0  u8   {@link #KIND}
 *   1  u8   unused
 *   2  u8   1: the node is marked
 *   3  u8   size class of the block
 *   4  u32  the node's number
 *   8       content
 * </pre>
 *
 * <p>Content begins at {@link #offset} of {@link #array}; both are borrowed and valid until the
 * next call that allocates, resizes or frees. A new node's content is whatever was there. The table
 * of places is cut into chunks, so that it never has to be copied as a whole.
 */
public final class NodeStore {
  /** First byte of a block that is a node. */
  public static final int KIND = 0xfe;

  /** What stands for no node. */
  public static final int NONE = 0;

  /** A node of more bytes has an array of its own. */
  public static final int PAGED_BYTES_MAX = 128 * 1024;

  private static final int MARK = 2;
  private static final int SIZE_CLASS = 3;
  private static final int NUMBER = 4;
  private static final int HEADER_BYTES = 8;
  private static final int CHUNK_LOG2 = 10;
  private static final int CHUNK_MASK = (1 << CHUNK_LOG2) - 1;
  private static final int ARRAY_HEADER_BYTES = 16;
  private static final byte[] NOTHING = {};
  private static final long[] NO_CHUNK = {};

  private final PageArena arena;

  /** By number: the block's reference, or the complement of an index in {@link #arrays}. */
  private long[][] places = {};

  /** Numbers never given out start here. */
  private int fresh = 1;

  /** The free number given back last; the next one stands in its place. */
  private int free;

  private byte[][] arrays = {};
  private int freeArray = -1;
  private int[] nextFreeArray = {};
  private long heapBytes;
  private long nodes;

  public NodeStore(PageArena arena) {
    this.arena = arena;
  }

  /** Bytes on the Java heap that do not lie in the arena's pages. */
  public long heapBytes() {
    return heapBytes;
  }

  /** Counts bytes that a value took from the Java heap beside its nodes, or gave back. */
  public void countHeapBytes(long difference) {
    heapBytes += difference;
  }

  /** Number of nodes. */
  public long size() {
    return nodes;
  }

  private long place(int node) {
    return places[node >>> CHUNK_LOG2][node & CHUNK_MASK];
  }

  private void place(int node, long value) {
    places[node >>> CHUNK_LOG2][node & CHUNK_MASK] = value;
  }

  /** The array that holds a node. */
  public byte[] array(int node) {
    long place = place(node);
    return place >= 0 ? arena.page(place) : arrays[(int) ~place];
  }

  /** First byte of a node's content in {@link #array}. */
  public int offset(int node) {
    long place = place(node);
    return place >= 0 ? PageArena.offset(place) + HEADER_BYTES : 0;
  }

  /** Bytes that a node has room for. */
  public int capacity(int node) {
    long place = place(node);
    if (place < 0) {
      return arrays[(int) ~place].length;
    }
    int sizeClass = arena.page(place)[PageArena.offset(place) + SIZE_CLASS] & 0xff;
    return PageArena.classBytes(sizeClass) - HEADER_BYTES;
  }

  /** Whether a node in a page is marked, for whatever its owner likes; a new one is not. */
  public boolean isMarked(int node) {
    long place = place(node);
    return place >= 0 && arena.page(place)[PageArena.offset(place) + MARK] != 0;
  }

  /** Marks a node, or takes the mark back; only one of up to {@link #PAGED_BYTES_MAX} bytes. */
  public void mark(int node, boolean marked) {
    long place = place(node);
    if (place < 0) {
      throw new IllegalStateException("a node with an array of its own has no mark");
    }
    arena.page(place)[PageArena.offset(place) + MARK] = (byte) (marked ? 1 : 0);
  }

  /** Bytes that a node takes in memory. */
  public long heldBytes(int node) {
    int capacity = capacity(node);
    return place(node) >= 0 ? capacity + HEADER_BYTES : capacity + ARRAY_HEADER_BYTES;
  }

  /** Bytes of room that a node made for that many has, at least as many. */
  public static int roomFor(int bytes) {
    return bytes > PAGED_BYTES_MAX
        ? bytes
        : PageArena.classBytes(PageArena.classOf(bytes + HEADER_BYTES)) - HEADER_BYTES;
  }

  /**
   * Makes a node.
   *
   * @param bytes room that it needs, at least 0
   * @return its number, never {@link #NONE}
   */
  public int allocate(int bytes) {
    int node = newNumber();
    place(node, bytes > PAGED_BYTES_MAX ? newArray(bytes) : newBlock(node, bytes));
    nodes++;
    return node;
  }

  private int newNumber() {
    int node = free;
    if (node != NONE) {
      free = (int) place(node);
      return node;
    }
    node = fresh;
    int chunk = node >>> CHUNK_LOG2;
    if (chunk == places.length) {
      int chunks = Math.max(1, chunk * 2);
      places = Arrays.copyOf(places, chunks);
      Arrays.fill(places, chunk, chunks, NO_CHUNK);
      heapBytes += (long) (chunks - chunk) * Long.BYTES;
    }
    if (places[chunk].length == 0) {
      places[chunk] = new long[1 << CHUNK_LOG2];
      heapBytes += ARRAY_HEADER_BYTES + (Long.BYTES << CHUNK_LOG2);
    }
    fresh++;
    return node;
  }

  private long newBlock(int node, int bytes) {
    int sizeClass = PageArena.classOf(bytes + HEADER_BYTES);
    long ref = arena.allocate(sizeClass);
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    Bytes.putInt(page, at, KIND | sizeClass << (Byte.SIZE * SIZE_CLASS));
    Bytes.putInt(page, at + NUMBER, node);
    return ref;
  }

  private long newArray(int bytes) {
    int index = freeArray;
    if (index < 0) {
      index = arrays.length;
      arrays = Arrays.copyOf(arrays, index + 1 + index / 2);
      nextFreeArray = Arrays.copyOf(nextFreeArray, arrays.length);
      for (int i = arrays.length - 1; i > index; i--) {
        arrays[i] = NOTHING;
        nextFreeArray[i] = freeArray;
        freeArray = i;
      }
    } else {
      freeArray = nextFreeArray[index];
    }
    arrays[index] = new byte[bytes];
    heapBytes += (long) bytes + ARRAY_HEADER_BYTES;
    return ~(long) index;
  }

  /** Gives a node back. */
  public void free(int node) {
    release(place(node));
    place(node, free);
    free = node;
    nodes--;
  }

  private void release(long place) {
    if (place >= 0) {
      int sizeClass = arena.page(place)[PageArena.offset(place) + SIZE_CLASS] & 0xff;
      arena.free(place, sizeClass);
      return;
    }
    int index = (int) ~place;
    heapBytes -= (long) arrays[index].length + ARRAY_HEADER_BYTES;
    arrays[index] = NOTHING;
    nextFreeArray[index] = freeArray;
    freeArray = index;
  }

  /**
   * Gives a node room for more or fewer bytes. What it has stays as far as there is room; the rest
   * is whatever was there. It moves only where another size class fits better.
   */
  public void resize(int node, int bytes) {
    int held = capacity(node);
    if (roomFor(bytes) == held) {
      return;
    }
    long old = place(node);
    byte[] from = array(node);
    int fromAt = offset(node);
    boolean marked = isMarked(node);
    long now = bytes > PAGED_BYTES_MAX ? newArray(bytes) : newBlock(node, bytes);
    place(node, now);
    System.arraycopy(from, fromAt, array(node), offset(node), Math.min(held, capacity(node)));
    if (marked) {
      mark(node, true);
    }
    release(old);
  }

  /** The number of the node in a block whose first byte is {@link #KIND}. */
  private int numberAt(long ref) {
    return Bytes.getInt(arena.page(ref), PageArena.offset(ref) + NUMBER);
  }

  /** Moves the node of a block to another block of the same class: compaction. */
  public void relocate(long ref) {
    byte[] page = arena.page(ref);
    int at = PageArena.offset(ref);
    int sizeClass = page[at + SIZE_CLASS] & 0xff;
    long target = arena.allocate(sizeClass);
    System.arraycopy(
        page, at, arena.page(target), PageArena.offset(target), PageArena.classBytes(sizeClass));
    place(numberAt(ref), target);
    arena.free(ref, sizeClass);
  }
}
