package io.redknot.storage.rdb;

import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.memory.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * A value by itself, as DUMP gives it out and RESTORE takes it in.
 *
 * <pre>
 *   type u8 | value | version u16 | checksum u64 of all before it
 * </pre>
 *
 * Little-endian.
 */
public final class DumpPayload {
  private static final int FOOTER_BYTES = Short.BYTES + Long.BYTES;

  private final byte[] bytes;
  private final int offset;
  private final int length;

  private DumpPayload(byte[] bytes, int offset, int length) {
    this.bytes = bytes;
    this.offset = offset;
    this.length = length;
  }

  /** The payload of an entry's value. */
  public static byte[] of(Keyspace keys, long ref, int version, boolean compress) {
    RdbOutput out = RdbOutput.inMemory(compress);
    try {
      out.u8(ValueWriter.type(keys, ref, version));
      ValueWriter.write(keys, ref, version, out);
      out.u16(version);
      byte[] payload = out.take(Long.BYTES);
      int end = payload.length - Long.BYTES;
      Bytes.putLong(payload, end, Crc64.update(0, payload, 0, end));
      return payload;
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /**
   * A payload whose footer is right: a version that can be read, and a checksum that fits; null
   * otherwise. The bytes are borrowed.
   */
  public static @Nullable DumpPayload checked(byte[] bytes, int offset, int length) {
    if (length < FOOTER_BYTES) {
      return null;
    }
    int footer = offset + length - FOOTER_BYTES;
    int summed = length - Long.BYTES;
    long checksum = Bytes.getLong(bytes, offset + summed);
    if (Bytes.getShort(bytes, footer) > RdbFormat.VERSION_MAX
        || Crc64.update(0, bytes, offset, summed) != checksum) {
      return null;
    }
    return new DumpPayload(bytes, offset, length - FOOTER_BYTES);
  }

  /**
   * Gives the value to a key.
   *
   * @throws RdbException where the bytes are no value; nothing was changed then
   */
  public long store(Keyspace keys, ValueReader.Target key, EncodingLimits limits)
      throws IOException {
    RdbInput in = new RdbInput(bytes, offset, length);
    return ValueReader.store(in.u8(), in, keys, key, limits);
  }
}
