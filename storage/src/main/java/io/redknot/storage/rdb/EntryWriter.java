package io.redknot.storage.rdb;

import io.redknot.storage.keyspace.AccessClock;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.snapshot.RecordPieces;
import io.redknot.storage.snapshot.SnapshotSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Writes entries as the records of a file: expiry, use, type, key, value. */
public final class EntryWriter implements SnapshotSession.RecordWriter {
  /** What a record tells of an entry's use. */
  public enum Use {
    NOTHING,
    /** For how long it has not been used. */
    IDLE,
    /** How often it was used. */
    FREQUENCY
  }

  private final int version;
  private final AccessClock clock;
  private final Use use;

  /**
   * Makes a writer, which any thread may use.
   *
   * @param version of the format
   */
  public EntryWriter(int version, AccessClock clock, Use use) {
    this.version = version;
    this.clock = clock;
    this.use = use;
  }

  @Override
  public void write(Keyspace keys, long ref, RdbOutput out) throws IOException {
    writeHead(keys, ref, out);
    ValueWriter.write(keys, ref, version, out);
  }

  @Override
  public @Nullable RecordPieces begin(Keyspace keys, long ref, boolean compress) {
    ValuePieces pieces = ValuePieces.of(keys, ref, version, compress);
    if (pieces == null) {
      return null;
    }
    try {
      writeHead(keys, ref, pieces.head());
      pieces.begin();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return pieces;
  }

  private void writeHead(Keyspace keys, long ref, RdbOutput out) throws IOException {
    long expiryMs = keys.expiry(ref);
    if (expiryMs != Keyspace.NO_EXPIRY) {
      out.u8(RdbFormat.EXPIRETIME_MS);
      out.i64(expiryMs);
    }
    switch (use) {
      case IDLE -> {
        out.u8(RdbFormat.IDLE);
        out.length(clock.idleSeconds(keys.accessClock(ref), keys.nowMs()));
      }
      case FREQUENCY -> {
        out.u8(RdbFormat.FREQ);
        out.u8(clock.frequency(keys.accessClock(ref), keys.nowMs()));
      }
      case NOTHING -> {}
    }
    out.u8(ValueWriter.type(keys, ref, version));
    out.string(keys.keyArray(ref), keys.keyOffset(ref), keys.keyLength(ref));
  }
}
