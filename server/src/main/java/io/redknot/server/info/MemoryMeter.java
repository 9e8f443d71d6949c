package io.redknot.server.info;

import io.redknot.server.net.ClientRegistry;
import io.redknot.server.net.ConnectionHandler;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;

/**
 * How much memory is used: what keys and values take by the storage's own books, and the buffers of
 * the clients. The JVM's heap is larger; see {@link Reading#heapBytes()}.
 */
public final class MemoryMeter {
  private final Shards shards;
  private final ClientRegistry clients;
  private final long startupBytes;
  private long peakBytes;

  /** A meter of a server that has no keys yet. */
  public MemoryMeter(Shards shards, ClientRegistry clients) {
    this.shards = shards;
    this.clients = clients;
    this.startupBytes = read().usedBytes();
  }

  /**
   * The figures of one moment, in bytes.
   *
   * @param dataBytes keys, values and tables
   * @param tableBytes tables alone
   * @param heldBytes the same with the free room in the pages that hold them
   * @param clientBytes requests not executed and replies not sent
   * @param keys number of keys in all databases
   */
  public record Reading(
      long dataBytes,
      long tableBytes,
      long heldBytes,
      long clientBytes,
      long keys,
      long startupBytes,
      long peakBytes) {
    /** What INFO calls used memory. */
    public long usedBytes() {
      return dataBytes + clientBytes;
    }

    /** What is neither key nor value. */
    public long overheadBytes() {
      return Math.min(usedBytes(), startupBytes + clientBytes + tableBytes);
    }

    /** What keys and values take. */
    public long datasetBytes() {
      return usedBytes() - overheadBytes();
    }

    /** Share of the dataset in what was used since the start, in percent. */
    public double datasetPercent() {
      return percent(datasetBytes(), usedBytes() - startupBytes);
    }

    /** Share of the peak that is used now, in percent. */
    public double peakPercent() {
      return percent(usedBytes(), peakBytes);
    }

    /** What the JVM has taken for its heap. */
    public long heapBytes() {
      return Runtime.getRuntime().totalMemory();
    }

    private static double percent(long part, long whole) {
      return whole <= 0 ? 0 : 100.0 * part / whole;
    }
  }

  /** Adds everything up; takes the shards' locks one by one. */
  public Reading read() {
    long data = 0;
    long tables = 0;
    long held = 0;
    long keys = 0;
    for (int i = 0; i < shards.count(); i++) {
      Shard shard = shards.shard(i);
      shard.lock();
      try {
        for (int db = 0; db < shards.databases(); db++) {
          Keyspace keyspace = shard.keyspace(db);
          data += keyspace.memory().usedBytes();
          tables += keyspace.memory().tableBytes();
          held += keyspace.memory().heldBytes();
          keys += keyspace.size();
        }
      } finally {
        shard.unlock();
      }
    }
    long buffers = clientBytes();
    return new Reading(data, tables, held, buffers, keys, startupBytes, risePeak(data + buffers));
  }

  private long clientBytes() {
    long bytes = 0;
    for (ConnectionHandler client : clients.all()) {
      bytes += client.queryBufferBytes() + client.outputBufferBytes();
    }
    return bytes;
  }

  private synchronized long risePeak(long usedBytes) {
    peakBytes = Math.max(peakBytes, usedBytes);
    return peakBytes;
  }
}
