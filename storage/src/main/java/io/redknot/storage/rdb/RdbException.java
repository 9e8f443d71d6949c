package io.redknot.storage.rdb;

import java.io.IOException;

/** Bytes that are no RDB, or not one that this version can read; the message says what is wrong. */
public class RdbException extends IOException {
  private static final long serialVersionUID = 1L;

  public RdbException(String message) {
    super(message);
  }
}
