package io.redknot.server.persistence;

import io.redknot.storage.rdb.RdbException;
import io.redknot.storage.rdb.RdbReader;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How far loading has come; any thread may ask. */
public final class LoadProgress implements RdbReader.Notes {
  private static final Logger LOG = LoggerFactory.getLogger(LoadProgress.class);

  private final FunctionSources functions = new FunctionSources();
  private volatile long startMs;
  private volatile long totalBytes;
  private volatile long position;
  private volatile long fileStart;
  private volatile long keys;
  private volatile long loadedKeys;
  private volatile long expiredKeys;
  private volatile long emptyKeys;
  private volatile long usedMemory;
  private volatile int streamDatabase;
  private volatile String replicationId = "";
  private volatile long replicationOffset;
  private volatile boolean skipsChecksum;

  /** Loading begins, of so many bytes in all files. */
  void begin(long bytes, long nowMs) {
    totalBytes = bytes;
    startMs = nowMs;
    position = 0;
    fileStart = 0;
    keys = 0;
    loadedKeys = 0;
    expiredKeys = 0;
    emptyKeys = 0;
    functions.clear();
    streamDatabase = 0;
    replicationId = "";
    replicationOffset = 0;
  }

  /** Another file begins, behind all that was read so far. */
  void beginFile(long start) {
    fileStart = start;
  }

  /** Bytes of the present file that are read. */
  void position(long bytes) {
    position = fileStart + bytes;
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
      case "repl-stream-db" -> streamDatabase = (int) number(value);
      case "repl-id" -> replicationId = value;
      case "repl-offset" -> replicationOffset = number(value);
      default -> {
        if (name.startsWith("%")) {
          LOG.info("RDB '{}': {}", name, value);
        }
        // The others are unknown, and those are passed over.
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
  public boolean skipsChecksum() {
    return skipsChecksum;
  }

  /** Whether checksums of files and payloads are passed over: DEBUG. */
  public void skipsChecksum(boolean value) {
    skipsChecksum = value;
  }

  @Override
  public void function(byte[] source) {
    functions.add(source);
  }

  /** The libraries of functions in the files; of the thread that loads. */
  FunctionSources functions() {
    return functions;
  }

  /** Seconds with three decimals, as the log tells how long loading took. */
  static String seconds(long nanos) {
    long ms = TimeUnit.NANOSECONDS.toMillis(nanos);
    return "%d.%03d".formatted(ms / 1000, ms % 1000);
  }

  /** When loading began, Unix ms; 0: nothing was loaded. */
  public long startMs() {
    return startMs;
  }

  /** Bytes of all files. */
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

  /** The database that the stream of changes behind the data set goes on with. */
  public int streamDatabase() {
    return streamDatabase;
  }

  /** Name of the history that the data set belongs to; empty: not told. */
  public String replicationId() {
    return replicationId;
  }

  /** Offset of the stream of changes up to which the data set has it. */
  public long replicationOffset() {
    return replicationOffset;
  }

  /** Bytes of memory that the server which wrote the file used; 0: not told. */
  public long usedMemory() {
    return usedMemory;
  }
}
