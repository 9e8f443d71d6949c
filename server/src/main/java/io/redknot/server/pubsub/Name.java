package io.redknot.server.pubsub;

import java.util.Arrays;

/**
 * The name of a channel or pattern, to be looked up by its bytes; hashed once, and as a whole.
 * Names have an order, by which a map tells apart the many that somebody may have made of one hash.
 */
final class Name implements Comparable<Name> {
  private final byte[] bytes;
  private final int hash;

  /** A name whose bytes are never changed. */
  Name(byte[] bytes) {
    this.bytes = bytes;
    this.hash = Arrays.hashCode(bytes);
  }

  @Override
  public int compareTo(Name other) {
    return Arrays.compare(bytes, other.bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Name that && hash == that.hash && Arrays.equals(bytes, that.bytes);
  }
}
