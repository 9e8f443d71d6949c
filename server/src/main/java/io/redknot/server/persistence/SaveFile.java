package io.redknot.server.persistence;

import io.redknot.storage.rdb.ByteSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A file that takes another's place as a whole or not at all: it is written beside it, synced, and
 * renamed.
 */
final class SaveFile implements ByteSink, AutoCloseable {
  /** With incremental sync, so many bytes are written between two of them. */
  private static final long SYNC_BYTES = 4L << 20;

  private final Path target;
  private final Path temporary;
  private final Disk disk;
  private final Disk.OpenFile file;
  private final boolean syncOften;
  private long unsynced;
  private boolean committed;

  /**
   * Opens the temporary file.
   *
   * @param target the file to replace; it need not exist
   * @param temporary where it is written, on the same file system
   * @param syncOften whether to sync every few MiB, so that the last sync does not take long
   */
  SaveFile(Disk disk, Path target, Path temporary, boolean syncOften) throws IOException {
    this.disk = disk;
    this.target = target;
    this.temporary = temporary;
    this.syncOften = syncOften;
    this.file = disk.open(temporary, Disk.Mode.REPLACE);
  }

  @Override
  public void accept(byte[] bytes, int offset, int length) throws IOException {
    file.writeAll(ByteBuffer.wrap(bytes, offset, length));
    unsynced += length;
    if (syncOften && unsynced >= SYNC_BYTES) {
      file.sync();
      unsynced = 0;
    }
  }

  /** Puts the file in its place; from now on a crash loses nothing of it. */
  void commit() throws IOException {
    file.sync();
    file.close();
    disk.rename(temporary, target);
    committed = true;
    Path folder = target.toAbsolutePath().getParent();
    if (folder != null) {
      disk.syncFolder(folder);
    }
  }

  /** Removes the temporary file where it did not come into its place. */
  @Override
  public void close() throws IOException {
    file.close();
    if (!committed) {
      disk.delete(temporary);
    }
  }
}
