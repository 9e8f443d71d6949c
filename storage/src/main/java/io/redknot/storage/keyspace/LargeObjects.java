package io.redknot.storage.keyspace;

import io.redknot.storage.memory.LargeValue;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Values too large for a page, by handle; an entry holds the handle: arrays of bytes, and
 * collections that keep their elements in nodes.
 */
final class LargeObjects {
  private static final int ARRAY_HEADER_BYTES = 16;

  private @Nullable Object[] objects = new Object[4];
  private int[] free = new int[4];
  private int freeCount;
  private int end;
  private long usedBytes;

  /** Bytes of the arrays with their headers; a collection counts its bytes itself. */
  long usedBytes() {
    return usedBytes;
  }

  /** Keeps an array; the result is its handle. */
  int add(byte[] bytes) {
    usedBytes += bytes.length + ARRAY_HEADER_BYTES;
    return addObject(bytes);
  }

  /** Keeps a collection; the result is its handle. */
  int add(LargeValue value) {
    return addObject(value);
  }

  private int addObject(Object object) {
    int handle = freeCount > 0 ? free[--freeCount] : newHandle();
    objects[handle] = object;
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

  /** The collection of a handle. */
  LargeValue value(int handle) {
    if (objects[handle] instanceof LargeValue value) {
      return value;
    }
    throw new IllegalStateException("no collection at handle " + handle);
  }

  /** Whether a handle is that of a collection. */
  boolean isValue(int handle) {
    return objects[handle] instanceof LargeValue;
  }

  /** Puts another array in the place of a handle's. */
  void replace(int handle, byte[] bytes) {
    usedBytes += bytes.length - bytes(handle).length;
    objects[handle] = bytes;
  }

  /** Forgets an object; its handle will be used again. */
  void remove(int handle) {
    if (objects[handle] instanceof byte[] bytes) {
      usedBytes -= bytes.length + ARRAY_HEADER_BYTES;
    }
    objects[handle] = null;
    if (freeCount == free.length) {
      free = Arrays.copyOf(free, freeCount * 2);
    }
    free[freeCount++] = handle;
  }
}
