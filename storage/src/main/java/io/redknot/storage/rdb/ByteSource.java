package io.redknot.storage.rdb;

import java.io.IOException;

/** Where a stream of bytes comes from: a file, a socket, memory. */
@FunctionalInterface
public interface ByteSource {
  /**
   * Reads some bytes.
   *
   * @param length how many at most, at least 1
   * @return how many; -1 at the end
   * @throws IOException where they cannot be read
   */
  int read(byte[] target, int offset, int length) throws IOException;
}
