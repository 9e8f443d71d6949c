package io.redknot.server.persistence;

import io.redknot.storage.rdb.RdbReader;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** How far loading has come; any thread may ask. */
public final class LoadProgress implements RdbReader.Notes {
  private final List<byte[]> functions = new CopyOnWriteArrayList<>();
  private volatile long startMs;
  private volatile long totalBytes;
  private volatile long position;
  private volatile long keys;
  private volatile long loadedKeys;
  private volatile long expiredKeys;

  void begin(long bytes, long nowMs) {
    totalBytes = bytes;
    startMs = nowMs;
  }

  void position(long bytes) {
    position = bytes;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes, others read
  void expired() {
    expiredKeys++;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // as above
  void loaded(long count) {
    loadedKeys += count;
  }

  @Override
  public void field(String name, String value) {
    // What files say of themselves is of use to replication only, which is not there yet.
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // as above
  public void sizes(long all, long expiring) {
    keys += all;
  }

  @Override
  public void function(byte[] source) {
    functions.add(source);
  }

  /** The sources of the libraries of functions in the file, which nothing can call yet. */
  List<byte[]> functions() {
    return functions;
  }

  /** When loading began, Unix ms; 0: nothing was loaded. */
  public long startMs() {
    return startMs;
  }

  /** Bytes of the file. */
  public long totalBytes() {
    return totalBytes;
  }

  /** Bytes that are read. */
  public long position() {
    return position;
  }

  /** Keys that the file announced so far. */
  public long keys() {
    return keys;
  }

  /** Keys that were loaded. */
  public long loadedKeys() {
    return loadedKeys;
  }

  /** Keys that were left out because their time was over. */
  public long expiredKeys() {
    return expiredKeys;
  }
}
