package io.redknot.storage.aof;

import io.redknot.storage.rdb.ByteSink;
import io.redknot.storage.snapshot.SnapshotSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Writes a base in the format of an append-only file around the records of a snapshot. */
public final class AofDataWriter implements SnapshotSession.Visitor {
  private final ByteSink sink;

  public AofDataWriter(ByteSink sink) {
    this.sink = sink;
  }

  private void write(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    sink.accept(bytes, 0, bytes.length);
  }

  /** The line with the time; before the first database. */
  public void time(long unixSeconds) throws IOException {
    write("#TS:" + unixSeconds + "\r\n");
  }

  /** The source of a library of functions; before the first database. */
  public void function(byte[] source) throws IOException {
    write("*3\r\n$8\r\nFUNCTION\r\n$4\r\nLOAD\r\n$" + source.length + "\r\n");
    sink.accept(source, 0, source.length);
    write("\r\n");
  }

  @Override
  public void database(int number, long keys, long expiring) throws IOException {
    String digits = Integer.toString(number);
    write("*2\r\n$6\r\nSELECT\r\n$" + digits.length() + "\r\n" + digits + "\r\n");
  }

  @Override
  public void accept(byte[] bytes, int offset, int length) throws IOException {
    sink.accept(bytes, offset, length);
  }
}
