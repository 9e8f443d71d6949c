package io.redknot.storage.rdb;

import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shards;
import io.redknot.storage.memory.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
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

  /** The payload of an entry's value; {@link PayloadWriter} is for who needs many. */
  public static byte[] of(Keyspace keys, long ref, int version, boolean compress) {
    PayloadWriter writer = new PayloadWriter(compress);
    int length = writer.write(keys, ref, version);
    return Arrays.copyOf(writer.array(), length);
  }

  /**
   * A payload that is made in steps, each under the lock; null where the value is small.
   *
   * <p>The value of the moment in which it begins, whatever happens to it meanwhile.
   */
  public static @Nullable InSteps inSteps(Keyspace keys, long ref, int version, boolean compress) {
    ValuePieces pieces = ValuePieces.of(keys, ref, version, compress);
    return pieces == null
        ? null
        : new InSteps(pieces, ValueWriter.type(keys, ref, version), version);
  }

  /** See {@link #inSteps}. */
  public static final class InSteps {
    private static final int STEP_BYTES = 64 * 1024;

    private final int version;
    private final ValuePieces pieces;
    private final List<byte[]> made = new ArrayList<>();
    private int summed;
    private long checksum;
    private long bytes;

    private InSteps(ValuePieces pieces, int type, int version) {
      this.version = version;
      this.pieces = pieces;
      try {
        pieces.head().u8(type);
        pieces.begin();
      } catch (IOException impossible) {
        throw new UncheckedIOException(impossible);
      }
    }

    /** Goes on; false: the value is whole. Under the lock. */
    public boolean step() {
      boolean more = pieces.advance(STEP_BYTES);
      made.add(pieces.take());
      return more;
    }

    /** Sums up what the last steps have made; no lock is needed. */
    public void sumUp() {
      for (; summed < made.size(); summed++) {
        byte[] piece = made.get(summed);
        checksum = Crc64.update(checksum, piece, 0, piece.length);
        bytes += piece.length;
      }
    }

    /** Ends the payload, when the value is whole; no lock is needed. */
    public void end() {
      byte[] ofVersion = new byte[Short.BYTES];
      Bytes.putShort(ofVersion, 0, version);
      made.add(ofVersion);
      sumUp();
      byte[] ofSum = new byte[Long.BYTES];
      Bytes.putLong(ofSum, 0, checksum);
      made.add(ofSum);
      bytes += ofSum.length;
    }

    /** The payload, in pieces that follow each other. */
    public List<byte[]> pieces() {
      return Collections.unmodifiableList(made);
    }

    /** Length of the payload. */
    public long bytes() {
      return bytes;
    }
  }

  /**
   * A payload whose footer is right: a version that can be read, and a checksum that fits; null
   * otherwise. The bytes are borrowed.
   */
  public static @Nullable DumpPayload checked(byte[] bytes, int offset, int length) {
    return checked(bytes, offset, length, true);
  }

  /**
   * As {@link #checked(byte[], int, int)}.
   *
   * @param sums whether the checksum has to fit
   */
  public static @Nullable DumpPayload checked(byte[] bytes, int offset, int length, boolean sums) {
    if (length < FOOTER_BYTES) {
      return null;
    }
    int footer = offset + length - FOOTER_BYTES;
    int summed = length - Long.BYTES;
    long checksum = Bytes.getLong(bytes, offset + summed);
    if (Bytes.getShort(bytes, footer) > RdbFormat.VERSION_MAX
        || (sums && Crc64.update(0, bytes, offset, summed) != checksum)) {
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

  /**
   * Only sees that the bytes are a value.
   *
   * @throws RdbException where they are none
   */
  public void verify(EncodingLimits limits) throws IOException {
    Keyspace nowhere = new Shards(1, 1, () -> 1).shard(0).keyspace(0);
    long _ = store(nowhere, new ValueReader.Target(new byte[0], 0, 0, 0), limits);
  }

  /**
   * As {@link #store(Keyspace, ValueReader.Target, EncodingLimits)}, of a value that may be large.
   *
   * @param pause run after every few elements, see {@link ValueReader}
   */
  public long store(Keyspace keys, ValueReader.Target key, EncodingLimits limits, Runnable pause)
      throws IOException {
    RdbInput in = new RdbInput(bytes, offset, length);
    return ValueReader.store(in.u8(), in, keys, key, limits, pause);
  }
}
