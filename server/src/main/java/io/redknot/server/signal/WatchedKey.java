package io.redknot.server.signal;

/** A key that a connection watches. Guarded by the lock of the key's shard. */
final class WatchedKey {
  private final KeyWatch watch;
  private final int db;
  private final byte[] key;
  private final int shard;

  /** It was expired when it was first watched and only hidden: its removal changes nothing. */
  private boolean gone;

  WatchedKey(KeyWatch watch, int db, byte[] key, int shard) {
    this.watch = watch;
    this.db = db;
    this.key = key;
    this.shard = shard;
  }

  KeyWatch watch() {
    return watch;
  }

  int db() {
    return db;
  }

  byte[] key() {
    return key;
  }

  int shard() {
    return shard;
  }

  boolean isGone() {
    return gone;
  }

  void gone(boolean value) {
    gone = value;
  }
}
