package io.redknot.storage.rdb;

import java.io.IOException;

/** Where a stream of bytes goes: a file, a socket, memory. */
@FunctionalInterface
public interface ByteSink {
  /**
   * Takes bytes, which are borrowed: all of them, before it returns.
   *
   * @throws IOException where they cannot be kept; the stream is broken then
   */
  void accept(byte[] bytes, int offset, int length) throws IOException;
}
