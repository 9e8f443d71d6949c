package io.redknot.storage.aof;

import java.io.IOException;

/** Bytes that are no append-only file, or no manifest of one; the message says what is wrong. */
public final class AofException extends IOException {
  private static final long serialVersionUID = 1L;

  public AofException(String message) {
    super(message);
  }
}
