package io.redknot.storage.value;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Things in the order of their names, which are bytes: found by bisection. */
final class ByName<T> {
  private final ArrayList<T> items = new ArrayList<>(0);
  private final Function<T, byte[]> name;

  ByName(Function<T, byte[]> name) {
    this.name = name;
  }

  List<T> items() {
    return items;
  }

  private int index(byte[] array, int offset, int length) {
    int low = 0;
    int high = items.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      byte[] found = name.apply(items.get(middle));
      int order = Arrays.compareUnsigned(found, 0, found.length, array, offset, offset + length);
      if (order == 0) {
        return middle;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return ~low;
  }

  @Nullable T find(byte[] array, int offset, int length) {
    int index = index(array, offset, length);
    return index < 0 ? null : items.get(index);
  }

  /** Adds one whose name is not there. */
  void add(T item) {
    byte[] itemName = name.apply(item);
    items.add(~index(itemName, 0, itemName.length), item);
  }

  void remove(T item) {
    byte[] itemName = name.apply(item);
    items.remove(index(itemName, 0, itemName.length));
  }
}
