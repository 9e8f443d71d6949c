package io.redknot.server.replication;

import io.redknot.protocol.Args;
import io.redknot.server.config.BoolSetting;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The stream of changes of the data set: what the append-only file keeps and replicas are sent.
 *
 * <p>Effects are published under the lock of the shard that they changed, so that the changes of
 * each key stand in the stream in the order in which they were made. Changes of different shards
 * stand in any order: they have no key in common. What one command has done stands together.
 *
 * <p>Any thread. The lock of the stream is taken after those of shards, and no other under it.
 */
public final class Propagator {
  /** Gets the stream. */
  public interface Sink {
    /**
     * Takes the next command; it must not block, and not do I/O. Called under the stream's lock and
     * mostly under that of a shard.
     *
     * @param db the database that the command applies to. A sink that writes a stream of its own
     *     puts a SELECT before it where the last command applied to another one
     * @param bytes holds the whole command, a RESP array of bulk strings; borrowed
     */
    void append(int db, byte[] bytes, int offset, int length);

    /** Something was changed that the stream lacks. Called as {@link #append} is. */
    void lost();

    /** Whether it also takes what changes no data, but is to be told to clients elsewhere. */
    default boolean takesMessages() {
      return false;
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Effects begin = new Effects();
  private final Effects end = new Effects();
  private final Effects message = new Effects();
  private final BoolSetting expireLazily;
  private final ShardEffects[] shards;
  private volatile Sink[] sinks = {};

  /**
   * A stream of the changes of these shards, before anything changes them.
   *
   * @param expireLazily {@code lazyfree-lazy-expire}: how the removal of expired keys is told
   */
  public Propagator(Shards shards, BoolSetting expireLazily) {
    this.expireLazily = expireLazily;
    this.shards = new ShardEffects[shards.count()];
    for (int i = 0; i < shards.count(); i++) {
      this.shards[i] = newShard(shards.shard(i));
    }
  }

  private ShardEffects newShard(Shard shard) {
    ShardEffects effects = new ShardEffects(this, shard);
    shard.lock();
    try {
      shard.listener(effects);
    } finally {
      shard.unlock();
    }
    return effects;
  }

  /** Whether anybody takes the stream; where nobody does, nothing is encoded. */
  public boolean isActive() {
    return sinks.length > 0;
  }

  /**
   * Gives a sink all that is published from now on. Where it is to begin exactly with a state of
   * the data set, all shards are locked.
   */
  public void attach(Sink sink) {
    lock.lock();
    try {
      Sink[] more = Arrays.copyOf(sinks, sinks.length + 1);
      more[sinks.length] = sink;
      sinks = more;
    } finally {
      lock.unlock();
    }
  }

  /** Gives a sink nothing more; when this returns, no call of it is under way. */
  public void detach(Sink sink) {
    lock.lock();
    try {
      List<Sink> others = new ArrayList<>(List.of(sinks));
      others.remove(sink);
      sinks = others.toArray(Sink[]::new);
    } finally {
      lock.unlock();
    }
  }

  /** Where the effects of what runs in a shard are collected. */
  public ShardEffects shard(int index) {
    return shards[index];
  }

  /** How the removal of expired keys is told. */
  String expiryVerb() {
    return expireLazily.get() ? "UNLINK" : "DEL";
  }

  /**
   * Appends effects that belong together, or none of them, and forgets them. Several are put
   * between MULTI and EXEC, so that nobody ever sees, or loads, a part of them.
   */
  public void publish(Effects effects) {
    if (effects.isEmpty()) {
      return;
    }
    lock.lock();
    try {
      for (Sink sink : sinks) {
        if (effects.isLost()) {
          sink.lost();
          continue;
        }
        boolean several = effects.countFor(sink) > 1;
        if (several) {
          marker(begin, "MULTI", effects.firstDatabase()).appendTo(sink);
        }
        effects.appendTo(sink);
        if (several) {
          marker(end, "EXEC", effects.lastDatabase()).appendTo(sink);
        }
      }
    } finally {
      lock.unlock();
    }
    effects.clear();
  }

  /** Runs something while nothing is being published; it may neither wait nor publish. */
  void between(Runnable action) {
    lock.lock();
    try {
      action.run();
    } finally {
      lock.unlock();
    }
  }

  /** Appends a command that only tells something, to where that is of use. */
  public void publishMessage(int db, Args args) {
    if (!isActive()) {
      return;
    }
    lock.lock();
    try {
      message.clear();
      message.message(db, args);
      for (Sink sink : sinks) {
        message.appendTo(sink);
      }
      message.clear();
    } finally {
      lock.unlock();
    }
  }

  private static Effects marker(Effects reused, String name, int db) {
    reused.clear();
    return reused.begin(db, name);
  }
}
