package io.redknot.cluster.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The cluster configuration file of this process, locked while it is open.
 *
 * <p>A save replaces the file by renaming, so the lock has to move along: the new file is locked
 * before it takes the name, and only then the old one is let go. The file is read through the
 * locked channel only, because closing any other channel on it would drop the lock on POSIX
 * systems.
 *
 * <p>What need not survive a power loss, and is small, is written over the old text instead, as
 * Redis 7.0 does with all: that takes microseconds. A page is written by one call or not at all,
 * also where the process is killed meanwhile.
 */
public final class NodesConfFile implements Closeable {
  private static final long FILE_BYTES_MAX = 64L * 1024 * 1024;

  /** A page: what the kernel takes over as a whole. */
  private static final int OVERWRITTEN_BYTES_MAX = 4096;

  private final Path path;
  private FileChannel channel;

  /** Which file the channel is of, null where the system has no keys of files. */
  private @Nullable Object fileKey;

  /** The file that was replaced last. */
  private @Nullable FileChannel replaced;

  private int saves;

  private NodesConfFile(Path path, FileChannel channel) throws IOException {
    this.path = path;
    this.channel = channel;
    this.fileKey = fileKey(path);
  }

  /**
   * Creates the file when it is missing, and locks it.
   *
   * @throws NodesConfException when another process holds it
   * @throws IOException when it cannot be opened
   */
  public static NodesConfFile open(Path path) throws IOException, NodesConfException {
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    if (!tryLock(channel)) {
      channel.close();
      throw new NodesConfException(
          "Sorry, the cluster configuration file "
              + path
              + " is already in use by another cluster node. Every node needs a file of its own.");
    }
    return new NodesConfFile(path, channel);
  }

  /**
   * What the file holds, or nothing when it is empty (a fresh node).
   *
   * @param tlsCluster see {@link NodesConf#parse}
   * @throws NodesConfException when the file is damaged; it is left untouched
   */
  public Optional<SavedCluster> load(boolean tlsCluster) throws IOException, NodesConfException {
    long size = channel.size();
    if (size == 0) {
      return Optional.empty();
    }
    if (size > FILE_BYTES_MAX) {
      throw new NodesConfException("Corrupted cluster config file: " + size + " bytes long");
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) size);
    long at = 0;
    while (bytes.hasRemaining()) {
      int read = channel.read(bytes, at);
      if (read < 0) {
        break;
      }
      at += read;
    }
    String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
    return Optional.of(NodesConf.parse(text, tlsCluster));
  }

  /**
   * Replaces the text as a whole: after a crash of the process either the old or the new one is
   * there, and after a power loss too where it was asked for. A file that was replaced stays open
   * until {@link #closeReplaced} or the next save.
   *
   * @param fsync whether the new text must survive a power loss once this returns
   */
  public void save(String text, boolean fsync) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    if (fsync || !overwrite(bytes)) {
      replace(bytes, fsync);
    }
  }

  /** Writes over the old text; false where the file is too large, or somebody has replaced it. */
  private boolean overwrite(byte[] bytes) throws IOException {
    long before = channel.size();
    if (Math.max(bytes.length, before) > OVERWRITTEN_BYTES_MAX || !isStillThere()) {
      return false;
    }
    // Empty lines say nothing, should this end before the file is cut.
    byte[] padded = Arrays.copyOf(bytes, (int) Math.max(bytes.length, before));
    Arrays.fill(padded, bytes.length, padded.length, (byte) '\n');
    ByteBuffer whole = ByteBuffer.wrap(padded);
    while (whole.hasRemaining()) {
      channel.write(whole, whole.position());
    }
    if (before > bytes.length) {
      channel.truncate(bytes.length);
    }
    return true;
  }

  private boolean isStillThere() throws IOException {
    return fileKey != null && fileKey.equals(fileKey(path));
  }

  private static @Nullable Object fileKey(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    } catch (NoSuchFileException removed) {
      return null;
    }
  }

  private void replace(byte[] bytes, boolean fsync) throws IOException {
    Path parent = path.toAbsolutePath().getParent();
    String name = path.getFileName() + ".tmp-" + ProcessHandle.current().pid() + "-" + saves++;
    Path fresh = path.resolveSibling(name);
    FileChannel written = null;
    try {
      written = write(fresh, bytes, fsync);
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      if (written != null) {
        written.close();
      }
      Files.deleteIfExists(fresh);
      throw e;
    }
    FileChannel before = replaced;
    replaced = channel;
    channel = written;
    fileKey = fileKey(path);
    if (before != null) {
      before.close();
    }
    if (fsync && parent != null) {
      syncDirectory(parent);
    }
  }

  /**
   * Gives back what the old text takes on the disk, which takes as long as writing the new one: for
   * when nobody waits.
   */
  public void closeReplaced() throws IOException {
    FileChannel old = replaced;
    replaced = null;
    if (old != null) {
      old.close();
    }
  }

  private static FileChannel write(Path file, byte[] text, boolean fsync) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    try {
      if (!tryLock(channel)) {
        throw new IOException("cannot lock " + file);
      }
      ByteBuffer bytes = ByteBuffer.wrap(text);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      if (fsync) {
        channel.force(true);
      }
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private static void syncDirectory(Path directory) throws IOException {
    try (FileChannel entry = FileChannel.open(directory, StandardOpenOption.READ)) {
      entry.force(true);
    }
  }

  /** The lock lives as long as the channel; nobody needs to hold the object. */
  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      @Nullable FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    closeReplaced();
    channel.close();
  }
}
