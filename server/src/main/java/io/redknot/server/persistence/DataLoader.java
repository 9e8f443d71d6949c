package io.redknot.server.persistence;

import io.redknot.server.persistence.Disk.OpenFile;
import io.redknot.storage.keyspace.DatabasePlace;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shards;
import io.redknot.storage.rdb.ByteSource;
import io.redknot.storage.rdb.EncodingLimits;
import io.redknot.storage.rdb.RdbException;
import io.redknot.storage.rdb.RdbInput;
import io.redknot.storage.rdb.RdbReader;
import io.redknot.storage.rdb.RdbRecord;
import io.redknot.storage.rdb.RecordLoader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Loads an RDB file: one thread reads and cuts it into keys, several decode the values and put them
 * into the shards, each its own ones, a batch of one shard's keys at a time.
 */
final class DataLoader {
  private static final int WORKERS_MAX = 8;

  /** Keys of a batch that is handed to a worker. */
  private static final int BATCH_KEYS = 128;

  /** Bytes of the values of a batch, and of all that are not handed over yet. */
  private static final int BATCH_BYTES_MAX = 256 * 1024;

  private static final int PENDING_BYTES = 4 * 1024 * 1024;

  /** Batches that may wait for a worker; the reader waits when there are as many. */
  private static final int QUEUED_BATCHES = 16;

  private static final List<RdbRecord> END = List.of();

  private final Disk disk;
  private final Shards shards;
  private final EncodingLimits limits;
  private final LoadProgress progress;
  private final long nowMs;
  private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
  private final List<Worker> workers = new ArrayList<>();
  private final List<Batch> batches = new ArrayList<>();

  private DatabasePlace place = DatabasePlace.SERVED;
  private boolean keepsExpired;

  DataLoader(Disk disk, Shards shards, EncodingLimits limits, LoadProgress progress, long nowMs) {
    this.disk = disk;
    this.shards = shards;
    this.limits = limits;
    this.progress = progress;
    this.nowMs = nowMs;
  }

  /** Puts the keys elsewhere than into the databases that are served. */
  DataLoader into(DatabasePlace databases) {
    place = databases;
    return this;
  }

  /** Leaves no key out: a primary tells its replica when to remove one. */
  DataLoader keepExpired() {
    keepsExpired = true;
    return this;
  }

  /**
   * Loads a file; keys whose time is over are left out.
   *
   * @param cores how many threads may work
   * @return where in the file the data ends
   * @throws IOException where the file cannot be read, {@link RdbException} where it is damaged
   */
  long load(Path file, int cores) throws IOException, InterruptedException {
    try (OpenFile source = disk.open(file, Disk.Mode.READ)) {
      return load((target, at, length) -> read(source, target, at, length), cores);
    }
  }

  /** As {@link #load(Path, int)}, from anywhere. */
  long load(ByteSource source, int cores) throws IOException, InterruptedException {
    int count = Math.clamp(cores, 1, Math.min(WORKERS_MAX, shards.count()));
    for (int i = 0; i < count; i++) {
      workers.add(new Worker());
    }
    for (int i = 0; i < shards.count(); i++) {
      batches.add(new Batch(workers.get(i % count)));
    }
    workers.forEach(Thread::start);
    long end;
    try {
      RdbInput in = new RdbInput(source);
      read(new RdbReader(in, progress), in);
      for (Batch batch : batches) {
        batch.flush();
      }
      end = in.position();
    } finally {
      for (Worker worker : workers) {
        worker.end();
      }
    }
    IOException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
    return end;
  }

  private static int read(OpenFile source, byte[] target, int offset, int length)
      throws IOException {
    return source.read(ByteBuffer.wrap(target, offset, length));
  }

  private void read(RdbReader reader, RdbInput in) throws IOException, InterruptedException {
    RecordLoader places = new RecordLoader(shards, limits, nowMs, place);
    long announced = progress.keys();
    int database = -1;
    RdbRecord record = reader.next();
    while (record != null && failure.get() == null) {
      progress.position(in.position());
      if (record.database() != database) {
        database = record.database();
        places.expect(database, progress.keys() - announced);
        announced = progress.keys();
      }
      if (!keepsExpired && record.expiryMs() != Keyspace.NO_EXPIRY && record.expiryMs() < nowMs) {
        progress.expired();
      } else {
        batches.get(places.shard(record)).add(record);
      }
      record = reader.next();
    }
    if (database >= 0) {
      places.expect(database, 0);
    }
  }

  /** Keys of one shard that are not handed to its worker yet; of the reader's thread. */
  private final class Batch {
    private final Worker worker;
    private final int bytesMax = Math.min(BATCH_BYTES_MAX, PENDING_BYTES / shards.count());
    private List<RdbRecord> records = new ArrayList<>();
    private int bytes;

    Batch(Worker worker) {
      this.worker = worker;
    }

    void add(RdbRecord record) throws InterruptedException {
      records.add(record);
      bytes += record.value().length;
      if (records.size() >= BATCH_KEYS || bytes >= bytesMax) {
        flush();
      }
    }

    void flush() throws InterruptedException {
      if (!records.isEmpty()) {
        worker.queue.put(records);
        records = new ArrayList<>();
        bytes = 0;
      }
    }
  }

  /** Puts keys into the shards; the queue's end is an empty batch. */
  private final class Worker extends Thread {
    private final BlockingQueue<List<RdbRecord>> queue = new ArrayBlockingQueue<>(QUEUED_BATCHES);
    private final RecordLoader loader = new RecordLoader(shards, limits, nowMs, place);

    Worker() {
      super("redknot-load");
      setDaemon(true);
    }

    /** The reader's thread: waits until all is loaded. */
    void end() throws InterruptedException {
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
      if (failure.get() != null) {
        return;
      }
      try {
        loader.load(records);
      } catch (IOException damaged) {
        failure.compareAndSet(null, damaged);
      } catch (RuntimeException ours) {
        // Loading ends, as it must not go on with a part; the reader would wait for ever for this.
        failure.compareAndSet(null, new IOException("a value cannot be loaded: " + ours, ours));
      }
    }
  }
}
