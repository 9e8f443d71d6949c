package io.redknot.server.info;

import io.redknot.server.net.ClientKind;
import io.redknot.server.net.ClientRegistry;
import io.redknot.server.net.ConnectionHandler;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;
import java.util.function.LongSupplier;

/**
 * How much memory is used: what keys and values take by the storage's own books, and what clients
 * take. The JVM's heap is larger; see {@link Reading#heapBytes()}.
 */
public final class MemoryMeter {
  private final Shards shards;
  private final ClientRegistry clients;
  private final long startupBytes;
  private long peakBytes;
  private volatile LongSupplier streamBytes = () -> 0;

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
   * @param clientBytes what clients take that are no replicas
   * @param streamBytes what replicas take, and what is kept for them and for clients that track
   *     keys
   * @param keys number of keys in all databases
   */
  public record Reading(
      long dataBytes,
      long tableBytes,
      long heldBytes,
      long clientBytes,
      long streamBytes,
      long keys,
      long startupBytes,
      long peakBytes) {
    /** What INFO calls used memory. */
    public long usedBytes() {
      return dataBytes + clientBytes + streamBytes;
    }

    /** What is neither key nor value. */
    public long overheadBytes() {
      return Math.min(usedBytes(), startupBytes + clientBytes + streamBytes + tableBytes);
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
    long[] ofClients = new long[ClientKind.values().length];
    for (ConnectionHandler client : clients.all()) {
      ofClients[client.session().kind().ordinal()] += client.memory().totalBytes();
    }
    long normal = ofClients[ClientKind.NORMAL.ordinal()] + ofClients[ClientKind.PUBSUB.ordinal()];
    long stream = ofClients[ClientKind.REPLICA.ordinal()] + streamBytes.getAsLong();
    long peak = risePeak(data + normal + stream);
    return new Reading(data, tables, held, normal, stream, keys, startupBytes, peak);
  }

  /** Counts what the replication stream takes, too. */
  public void count(LongSupplier ofStream) {
    streamBytes = ofStream;
  }

  private synchronized long risePeak(long usedBytes) {
    peakBytes = Math.max(peakBytes, usedBytes);
    return peakBytes;
  }
}
