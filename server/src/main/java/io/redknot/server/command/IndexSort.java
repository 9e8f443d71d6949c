package io.redknot.server.command;

/** Merge sort of indexes by an order that the caller knows; equal ones stay as they are. */
final class IndexSort {
  /** Compares what two indexes stand for. */
  @FunctionalInterface
  interface Order {
    int compare(int a, int b);
  }

  /** Runs of so many are sorted by insertion. */
  private static final int RUN = 8;

  private IndexSort() {}

  /** Sorts in place. */
  static void sort(int[] indexes, Order order) {
    int count = indexes.length;
    for (int from = 0; from < count; from += RUN) {
      insert(indexes, from, Math.min(from + RUN, count), order);
    }
    int[] source = indexes;
    int[] target = new int[count];
    boolean swapped = false;
    for (long width = RUN; width < count; width *= 2) {
      for (long from = 0; from < count; from += 2 * width) {
        int middle = (int) Math.min(from + width, count);
        int end = (int) Math.min(from + 2 * width, count);
        merge(source, (int) from, middle, end, target, order);
      }
      int[] swap = source;
      source = target;
      target = swap;
      swapped = !swapped;
    }
    if (swapped) {
      System.arraycopy(source, 0, indexes, 0, count);
    }
  }

  private static void insert(int[] indexes, int from, int end, Order order) {
    for (int i = from + 1; i < end; i++) {
      int moved = indexes[i];
      int k = i;
      while (k > from && order.compare(indexes[k - 1], moved) > 0) {
        indexes[k] = indexes[k - 1];
        k--;
      }
      indexes[k] = moved;
    }
  }

  private static void merge(
      int[] source, int from, int middle, int end, int[] target, Order order) {
    int left = from;
    int right = middle;
    for (int i = from; i < end; i++) {
      boolean takesLeft =
          right >= end || (left < middle && order.compare(source[left], source[right]) <= 0);
      target[i] = source[takesLeft ? left++ : right++];
    }
  }
}
