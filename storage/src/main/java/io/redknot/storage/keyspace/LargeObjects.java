package io.redknot.storage.keyspace;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Values too large for a page, by handle; an entry holds the handle. */
final class LargeObjects {
  private static final int ARRAY_HEADER_BYTES = 16;

  private @Nullable Object[] objects = new Object[4];
  private int[] free = new int[4];
  private int freeCount;
  private int end;
  private long usedBytes;

  /** Bytes of the objects with their headers. */
  long usedBytes() {
    return usedBytes;
  }

  /** Keeps an array; the result is its handle. */
  int add(byte[] bytes) {
    int handle = freeCount > 0 ? free[--freeCount] : newHandle();
    objects[handle] = bytes;
    usedBytes += bytes.length + ARRAY_HEADER_BYTES;
    return handle;
  }

  private int newHandle() {
    if (end == objects.length) {
      objects = Arrays.copyOf(objects, end * 2);
    }
    return end++;
  }

  /** The array of a handle. */
  byte[] bytes(int handle) {
    if (objects[handle] instanceof byte[] bytes) {
      return bytes;
    }
    throw new IllegalStateException("no bytes at handle " + handle);
  }

  /** Puts another array in the place of a handle's. */
  void replace(int handle, byte[] bytes) {
    usedBytes += bytes.length - bytes(handle).length;
    objects[handle] = bytes;
  }

  /** Forgets an object; its handle will be used again. */
  void remove(int handle) {
    usedBytes -= bytes(handle).length + ARRAY_HEADER_BYTES;
    objects[handle] = null;
    if (freeCount == free.length) {
      free = Arrays.copyOf(free, freeCount * 2);
    }
    free[freeCount++] = handle;
  }
}
