package io.redknot.storage.snapshot;

import io.redknot.storage.rdb.ByteSink;
import io.redknot.storage.rdb.RdbOutput;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The record of a value that is too large to be written at once. It is written in pieces, under the
 * lock of its shard; in between the value may change, and what is about to change is written first.
 *
 * <p>What is written is collected, and handed out without the lock.
 */
public abstract class RecordPieces {
  private RdbOutput collected;
  private RdbOutput drained;

  /**
   * Begins a record.
   *
   * @param compress whether long strings are compressed
   */
  protected RecordPieces(boolean compress) {
    this.collected = RdbOutput.inMemory(compress);
    this.drained = RdbOutput.inMemory(compress);
  }

  /** Where the record is written to, under the lock. */
  protected final RdbOutput out() {
    return collected;
  }

  /** Adds bytes to the record as they are; under the lock. */
  protected final void append(byte[] bytes) {
    try {
      collected.raw(bytes, 0, bytes.length);
    } catch (IOException impossible) {
      // It collects in memory.
      throw new UncheckedIOException(impossible);
    }
  }

  /** Writes the next piece, a small one; false: the record is whole. Under the lock. */
  protected abstract boolean next();

  /** Goes on until there are about so many bytes to hand out; false: the record is whole. */
  public final boolean advance(int bytes) {
    boolean more = true;
    while (more && collected.buffered() < bytes) {
      more = next();
    }
    return more;
  }

  /** What was collected, as an array of its own; under the lock. */
  public final byte[] take() {
    return collected.take(0);
  }

  /** Takes what was collected; under the lock. */
  final void swap() {
    RdbOutput full = collected;
    collected = drained;
    drained = full;
  }

  /** Hands out what was taken; without the lock. */
  final void drainTo(ByteSink sink) throws IOException {
    drained.drainTo(sink);
  }

  /** Throws away what was collected. */
  final void discard() {
    var _ = take();
  }
}
