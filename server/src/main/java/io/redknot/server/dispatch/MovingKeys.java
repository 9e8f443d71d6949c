package io.redknot.server.dispatch;

import io.redknot.protocol.Args;
import io.redknot.server.net.Suspension;
import io.redknot.storage.keyspace.Shard;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Keys that MIGRATE is sending to another server. Until it is known whether they have arrived, what
 * may change them waits, and is then executed.
 *
 * <p>A key comes in and goes out under the lock of its shard, under which it is asked for too. It
 * counts in all databases. Commands on shards without such keys pay one read.
 */
public final class MovingKeys {
  private static final long MAY_CHANGE = CommandFlag.WRITE.bit() | CommandFlag.MAY_REPLICATE.bit();

  /** Number of keys on their way. */
  private final AtomicInteger count = new AtomicInteger();

  /**
   * Of each shard, by its index, what waits for each key; guarded by the lock of the shard, except
   * that those who wait may go away at any time.
   */
  private final List<Map<ByteBuffer, Queue<Suspension>>> waiting;

  MovingKeys(int shards) {
    waiting = new ArrayList<>(shards);
    for (int i = 0; i < shards; i++) {
      waiting.add(new HashMap<>(0));
    }
  }

  private Map<ByteBuffer, Queue<Suspension>> in(Shard shard) {
    return waiting.get(shard.index());
  }

  /** A key is on its way; under the lock of its shard. */
  public void add(Shard shard, byte[] key) {
    if (in(shard).putIfAbsent(ByteBuffer.wrap(key), new ConcurrentLinkedQueue<>()) == null) {
      count.incrementAndGet();
    }
  }

  /** A key's way is over; under the lock of its shard. Returns what is to be tried again. */
  public Collection<Suspension> remove(Shard shard, byte[] key) {
    Queue<Suspension> released = in(shard).remove(ByteBuffer.wrap(key));
    if (released == null) {
      return List.of();
    }
    count.decrementAndGet();
    return released;
  }

  /** Whether any key is on its way. */
  public boolean isAny() {
    return count.get() != 0;
  }

  /**
   * Whether a command may change a key that is on its way: one that waits for keys and is about to
   * be executed again then goes on waiting. Under the lock of the keys' shard.
   */
  boolean concern(Shard shard, CommandSpec spec, Args args) {
    return isAny() && (spec.flagBits() & MAY_CHANGE) != 0 && find(shard, spec, args) != null;
  }

  /**
   * Holds a command back that may change a key on its way; false where it may run. Under the lock
   * of the keys' shard.
   */
  boolean postpone(CommandContext ctx, Shard shard, CommandSpec spec, Args args) {
    if (!isAny() || (spec.flagBits() & MAY_CHANGE) == 0 || ctx.session().replays()) {
      return false;
    }
    Queue<Suspension> others = find(shard, spec, args);
    if (others == null) {
      return false;
    }
    // Also where it is EXEC, in which nothing else may wait.
    Suspension suspension = ctx.connection().suspend();
    others.add(suspension);
    suspension.onLeave(() -> others.remove(suspension));
    return true;
  }

  /** What waits for the first of a command's keys that is on its way; null where none is. */
  private @Nullable Queue<Suspension> find(Shard shard, CommandSpec spec, Args args) {
    Map<ByteBuffer, Queue<Suspension>> moving = in(shard);
    if (moving.isEmpty()) {
      return null;
    }
    Search search = new Search(moving, args);
    var _ = spec.findKeys(args, search);
    return search.found;
  }

  private static final class Search implements KeyVisitor {
    private final Map<ByteBuffer, Queue<Suspension>> moving;
    private final Args args;
    private @Nullable Queue<Suspension> found;

    Search(Map<ByteBuffer, Queue<Suspension>> moving, Args args) {
      this.moving = moving;
      this.args = args;
    }

    @Override
    public void key(int position, List<String> keyFlags) {
      if (found == null) {
        int offset = args.offset(position);
        found = moving.get(ByteBuffer.wrap(args.array(), offset, args.length(position)));
      }
    }
  }
}
