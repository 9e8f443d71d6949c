package io.redknot.server.replication;

import io.redknot.protocol.AsciiNumbers;
import java.nio.charset.StandardCharsets;

/**
 * Puts the stream of changes into the backlog, each command behind a SELECT where the database is
 * another than before. Guarded by the stream's lock.
 */
final class BacklogSink implements Propagator.Sink {
  /** No database is selected: whatever comes, a SELECT goes before it. */
  static final int NONE = -1;

  private static final byte[] SELECT =
      "*2\r\n$6\r\nSELECT\r\n$".getBytes(StandardCharsets.US_ASCII);
  private static final int NUMBER_BYTES_MAX = 10;

  private final ReplicationBacklog backlog;
  private final Runnable onLost;
  private final byte[] select = new byte[SELECT.length + 2 * NUMBER_BYTES_MAX + 4];
  private volatile int selected = NONE;
  private volatile long changedEnd;

  /**
   * Writes to a backlog.
   *
   * @param onLost what is to be done where the stream lacks something; under locks
   */
  BacklogSink(ReplicationBacklog backlog, Runnable onLost) {
    this.backlog = backlog;
    this.onLost = onLost;
    System.arraycopy(SELECT, 0, select, 0, SELECT.length);
  }

  /** The database of the last command. */
  int selected() {
    return selected;
  }

  /** Position behind the last command that changed something. */
  long changedEnd() {
    return changedEnd;
  }

  /** The stream goes on with a database selected, or none. */
  void selected(int db) {
    selected = db;
  }

  @Override
  public void lost() {
    onLost.run();
  }

  @Override
  public boolean takesMessages() {
    return true;
  }

  @Override
  public void append(int db, byte[] bytes, int offset, int length) {
    if (db != selected) {
      select(db);
      selected = db;
    }
    backlog.append(bytes, offset, length);
    changedEnd = backlog.end();
  }

  private void select(int db) {
    int at = SELECT.length;
    at += AsciiNumbers.write(Integer.toString(db).length(), select, at);
    at = lineEnd(at);
    at += AsciiNumbers.write(db, select, at);
    at = lineEnd(at);
    backlog.append(select, 0, at);
  }

  private int lineEnd(int at) {
    select[at] = '\r';
    select[at + 1] = '\n';
    return at + 2;
  }
}
