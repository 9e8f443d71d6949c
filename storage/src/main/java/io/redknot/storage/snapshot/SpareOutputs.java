package io.redknot.storage.snapshot;

import io.redknot.storage.rdb.RdbOutput;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Collections of records that were written out, for those that come: so that a snapshot makes no
 * more garbage than what it has to keep at a time. Any thread.
 */
final class SpareOutputs {
  /** A little more than is collected before it is written out. */
  private static final int BYTES = SnapshotPart.BYTES_PER_SLICE + 8 * 1024;

  private final Queue<RdbOutput> spares = new ConcurrentLinkedQueue<>();
  private final boolean compress;

  SpareOutputs(boolean compress) {
    this.compress = compress;
  }

  /** Whether long strings are compressed. */
  boolean compress() {
    return compress;
  }

  /** An empty one. */
  RdbOutput take() {
    RdbOutput spare = spares.poll();
    return spare == null ? RdbOutput.inMemory(compress, BYTES) : spare;
  }

  /** Takes back one that is drained and that nobody uses. */
  void give(RdbOutput drained) {
    spares.add(drained);
  }
}
