package io.redknot.server.persistence;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** The files that the data set is kept in; tests put disks in its place that fail. */
public interface Disk {
  /** The machine's file system. */
  Disk REAL = new FileSystemDisk();

  /** How a file is opened. */
  enum Mode {
    /** For reading. */
    READ,
    /** For writing behind what is in it; it is made where it is not there. */
    APPEND,
    /** For writing; what was in it is lost. */
    REPLACE
  }

  /** An open file. */
  interface OpenFile extends Closeable {
    /**
     * Reads some bytes where the last call has ended.
     *
     * @return how many, or -1 at the end
     */
    int read(ByteBuffer target) throws IOException;

    /**
     * Writes some bytes, perhaps not all.
     *
     * @return how many
     */
    int write(ByteBuffer source) throws IOException;

    /** From where reading goes on. */
    void position(long bytes) throws IOException;

    /** Bytes in the file. */
    long size() throws IOException;

    /** Removes what lies behind; writing goes on there. */
    void truncate(long bytes) throws IOException;

    /** Brings the content to the disk: when this returns, no crash takes it away any more. */
    void sync() throws IOException;

    /** Writes all bytes. */
    default void writeAll(ByteBuffer source) throws IOException {
      while (source.hasRemaining()) {
        if (write(source) == 0) {
          throw new IOException("No space left on device");
        }
      }
    }
  }

  /** Opens a file. */
  OpenFile open(Path file, Mode mode) throws IOException;

  /** Whether there is such a file or folder. */
  boolean exists(Path path);

  /** Gives a file another name, in place of a file of that name. */
  void rename(Path from, Path to) throws IOException;

  /** Removes a file, if it is there. */
  void delete(Path file) throws IOException;

  /** Makes a folder, if it is not there. */
  void createFolder(Path folder) throws IOException;

  /** Brings the names in a folder to the disk. */
  void syncFolder(Path folder) throws IOException;
}
