package io.redknot.server.persistence;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/** The real disk, until it is told to have no room, not to sync or read, or to stop at a name. */
public final class SimDisk implements Disk {
  private static final String FULL = "No space left on device";
  private static final String BROKEN = "Input/output error";

  private final AtomicLong room = new AtomicLong(Long.MAX_VALUE);
  private final AtomicLong syncs = new AtomicLong();
  private final AtomicLong readable = new AtomicLong(Long.MAX_VALUE);
  private volatile boolean syncsFail;
  private volatile boolean syncsHang;
  private volatile boolean syncsOnlySeem;
  private volatile boolean folderSyncsFail;
  private volatile int hanging;
  private volatile Thread syncedBy = Thread.currentThread();
  private volatile Predicate<Path> renamesFail = path -> false;

  /** From now on so many bytes can be written. */
  void room(long bytes) {
    room.set(bytes);
  }

  /** After so many bytes, reads do not end until more are allowed. */
  synchronized void readable(long bytes) {
    readable.set(bytes);
    notifyAll();
  }

  void syncsFail(boolean value) {
    syncsFail = value;
  }

  /** Syncs do not end until this is taken back. */
  public synchronized void syncsHang(boolean value) {
    syncsHang = value;
    notifyAll();
  }

  /** Names of files do not come to the disk. */
  void folderSyncsFail(boolean value) {
    folderSyncsFail = value;
  }

  /** Nothing gets such a name. */
  void renamesFail(Predicate<Path> target) {
    renamesFail = target;
  }

  /** Syncs of files that have worked. */
  long syncs() {
    return syncs.get();
  }

  /** Syncs take no time: nothing is brought to the machine's disk, which may be slow. */
  void syncsOnlySeem(boolean value) {
    syncsOnlySeem = value;
  }

  /** Whether a sync waits because syncs hang. */
  boolean isHanging() {
    return hanging > 0;
  }

  /** Who made the last sync that has worked. */
  Thread syncedBy() {
    return syncedBy;
  }

  @Override
  public OpenFile open(Path file, Mode mode) throws IOException {
    return new SimFile(Disk.REAL.open(file, mode));
  }

  @Override
  public boolean exists(Path path) {
    return Disk.REAL.exists(path);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    if (renamesFail.test(to)) {
      throw new IOException(BROKEN);
    }
    Disk.REAL.rename(from, to);
  }

  @Override
  public void delete(Path file) throws IOException {
    Disk.REAL.delete(file);
  }

  @Override
  public void createFolder(Path folder) throws IOException {
    Disk.REAL.createFolder(folder);
  }

  @Override
  public void syncFolder(Path folder) throws IOException {
    if (folderSyncsFail) {
      throw new IOException(BROKEN);
    }
    Disk.REAL.syncFolder(folder);
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  private synchronized void awaitSyncs() throws IOException {
    hanging++;
    try {
      while (syncsHang) {
        wait();
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
      throw new IOException(ended);
    } finally {
      hanging--;
    }
  }

  private synchronized void awaitReadable() throws IOException {
    try {
      while (readable.get() <= 0) {
        wait();
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
      throw new IOException(ended);
    }
  }

  private final class SimFile implements OpenFile {
    private final OpenFile real;

    SimFile(OpenFile real) {
      this.real = real;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      awaitReadable();
      int length = real.read(target);
      readable.addAndGet(-Math.max(0, length));
      return length;
    }

    /** A full disk takes a part first, as real ones do. */
    @Override
    public int write(ByteBuffer source) throws IOException {
      long left = room.getAndUpdate(bytes -> Math.max(0, bytes - source.remaining()));
      if (left == 0 && source.hasRemaining()) {
        throw new IOException(FULL);
      }
      int length = (int) Math.min(left, source.remaining());
      int written = real.write(source.slice(source.position(), length));
      source.position(source.position() + written);
      return written;
    }

    @Override
    public void position(long bytes) throws IOException {
      real.position(bytes);
    }

    @Override
    public long size() throws IOException {
      return real.size();
    }

    @Override
    public void truncate(long bytes) throws IOException {
      real.truncate(bytes);
    }

    @Override
    public void sync() throws IOException {
      awaitSyncs();
      if (syncsFail) {
        throw new IOException(BROKEN);
      }
      if (!syncsOnlySeem) {
        real.sync();
      }
      syncedBy = Thread.currentThread();
      syncs.incrementAndGet();
    }

    @Override
    public void close() throws IOException {
      real.close();
    }
  }
}
