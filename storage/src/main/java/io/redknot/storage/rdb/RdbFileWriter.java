package io.redknot.storage.rdb;

import io.redknot.storage.snapshot.SnapshotSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Writes a file of RDB, or the stream of one, around the records of a snapshot. */
public final class RdbFileWriter implements SnapshotSession.Visitor {
  private final RdbOutput out;

  /**
   * Begins a file: writes its first bytes.
   *
   * @param version of the format, {@link RdbFormat#VERSION_DEFAULT} or {@link
   *     RdbFormat#VERSION_MAX}
   */
  public RdbFileWriter(RdbOutput out, int version) throws IOException {
    this.out = out;
    byte[] head = "REDIS%04d".formatted(version).getBytes(StandardCharsets.US_ASCII);
    out.raw(head, 0, head.length);
  }

  /** A field that says something about the file; before the first database. */
  public void field(String name, String value) throws IOException {
    out.u8(RdbFormat.AUX);
    string(name);
    string(value);
  }

  /** The source of a library of functions; before the first database. */
  public void function(byte[] source) throws IOException {
    out.u8(RdbFormat.FUNCTION2);
    out.string(source, 0, source.length);
  }

  private void string(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    out.string(bytes, 0, bytes.length);
  }

  @Override
  public void database(int number, long keys, long expiring) throws IOException {
    out.u8(RdbFormat.SELECTDB);
    out.length(number);
    out.u8(RdbFormat.RESIZEDB);
    out.length(keys);
    out.length(expiring);
  }

  @Override
  public void accept(byte[] bytes, int offset, int length) throws IOException {
    out.raw(bytes, offset, length);
  }

  /** Ends the file: writes its last bytes and hands all to the sink. */
  public void end() throws IOException {
    out.u8(RdbFormat.EOF);
    out.checksum();
  }
}
