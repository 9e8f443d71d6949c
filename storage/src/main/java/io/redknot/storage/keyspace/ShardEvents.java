package io.redknot.storage.keyspace;

import java.util.Arrays;

/** Passes what happens in a shard's keyspaces on to whom it concerns. */
final class ShardEvents implements KeyspaceListener {
  private KeyspaceListener[] listeners = {};

  void add(KeyspaceListener listener) {
    listeners = Arrays.copyOf(listeners, listeners.length + 1);
    listeners[listeners.length - 1] = listener;
  }

  @Override
  public void expired(Keyspace keys, long ref) {
    for (KeyspaceListener listener : listeners) {
      listener.expired(keys, ref);
    }
  }

  @Override
  public void created(Keyspace keys, long ref) {
    for (KeyspaceListener listener : listeners) {
      listener.created(keys, ref);
    }
  }

  @Override
  public void flushing(int database) {
    for (KeyspaceListener listener : listeners) {
      listener.flushing(database);
    }
  }

  @Override
  public void swapping(int a, int b) {
    for (KeyspaceListener listener : listeners) {
      listener.swapping(a, b);
    }
  }
}
