package io.redknot.server.persistence;

import io.redknot.storage.rdb.RdbException;
import io.redknot.storage.rdb.RdbReader;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How far loading has come; any thread may ask. */
public final class LoadProgress implements RdbReader.Notes {
  private static final Logger LOG = LoggerFactory.getLogger(LoadProgress.class);

  private final List<byte[]> functions = new CopyOnWriteArrayList<>();
  private volatile long startMs;
  private volatile long totalBytes;
  private volatile long position;
  private volatile long keys;
  private volatile long loadedKeys;
  private volatile long expiredKeys;
  private volatile long emptyKeys;
  private volatile long usedMemory;

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
  void loaded(long count, long empty) {
    loadedKeys += count;
    emptyKeys += empty;
  }

  @Override
  public void field(String name, String value) {
    switch (name) {
      case "redis-ver", "valkey-ver" -> LOG.info("Loading RDB produced by version {}", value);
      case "ctime" -> LOG.info("RDB age {} seconds", startMs / 1000 - number(value));
      case "used-mem" -> {
        usedMemory = number(value);
        LOG.info("RDB memory usage when created {} bytes", usedMemory);
      }
      default -> {
        if (name.startsWith("%")) {
          LOG.info("RDB '{}': {}", name, value);
        }
        // The others are of use to replication only, or unknown, and those are passed over.
      }
    }
  }

  /** As strtol does it: what is no number is 0. */
  private static long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException none) {
      return 0;
    }
  }

  @Override
  public void moduleField(String module) throws RdbException {
    throw new RdbException(
        "The RDB file contains AUX module data I can't load: no matching module '" + module + "'");
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

  /** Keys that were passed over because their collections have no elements. */
  public long emptyKeys() {
    return emptyKeys;
  }

  /** Bytes of memory that the server which wrote the file used; 0: not told. */
  public long usedMemory() {
    return usedMemory;
  }
}
