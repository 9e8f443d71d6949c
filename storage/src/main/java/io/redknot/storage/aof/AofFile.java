package io.redknot.storage.aof;

/**
 * One file that a manifest lists.
 *
 * @param name without a folder; a byte string, one {@code char} a byte
 * @param seq from 1, counted on its own for bases and for increments
 */
public record AofFile(String name, long seq, Role role) {
  /** What a file is to the data set. */
  public enum Role {
    /** The data set at one moment. */
    BASE('b'),
    /** No longer needed, and about to be removed. */
    HISTORY('h'),
    /** What was changed from some moment on. */
    INCREMENT('i');

    private final char letter;

    Role(char letter) {
      this.letter = letter;
    }

    char letter() {
      return letter;
    }
  }

  AofFile asHistory() {
    return new AofFile(name, seq, Role.HISTORY);
  }
}
