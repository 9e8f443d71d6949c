package io.redknot.server.dispatch;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.net.Session;
import io.redknot.server.signal.KeyWatch;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;
import org.jspecify.annotations.Nullable;

/**
 * MULTI, EXEC, DISCARD: queues the commands of a client, and runs them in one piece.
 *
 * <p>A transaction holds the lock of the one shard that its keys and the watched ones are in; where
 * these are several, or a command looks at the whole keyspace, those of all shards.
 */
public final class Transactions {
  static final CommandError NESTED = CommandError.of("ERR MULTI calls can not be nested");
  static final CommandError EXEC_ALONE = CommandError.of("ERR EXEC without MULTI");
  static final CommandError DISCARD_ALONE = CommandError.of("ERR DISCARD without MULTI");
  private static final CommandError FAILED =
      CommandError.of("EXECABORT Transaction discarded because of previous errors.");
  private static final String REFUSED = "EXECABORT Transaction discarded because of: ";
  private static final String COMMON_CODE = "ERR ";

  private final Dispatcher dispatcher;

  Transactions(Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }

  /** Begins to queue. */
  public void begin(Session session) {
    if (session.transaction() != null) {
      throw NESTED;
    }
    session.transaction(new Transaction());
  }

  /** Keeps a command for later. What is lost anyway is not kept. */
  static void queue(Session session, Transaction queued, CommandSpec spec, Args args) {
    KeyWatch watch = session.watch();
    if (!queued.hasFailed() && (watch == null || !watch.isTouched())) {
      queued.add(spec, args);
    }
  }

  /** Forgets what is queued, and the watched keys with it. */
  public void discard(Session session) {
    if (session.transaction() == null) {
      throw DISCARD_ALONE;
    }
    end(session);
  }

  /** Ends the transaction, if there is one, and the watch. */
  public static void end(Session session) {
    session.transaction(null);
    KeyWatch watch = session.watch();
    if (watch != null) {
      watch.clear();
    }
  }

  /** A command was refused: EXEC ends its transaction, any other one dooms it. */
  static CommandError refused(Session session, CommandSpec spec, CommandError refusal) {
    Transaction queued = session.transaction();
    if (!spec.isTreated(Treatment.EXEC)) {
      if (queued != null) {
        queued.fail();
      }
      return refusal;
    }
    end(session);
    String text = refusal.text();
    boolean common = text.startsWith(COMMON_CODE);
    return refusal.isOfRouting()
        ? refusal
        : CommandError.of(REFUSED + (common ? text.substring(COMMON_CODE.length()) : text));
  }

  /**
   * Runs what is queued, unless something was wrong with it or a watched key was touched. Where it
   * may change a key that is on its way to another server, EXEC waits and is then given again.
   */
  public void exec(CommandContext ctx, RespWriter out) {
    Session session = ctx.session();
    Transaction queued = session.transaction();
    if (queued == null) {
      throw EXEC_ALONE;
    }
    if (queued.hasFailed()) {
      end(session);
      throw FAILED;
    }
    if (queued.isOfNode() && !session.replays()) {
      if (!waitsForMoves(ctx, queued)) {
        new WholeTransaction(dispatcher, ctx, queued).start();
      }
      return;
    }
    boolean waits = false;
    lock(ctx, queued, session.watch());
    try {
      waits = dispatcher.movingKeys().isAny() && isPostponed(ctx, queued);
      if (waits) {
        return;
      }
      CommandError elsewhere = dispatcher.reroute(ctx, queued);
      if (elsewhere != null) {
        throw elsewhere;
      }
      requireStillPrimary(ctx, queued);
      runUnlessTouched(ctx, queued, out);
    } finally {
      if (!waits) {
        end(session);
      }
      ctx.unlockTransaction();
    }
  }

  private void requireStillPrimary(CommandContext ctx, Transaction queued) {
    try {
      dispatcher.requireStillPrimary(ctx, queued.flags(ctx.spec()));
    } catch (CommandError readOnly) {
      throw refused(ctx.session(), ctx.spec(), readOnly);
    }
  }

  /** The locks are held. */
  void runUnlessTouched(CommandContext ctx, Transaction queued, RespWriter out) {
    if (isTouched(ctx, ctx.session().watch())) {
      out.nullArray();
    } else {
      runAll(ctx, queued, out);
    }
  }

  private boolean waitsForMoves(CommandContext ctx, Transaction queued) {
    if (!queued.hasKeys() || !dispatcher.movingKeys().isAny()) {
      return false;
    }
    Shard shard = shardOf(ctx);
    shard.lock();
    try {
      return isPostponed(ctx, queued);
    } finally {
      shard.unlock();
    }
  }

  /** Whether it may change a key that is on its way to another server; the locks are held. */
  boolean isConcernedByMoves(CommandContext ctx, Transaction queued) {
    Shard shard = shardOf(ctx);
    for (int i = 0; i < queued.count(); i++) {
      if (dispatcher.movingKeys().concern(shard, queued.spec(i), queued.args(i))) {
        return true;
      }
    }
    return false;
  }

  /** Who moves keys is a cluster node, where all have one slot, or there is only one shard. */
  private static Shard shardOf(CommandContext ctx) {
    Shards shards = ctx.server().shards();
    return shards.ofSlot(ctx.slot() == CommandContext.NO_SLOT ? 0 : ctx.slot());
  }

  private boolean isPostponed(CommandContext ctx, Transaction queued) {
    Shard shard = shardOf(ctx);
    for (int i = 0; i < queued.count(); i++) {
      if (dispatcher.movingKeys().postpone(ctx, shard, queued.spec(i), queued.args(i))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isTouched(CommandContext ctx, @Nullable KeyWatch watch) {
    if (watch == null) {
      return false;
    }
    watch.settle(ctx.nowMs());
    return watch.isTouched();
  }

  private static void lock(CommandContext ctx, Transaction queued, @Nullable KeyWatch watch) {
    Shards shards = ctx.server().shards();
    int shard = ctx.slot() == CommandContext.NO_SLOT ? -1 : shards.ofSlot(ctx.slot()).index();
    if (shard < 0) {
      shard = watch == null || watch.isEmpty() ? 0 : watch.firstShard();
    }
    boolean one = !queued.isWide() && (watch == null || watch.isWithin(shard));
    ctx.lockTransaction(
        one ? TransactionLocks.ofOne(ctx.server(), shard) : TransactionLocks.ofAll(ctx.server()));
  }

  private void runAll(CommandContext ctx, Transaction queued, RespWriter out) {
    CommandSpec exec = ctx.spec();
    int slot = ctx.slot();
    KeyWatch watch = ctx.session().watch();
    if (watch != null) {
      watch.clear();
    }
    out.array(queued.count());
    for (int i = 0; i < queued.count(); i++) {
      CommandSpec spec = queued.spec(i);
      ctx.begin(spec);
      if (spec.isRouted()) {
        ctx.slot(slot);
      }
      boolean _ = dispatcher.run(ctx, spec, queued.args(i), out);
    }
    ctx.begin(exec);
    ctx.slot(slot);
  }
}
