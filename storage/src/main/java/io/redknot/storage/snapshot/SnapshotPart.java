package io.redknot.storage.snapshot;

import io.redknot.storage.keyspace.EntryKeeper;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.rdb.ByteSink;
import io.redknot.storage.rdb.RdbOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;

/**
 * The part of a snapshot that is one keyspace. Records are collected under the lock of its shard,
 * by the session's thread and by whoever changes entries, and written out without it.
 */
final class SnapshotPart implements EntryKeeper {
  /** Entries visited before the lock is given back. */
  private static final int ENTRIES_PER_SLICE = 64;

  /** A slice also ends when there are so many bytes of records. */
  static final int BYTES_PER_SLICE = 64 * 1024;

  private final Shard shard;
  private final Keyspace keys;
  private final SnapshotSession.RecordWriter writer;
  private final boolean compress;
  private final SpareOutputs spares;

  /** Records that are written in pieces; the first of them goes to the sink. */
  private final ArrayDeque<RecordPieces> inPieces = new ArrayDeque<>(0);

  /** Collections of a slice's bytes and more, which are to be written out. */
  private final ArrayDeque<RdbOutput> full = new ArrayDeque<>(0);

  private RdbOutput collected;
  private long records;
  private int slot;
  private long position;
  private int visited;
  private boolean discarding;

  /** The lock is held. */
  SnapshotPart(
      Shard shard,
      Keyspace keys,
      SnapshotSession.RecordWriter writer,
      SpareOutputs spares,
      int epoch) {
    this.shard = shard;
    this.keys = keys;
    this.writer = writer;
    this.compress = spares.compress();
    this.spares = spares;
    this.collected = RdbOutput.inMemory(compress);
    keys.keepEntries(this, epoch);
  }

  @Override
  public void keep(Keyspace from, long ref) {
    if (discarding) {
      return;
    }
    RecordPieces pieces = writer.begin(from, ref, compress);
    if (pieces != null) {
      inPieces.add(pieces);
      return;
    }
    try {
      writer.write(from, ref, collected);
      records++;
      if (collected.buffered() >= BYTES_PER_SLICE) {
        full.add(collected);
        collected = spares.take();
      }
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /**
   * Visits some entries and writes out what has been collected.
   *
   * @return records written out; -1: nothing is left
   */
  long step(ByteSink sink) throws IOException {
    if (hasPieces()) {
      return stepInPieces(sink);
    }
    boolean ended;
    long taken;
    RdbOutput out;
    shard.lock();
    try {
      ended = full.isEmpty() && visitSome() && inPieces.isEmpty();
      out = full.pollFirst();
      if (out == null) {
        out = collected;
        collected = spares.take();
      } else {
        ended = false;
      }
      taken = records;
      records = 0;
    } finally {
      shard.unlock();
    }
    out.drainTo(sink);
    spares.give(out);
    return ended && taken == 0 ? -1 : taken;
  }

  private boolean hasPieces() {
    shard.lock();
    try {
      return !inPieces.isEmpty();
    } finally {
      shard.unlock();
    }
  }

  /** Writes out the next piece of the record that is written in pieces. */
  private long stepInPieces(ByteSink sink) throws IOException {
    RecordPieces first;
    boolean more;
    shard.lock();
    try {
      first = inPieces.getFirst();
      more = first.advance(BYTES_PER_SLICE);
      first.swap();
      if (!more) {
        inPieces.removeFirst();
      }
    } finally {
      shard.unlock();
    }
    first.drainTo(sink);
    return more ? 0 : 1;
  }

  /** Whether all entries are visited. */
  private boolean visitSome() {
    visited = 0;
    while (hasRoom()) {
      int used = keys.walk().nextUsedSlot(slot);
      if (used < 0) {
        keys.keepEntries(null, 0);
        return true;
      }
      position = used == slot ? position : 0;
      slot = used;
      position = keys.walk().visitSlot(slot, position, this::visit);
      if (position < 0) {
        slot++;
        position = 0;
      }
    }
    return false;
  }

  private boolean visit(long ref) {
    keys.keep(ref);
    visited++;
    return hasRoom();
  }

  private boolean hasRoom() {
    return visited < ENTRIES_PER_SLICE && full.isEmpty();
  }

  /** Throws away what was collected, and collects nothing from now on. */
  void discard() {
    shard.lock();
    try {
      discarding = true;
      full.clear();
      collected = RdbOutput.inMemory(false);
    } finally {
      shard.unlock();
    }
  }

  /** Visits some entries; whether all are visited. */
  boolean visitSlice() {
    shard.lock();
    try {
      RecordPieces first = inPieces.peekFirst();
      if (first == null) {
        return visitSome();
      }
      // To its end, so that the value is ready for the next snapshot.
      if (!first.advance(BYTES_PER_SLICE)) {
        inPieces.removeFirst();
      }
      first.discard();
      return false;
    } finally {
      shard.unlock();
    }
  }
}
