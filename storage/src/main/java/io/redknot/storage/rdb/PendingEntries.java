package io.redknot.storage.rdb;

import io.redknot.storage.encoding.StreamId;
import java.io.IOException;
import java.util.Arrays;

/** The pending entries of a group that is read, in the order of their ids. */
final class PendingEntries {
  private static final int NUMBERS = 4;

  /** High and low half of the id, time of delivery, deliveries; by entry. */
  private long[] numbers = new long[8 * NUMBERS];

  private int size;

  private PendingEntries() {}

  /**
   * Reads them.
   *
   * @throws RdbException where they are not in order
   */
  static PendingEntries read(RdbInput in) throws IOException {
    PendingEntries entries = new PendingEntries();
    for (int left = in.count(); left > 0; left--) {
      entries.add(new StreamId(in.i64BigEndian(), in.i64BigEndian()), in.i64(), in.length());
    }
    return entries;
  }

  private void add(StreamId id, long deliveredMs, long deliveries) throws RdbException {
    if (size > 0 && id(size - 1).compareTo(id) >= 0) {
      throw new RdbException("the pending entries of a group are not in order");
    }
    int at = size * NUMBERS;
    if (at == numbers.length) {
      numbers = Arrays.copyOf(numbers, Math.multiplyExact(2, at));
    }
    numbers[at] = id.ms();
    numbers[at + 1] = id.seq();
    numbers[at + 2] = deliveredMs;
    numbers[at + 3] = deliveries;
    size++;
  }

  int size() {
    return size;
  }

  private StreamId id(int index) {
    return new StreamId(numbers[index * NUMBERS], numbers[index * NUMBERS + 1]);
  }

  /** The index of an id; negative where it is not there. */
  int find(StreamId id) {
    int low = 0;
    int high = size - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = id(middle).compareTo(id);
      if (order == 0) {
        return middle;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  long deliveredMs(int index) {
    return numbers[index * NUMBERS + 2];
  }

  long deliveries(int index) {
    return numbers[index * NUMBERS + 3];
  }
}
