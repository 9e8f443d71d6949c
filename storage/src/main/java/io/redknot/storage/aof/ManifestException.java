package io.redknot.storage.aof;

import java.io.IOException;

/** A manifest that cannot be used; tells which line and why, in Redis's words. */
public final class ManifestException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int line;
  private final String text;

  ManifestException(int line, String text, String reason) {
    super(reason);
    this.line = line;
    this.text = text;
  }

  /** Number of the line, from 1; 0: the manifest has none. */
  public int line() {
    return line;
  }

  /** The line, or as much of it as counts. */
  public String text() {
    return text;
  }
}
