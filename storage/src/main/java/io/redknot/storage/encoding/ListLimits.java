package io.redknot.storage.encoding;

import io.redknot.storage.memory.NodeStore;

/**
 * How much of a list lies in one listpack, as {@code list-max-listpack-size} says.
 *
 * @param bytesMax bytes of a listpack
 * @param entriesMax elements of a listpack
 * @param aloneBytes an element of so many bytes or more begins a listpack of its own
 */
public record ListLimits(int bytesMax, int entriesMax, long aloneBytes) {
  /** Bytes of a listpack where a number of elements is given. */
  private static final int SAFE_BYTES_MAX = 8192;

  private static final int SMALLEST_BYTES_MAX = 4096;
  private static final int STEPS = 5;

  /** As {@link #aloneBytes}: elements lie together as far as they have room. */
  public static final long NEVER_ALONE = Long.MAX_VALUE;

  /** What a block has room for when it also holds a node's header. */
  private static final int NODE_OVERHEAD_BYTES = Long.BYTES;

  /**
   * The limits of a setting.
   *
   * @param size number of elements; or -1 to -5 for 4, 8, 16, 32 or 64 KiB
   */
  public static ListLimits of(int size) {
    if (size >= 0) {
      return new ListLimits(SAFE_BYTES_MAX, Math.max(1, size), NEVER_ALONE);
    }
    int step = Math.min(-size, STEPS) - 1;
    return new ListLimits(SMALLEST_BYTES_MAX << step, Integer.MAX_VALUE, NEVER_ALONE);
  }

  /** The same with another {@link #aloneBytes}. */
  public ListLimits alone(long bytes) {
    return new ListLimits(bytesMax, entriesMax, bytes);
  }

  /** Whether so much may be one listpack. */
  public boolean allow(long bytes, long entries) {
    return bytes <= bytesMax && entries <= entriesMax;
  }

  /** Whether so much is little enough that one listpack serves until it has doubled. */
  public boolean allowTwice(long bytes, long entries) {
    return (entriesMax == Integer.MAX_VALUE ? bytes <= bytesMax / 2 : bytes <= bytesMax)
        && entries <= entriesMax / 2;
  }

  /** Bytes of a listpack in a node: block sizes are such that a node of these wastes nothing. */
  int nodeBytesMax() {
    return Math.min(bytesMax - NODE_OVERHEAD_BYTES, NodeStore.PAGED_BYTES_MAX);
  }
}
