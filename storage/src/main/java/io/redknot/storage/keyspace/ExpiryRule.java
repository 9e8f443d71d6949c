package io.redknot.storage.keyspace;

/** Whether the shards hide expired entries only, rather than remove them. Any thread. */
final class ExpiryRule {
  private volatile boolean hidesOnly;

  boolean hidesOnly() {
    return hidesOnly;
  }

  void hideOnly(boolean value) {
    hidesOnly = value;
  }
}
