package io.redknot.server.dispatch;

import io.redknot.cluster.ClusterView;
import io.redknot.protocol.Args;
import io.redknot.storage.keyspace.HashSlot;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the router must know of the keys of a command, or of all commands of a transaction: their
 * slot, whether they have only one, and, while that slot is on the move, how many are here.
 *
 * <p>Used again for every command of a connection; allocates nothing in steady state.
 */
public final class RouteQuery implements KeyVisitor {
  private final Shards shards;
  private @Nullable ClusterView view;
  private @Nullable Args args;
  private long nowMs;
  private int slot;
  private boolean crossSlot;
  private boolean moving;
  private boolean looks;
  private boolean several;
  private byte[] firstKey = {};
  private int present;
  private int missing;
  private long flags;
  private boolean channels;

  RouteQuery(Shards shards) {
    this.shards = shards;
  }

  /** Starts anew, on one view of the cluster. */
  public RouteQuery begin(ClusterView on, long atMs) {
    view = on;
    nowMs = atMs;
    slot = CommandContext.NO_SLOT;
    crossSlot = false;
    moving = false;
    looks = true;
    several = false;
    present = 0;
    missing = 0;
    flags = 0;
    channels = false;
    return this;
  }

  /** Does not look which keys are here: for a command that runs whichever are. */
  RouteQuery withoutLook() {
    looks = false;
    return this;
  }

  /** The time for which it asks, in milliseconds since 1970. */
  public long nowMs() {
    return nowMs;
  }

  /** Adds the keys of a command. */
  public void add(CommandSpec spec, Args command) {
    args = command;
    flags |= spec.flagBits();
    if (spec.keysByRange()) {
      addRange(spec, command);
    } else {
      spec.findKeys(command, this);
    }
    args = null;
  }

  private void addRange(CommandSpec spec, Args command) {
    int first = spec.firstKey();
    if (first == 0) {
      return;
    }
    channels |= !spec.takesKeys();
    int count = command.count();
    int last = spec.lastKey() < 0 ? count + spec.lastKey() : spec.lastKey();
    for (int i = first; i <= last && i < count; i += spec.keyStep()) {
      add(command, i);
    }
  }

  @Override
  public void key(int position, List<String> keyFlags) {
    Args command = args;
    if (command != null) {
      add(command, position);
    }
  }

  private void add(Args command, int index) {
    int offset = command.offset(index);
    int length = command.length(index);
    int keySlot = HashSlot.of(command.array(), offset, length);
    if (slot == CommandContext.NO_SLOT) {
      first(command, index, keySlot);
    } else if (keySlot != slot) {
      crossSlot = true;
    }
    if (moving && looks && !channels && !crossSlot) {
      count(command, index);
    }
  }

  private void first(Args command, int index, int keySlot) {
    ClusterView on = view();
    slot = keySlot;
    moving = (on.isMine(keySlot) && on.isMigrating(keySlot)) || on.isImporting(keySlot);
    if (moving) {
      firstKey = command.copy(index);
    }
  }

  private void count(Args command, int index) {
    int offset = command.offset(index);
    int length = command.length(index);
    several |=
        !Arrays.equals(firstKey, 0, firstKey.length, command.array(), offset, offset + length);
    Shard shard = shards.ofSlot(slot);
    shard.lock();
    try {
      Keyspace keyspace = shard.keyspace(0);
      keyspace.time(nowMs);
      if (keyspace.find(command.array(), offset, length, slot) == 0) {
        missing++;
      } else {
        present++;
      }
    } finally {
      shard.unlock();
    }
  }

  ClusterView view() {
    ClusterView on = view;
    if (on == null) {
      throw new IllegalStateException("no view");
    }
    return on;
  }

  /** The slot of all keys; {@link CommandContext#NO_SLOT} where there are none. */
  public int slot() {
    return slot;
  }

  /** Whether the keys have different slots. */
  boolean isCrossSlot() {
    return crossSlot;
  }

  /** Whether the slot is leaving this node or arriving at it. */
  boolean isMoving() {
    return moving;
  }

  /** Whether there is more than one key. */
  boolean hasSeveral() {
    return several;
  }

  int present() {
    return present;
  }

  int missing() {
    return missing;
  }

  /** The flags of all commands added. */
  long flags() {
    return flags;
  }

  /** Whether it is channels that were added, not keys. */
  boolean isChannels() {
    return channels;
  }
}
