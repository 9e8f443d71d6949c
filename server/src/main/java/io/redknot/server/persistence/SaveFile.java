package io.redknot.server.persistence;

import io.redknot.storage.rdb.ByteSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file that takes another's place as a whole or not at all: it is written beside it, synced, and
 * renamed.
 */
final class SaveFile implements ByteSink, AutoCloseable {
  /** With incremental sync, so many bytes are written between two of them. */
  private static final long SYNC_BYTES = 4L << 20;

  private final Path target;
  private final Path temporary;
  private final FileChannel channel;
  private final boolean syncOften;
  private long unsynced;
  private boolean committed;

  /**
   * Opens the temporary file.
   *
   * @param target the file to replace; it need not exist
   * @param syncOften whether to sync every few MiB, so that the last sync does not take long
   */
  SaveFile(Path target, String temporaryName, boolean syncOften) throws IOException {
    this.target = target;
    this.temporary = target.resolveSibling(temporaryName);
    this.syncOften = syncOften;
    this.channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
  }

  @Override
  public void accept(byte[] bytes, int offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    unsynced += length;
    if (syncOften && unsynced >= SYNC_BYTES) {
      channel.force(false);
      unsynced = 0;
    }
  }

  /** Puts the file in its place; from now on a crash loses nothing of it. */
  void commit() throws IOException {
    channel.force(true);
    channel.close();
    Files.move(
        temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    committed = true;
    syncFolder();
  }

  private void syncFolder() throws IOException {
    Path folder = target.toAbsolutePath().getParent();
    if (folder != null) {
      try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
        directory.force(true);
      }
    }
  }

  /** Removes the temporary file where it did not come into its place. */
  @Override
  public void close() throws IOException {
    channel.close();
    if (!committed) {
      Files.deleteIfExists(temporary);
    }
  }
}
