package io.redknot.server.persistence;

import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shards;
import io.redknot.storage.rdb.EncodingLimits;
import io.redknot.storage.rdb.RdbException;
import io.redknot.storage.rdb.RdbInput;
import io.redknot.storage.rdb.RdbReader;
import io.redknot.storage.rdb.RdbRecord;
import io.redknot.storage.rdb.RecordLoader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Loads an RDB file: one thread reads and cuts it into keys, several decode the values and put them
 * into the shards, each its own ones.
 */
final class DataLoader {
  private static final int WORKERS_MAX = 8;

  /** Keys and bytes of a batch that is handed to a worker. */
  private static final int BATCH_KEYS = 256;

  private static final int BATCH_BYTES = 256 * 1024;

  /** Batches that may wait for a worker; the reader waits when there are as many. */
  private static final int QUEUED_BATCHES = 16;

  private static final List<RdbRecord> END = List.of();

  private final Shards shards;
  private final EncodingLimits limits;
  private final LoadProgress progress;
  private final long nowMs;
  private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
  private final List<Worker> workers = new ArrayList<>();

  DataLoader(Shards shards, EncodingLimits limits, LoadProgress progress, long nowMs) {
    this.shards = shards;
    this.limits = limits;
    this.progress = progress;
    this.nowMs = nowMs;
  }

  /**
   * Loads a file; keys whose time is over are left out.
   *
   * @param cores how many threads may work
   * @throws IOException where the file cannot be read, {@link RdbException} where it is damaged
   */
  void load(Path file, int cores) throws IOException, InterruptedException {
    int count = Math.clamp(cores, 1, Math.min(WORKERS_MAX, shards.count()));
    for (int i = 0; i < count; i++) {
      workers.add(new Worker());
    }
    workers.forEach(Thread::start);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      progress.begin(channel.size(), nowMs);
      RdbInput in = new RdbInput((target, offset, length) -> read(channel, target, offset, length));
      read(new RdbReader(in, progress), in);
    } finally {
      for (Worker worker : workers) {
        worker.end();
      }
    }
    IOException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
  }

  private static int read(FileChannel channel, byte[] target, int offset, int length)
      throws IOException {
    return channel.read(ByteBuffer.wrap(target, offset, length));
  }

  private void read(RdbReader reader, RdbInput in) throws IOException, InterruptedException {
    RecordLoader places = new RecordLoader(shards, limits, nowMs);
    RdbRecord record = reader.next();
    while (record != null && failure.get() == null) {
      progress.position(in.position());
      if (record.expiryMs() != Keyspace.NO_EXPIRY && record.expiryMs() < nowMs) {
        progress.expired();
      } else {
        workers.get(places.shard(record) % workers.size()).add(record);
      }
      record = reader.next();
    }
  }

  /** Puts keys into the shards; the queue's end is an empty batch. */
  private final class Worker extends Thread {
    private final BlockingQueue<List<RdbRecord>> queue = new ArrayBlockingQueue<>(QUEUED_BATCHES);
    private final RecordLoader loader = new RecordLoader(shards, limits, nowMs);
    private List<RdbRecord> batch = new ArrayList<>();
    private int batchBytes;

    Worker() {
      super("redknot-load");
      setDaemon(true);
    }

    /** The reader's thread. */
    void add(RdbRecord record) throws InterruptedException {
      batch.add(record);
      batchBytes += record.value().length;
      if (batch.size() >= BATCH_KEYS || batchBytes >= BATCH_BYTES) {
        queue.put(batch);
        batch = new ArrayList<>();
        batchBytes = 0;
      }
    }

    /** The reader's thread: waits until all is loaded. */
    void end() throws InterruptedException {
      if (!batch.isEmpty()) {
        queue.put(batch);
      }
      queue.put(END);
      join();
      progress.loaded(loader.loaded(), loader.empty());
    }

    @Override
    public void run() {
      try {
        for (List<RdbRecord> next = queue.take(); !next.isEmpty(); next = queue.take()) {
          load(next);
        }
      } catch (InterruptedException ended) {
        Thread.currentThread().interrupt();
      }
    }

    /** After a failure the rest is only taken out of the queue, so that the reader can end. */
    private void load(List<RdbRecord> records) {
      try {
        for (RdbRecord record : records) {
          if (failure.get() != null) {
            return;
          }
          loader.load(record);
        }
      } catch (IOException damaged) {
        failure.compareAndSet(null, damaged);
      }
    }
  }
}
