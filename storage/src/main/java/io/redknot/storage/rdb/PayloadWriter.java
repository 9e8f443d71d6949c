package io.redknot.storage.rdb;

import io.redknot.storage.keyspace.Keyspace;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Makes payloads as {@link DumpPayload} describes them, one after the other in room that is used
 * again: what a compressor needs is large beside most values.
 *
 * <p>One object serves one thread.
 */
public final class PayloadWriter {
  private final boolean compress;
  private final RdbOutput out;

  /**
   * Makes nothing yet.
   *
   * @param compress whether long strings are compressed
   */
  public PayloadWriter(boolean compress) {
    this.compress = compress;
    this.out = RdbOutput.inMemory(compress);
  }

  /** Whether long strings are compressed. */
  public boolean compresses() {
    return compress;
  }

  /**
   * Makes the payload of an entry's value, at the beginning of {@link #array}.
   *
   * @return its length
   */
  public int write(Keyspace keys, long ref, int version) {
    out.clear();
    try {
      out.u8(ValueWriter.type(keys, ref, version));
      ValueWriter.write(keys, ref, version, out);
      out.u16(version);
      out.i64(Crc64.update(0, out.array(), 0, out.buffered()));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return out.buffered();
  }

  /** Holds the payload that was made last; borrowed until the next is made. */
  public byte[] array() {
    return out.array();
  }
}
