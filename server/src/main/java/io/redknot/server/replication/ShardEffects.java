package io.redknot.server.replication;

import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.KeyspaceListener;
import io.redknot.storage.keyspace.Shard;
import org.jspecify.annotations.Nullable;

/**
 * Where the effects of what runs in one shard are collected: a command's own, and the removal of
 * expired keys that it met. What expires without a command is published at once.
 *
 * <p>Guarded by the shard's lock.
 */
public final class ShardEffects implements KeyspaceListener {
  private final Propagator propagator;
  private final Shard shard;
  private final Effects own = new Effects();
  private @Nullable Effects running;

  ShardEffects(Propagator propagator, Shard shard) {
    this.propagator = propagator;
    this.shard = shard;
  }

  /** A command begins, whose effects are collected there; its publication ends it. */
  public void begin(Effects ofCommand) {
    ofCommand.clear();
    running = ofCommand;
  }

  /** Publishes what the command has done. */
  public void end() {
    Effects ofCommand = running;
    running = null;
    if (ofCommand != null) {
      propagator.publish(ofCommand);
    }
  }

  @Override
  public void expired(Keyspace keys, long ref) {
    if (!propagator.isActive()) {
      return;
    }
    Effects ofCommand = running;
    Effects effects = ofCommand == null ? own : ofCommand;
    removed(effects, keys, ref, propagator.expiryVerb());
    if (ofCommand == null) {
      propagator.publish(own);
    }
  }

  private void removed(Effects effects, Keyspace keys, long ref, String verb) {
    effects
        .beginExpired(shard.databaseOf(keys), verb)
        .word(keys.keyArray(ref), keys.keyOffset(ref), keys.keyLength(ref));
  }
}
