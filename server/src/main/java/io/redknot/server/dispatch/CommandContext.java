package io.redknot.server.dispatch;

import io.redknot.protocol.Args;
import io.redknot.server.Server;
import io.redknot.server.net.ConnectionHandler;
import io.redknot.server.net.Session;
import io.redknot.server.net.Suspension;
import io.redknot.server.replication.Effects;
import io.redknot.server.replication.Propagator;
import io.redknot.server.signal.ShardSignals;
import io.redknot.server.signal.Waiter;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.rdb.PayloadWriter;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * What a handler may reach: its connection, the keyspace under the lock, the server. One belongs to
 * each connection and is used again for every command.
 */
public final class CommandContext {
  /** What {@link #slot()} tells where no slot was determined. */
  public static final int NO_SLOT = -1;

  private static final CommandError NO_CONNECTION =
      CommandError.of("ERR This command is for the client of a connection");
  private static final CommandError NO_SUSPENSION =
      CommandError.of("ERR Command not allowed inside a transaction");

  private final Server server;
  private final Turn turn;
  private final @Nullable ConnectionHandler connection;
  private final Session session;
  private final Propagator propagator;
  private boolean silent;
  private boolean propagated;
  private boolean rewritten;
  private long changesBefore;
  private @Nullable CommandSpec spec;
  private @Nullable Shard shard;
  private @Nullable ShardSignals signals;
  private @Nullable TransactionLocks transaction;

  /** Whether all else stands still, too. */
  private boolean ofRole;

  private boolean again;
  private boolean waits;
  private boolean stillWaits;
  private long errorsSeen;
  private @Nullable RouteQuery routeQuery;
  private int slot = NO_SLOT;
  private final BitSet redacted = new BitSet(0);

  public CommandContext(Server server, Turn turn, ConnectionHandler connection) {
    this(server, turn, connection.session(), connection);
  }

  private CommandContext(
      Server server, Turn turn, Session session, @Nullable ConnectionHandler connection) {
    this.server = server;
    this.turn = turn;
    this.connection = connection;
    this.session = session;
    this.propagator = server.propagator();
  }

  /** For commands that no client has sent; those that need a connection are refused. */
  static CommandContext withoutConnection(Server server, Turn turn, Session session) {
    return new CommandContext(server, turn, session, null);
  }

  /** For a transaction that another thread runs while all stands still. */
  static CommandContext ofRole(Server server, Turn turn, ConnectionHandler connection) {
    CommandContext ctx = new CommandContext(server, turn, connection.session(), connection);
    ctx.ofRole = true;
    return ctx;
  }

  /** What the commands do is not told: whoever follows the stream of changes has it already. */
  CommandContext silent() {
    silent = true;
    return this;
  }

  void begin(CommandSpec running) {
    spec = running;
    slot = NO_SLOT;
    waits = false;
    if (!redacted.isEmpty()) {
      redacted.clear();
    }
  }

  /** An argument of the command is a secret: logs of commands do not show it. */
  public void redact(int argument) {
    redacted.set(argument);
  }

  /** The arguments that logs of commands do not show. */
  public BitSet redacted() {
    return redacted;
  }

  /** The router has found the one slot of all keys. */
  void slot(int ofKeys) {
    slot = ofKeys;
  }

  /** Where the keys of a command are collected for the router; one for all commands. */
  public RouteQuery routeQuery() {
    RouteQuery query = routeQuery;
    if (query == null) {
      query = new RouteQuery(server.shards());
      routeQuery = query;
    }
    return query;
  }

  /** Takes the lock of the shard that owns the command's keys; a transaction has it already. */
  void lock() {
    TransactionLocks held = transaction;
    if (held != null) {
      shard = slot == NO_SLOT ? held.first() : server.shards().ofSlot(slot);
      signals = server.signals().shard(shard.index());
      collect(shard, held.isPropagated());
      return;
    }
    Shard owner = slot == NO_SLOT ? server.shards().shard(0) : server.shards().ofSlot(slot);
    owner.lock();
    shard = owner;
    ShardSignals told = server.signals().shard(owner.index());
    told.attended(true);
    signals = told;
    if (tells()) {
      collect(owner, true);
      propagator.shard(owner.index()).begin(turn.effects());
    }
  }

  private boolean tells() {
    return !silent && propagator.isActive();
  }

  private void collect(Shard owner, boolean told) {
    propagated = told;
    rewritten = false;
    changesBefore = owner.stats().changes;
  }

  /** Gives the lock back, after what the command has done has got its place in the stream. */
  void unlock(Args args) {
    Shard owner = shard();
    shard = null;
    if (transaction != null) {
      collectVerbatim(owner, args);
      propagated = false;
      return;
    }
    ShardSignals told = signals();
    // Whatever fails, the lock is given back.
    try {
      if (propagated) {
        collectVerbatim(owner, args);
        propagated = false;
        server.dispatcher().slotUsage().replicated(this, turn.effects());
        boolean changed = turn.effects().hasChanges();
        propagator.shard(owner.index()).end();
        server.noteRun(session, changed);
      }
      if (told.hasReady()) {
        ReadyKeys.serve(server, turn, owner);
      }
    } finally {
      told.attended(false);
      owner.unlock();
    }
  }

  /** A fault of ours ended the command: what it was about to tell may be a part only. */
  void failedWithin() {
    if (propagated && turn.effects().isOpen()) {
      turn.effects().lose();
    }
  }

  /** What changes the data set and is not told in other words, is told as it was given. */
  private void collectVerbatim(Shard owner, Args args) {
    if (propagated && !rewritten && owner.stats().changes != changesBefore) {
      turn.effects().verbatim(session.db(), args);
    }
  }

  /** A context for a command that has waited and is executed again; its shard is locked. */
  static CommandContext ofWaiter(Server server, Turn turn, Waiter waiter, Shard shard) {
    CommandContext ctx = new CommandContext(server, turn, waiter.client().session(), null);
    ctx.begin(waiter.call().spec());
    ctx.slot = waiter.call().slot();
    ctx.shard = shard;
    ctx.signals = server.signals().shard(shard.index());
    ctx.again = true;
    if (ctx.propagator.isActive()) {
      ctx.collect(shard, true);
      ctx.propagator.shard(shard.index()).begin(turn.effects());
    }
    return ctx;
  }

  /** Publishes what the command has done that is executed again. */
  void endAgain() {
    if (propagated) {
      boolean changed = turn.effects().hasChanges();
      propagator.shard(shard().index()).end();
      if (!stillWaits) {
        // Nothing else is executed for the client until it has the reply.
        server.noteRun(session, changed);
      }
    }
  }

  /** Whether the command has waited already and is executed again. */
  boolean isAgain() {
    return again;
  }

  /** Whether the command waits for keys, so that its end is still to come. */
  boolean waits() {
    return waits;
  }

  /** Whether the command that is executed again has to go on waiting. */
  boolean stillWaits() {
    return stillWaits;
  }

  /**
   * Whether the command may wait; where not it has to answer as if its time were over. Inside a
   * transaction, and where no client has sent it, nothing waits.
   */
  public boolean mayWait() {
    return again || (transaction == null && connection != null);
  }

  /**
   * Has the command wait until there is something for it: it is then executed again. Only where it
   * {@link #mayWait}, and under the lock.
   *
   * @param args the command as it is to be executed again; copied
   * @param timeoutMs 0 for ever
   * @param onTimeout what the client gets whose time is over
   */
  public void await(Args args, Waiter.Wish wish, long timeoutMs, Suspension.Reply onTimeout) {
    if (again) {
      stillWaits = true;
      return;
    }
    Suspension suspension = suspend();
    Waiter.Call call = new Waiter.Call(spec(), args.detach(), slot);
    Waiter waiter = new Waiter(connection(), suspension, call, wish, signals());
    waiter.begin();
    suspension.decidedBy(waiter::withdraw).block(timeoutMs, onTimeout);
    waits = true;
  }

  /** Takes the locks of a transaction, whose commands then run without taking any. */
  void lockTransaction(TransactionLocks locks) {
    locks.lock(turn);
    transaction = locks;
  }

  /** Gives the locks of a transaction back, after what it has done has got its place. */
  void unlockTransaction() {
    TransactionLocks held = transaction;
    transaction = null;
    if (held != null) {
      if (held.isPropagated()) {
        server.dispatcher().slotUsage().replicated(this, turn.effects());
      }
      boolean changed = turn.effects().hasChanges();
      held.unlock(turn);
      if (held.isPropagated()) {
        server.noteRun(session, changed);
      }
    }
  }

  /** Changes the role or the cluster within a transaction, while all stands still. */
  public void changeRole(Runnable action) {
    TransactionLocks held = transaction;
    if (held == null || !ofRole) {
      throw NO_SUSPENSION;
    }
    action.run();
    held.roleChanged(turn);
  }

  /** Whether the command runs inside EXEC: under its locks, and without ever waiting. */
  public boolean inTransaction() {
    return transaction != null;
  }

  /**
   * Whether what the command does is to be told, in the stream of changes. What changes the data
   * set is told as the client gave it, unless the handler tells it in its own words, which it need
   * not do where this is false.
   */
  public boolean isPropagated() {
    return propagated;
  }

  /**
   * Tells in the stream of changes not the command as it is, but the one that this begins; several
   * calls tell several commands. Only where {@link #isPropagated}.
   */
  public Effects propagateAs(String name) {
    rewritten = true;
    return turn.effects().begin(session.db(), name);
  }

  /** As {@link #propagateAs(String)}, with an argument as the command's name. */
  public Effects propagateAs(Args args, int index) {
    rewritten = true;
    return turn.effects().begin(session.db(), args, index);
  }

  /** Leaves the command out of the stream of changes, whatever it changes. */
  public void propagateNothing() {
    rewritten = true;
  }

  /**
   * Tells the command as it is, at once: what handlers do that take all locks themselves, while
   * they hold them.
   */
  public void propagate(Args args) {
    TransactionLocks held = transaction;
    if (held != null) {
      if (held.isPropagated()) {
        turn.effects().verbatim(session.db(), args);
      }
    } else if (tells()) {
      Effects effects = turn.effects();
      effects.clear();
      effects.verbatim(session.db(), args);
      propagator.publish(effects);
      server.noteRun(session, true);
    }
  }

  /** Tells replicas what was published; what a transaction does keeps its order. */
  public void propagateMessage(Args args) {
    TransactionLocks held = transaction;
    if (held == null) {
      propagator.publishMessage(session.db(), args);
    } else if (held.isPropagated()) {
      turn.effects().message(session.db(), args);
    }
  }

  /**
   * Serves those who wait for any key, while all locks are held; a transaction does so at its end.
   */
  public void serveWaiting() {
    if (transaction == null) {
      for (int i = 0; i < server.shards().count(); i++) {
        ReadyKeys.serve(server, turn, server.shards().shard(i));
      }
    }
  }

  /** The server. */
  public Server server() {
    return server;
  }

  /** The client's connection; what a stream of commands holds is refused where it asks for it. */
  public ConnectionHandler connection() {
    ConnectionHandler client = connection;
    if (client == null) {
      throw NO_CONNECTION;
    }
    return client;
  }

  /** What the client has chosen for its connection. */
  public Session session() {
    return session;
  }

  /** The command's row; that of the subcommand where there is one. */
  public CommandSpec spec() {
    CommandSpec running = spec;
    if (running == null) {
      throw new IllegalStateException("no command is running");
    }
    return running;
  }

  /** The time at which the command runs, in milliseconds since 1970. */
  public long nowMs() {
    return turn.nowMs();
  }

  /** The slot of all keys on a cluster node; elsewhere, and without keys, {@link #NO_SLOT}. */
  public int slot() {
    return slot;
  }

  /** The slot under which the keyspace keeps the key that an argument is. */
  public int slotOf(Args args, int index) {
    return slot != NO_SLOT
        ? slot
        : keyspace().slotOf(args.array(), args.offset(index), args.length(index));
  }

  /** The shard that owns the command's keys, locked; only for commands that have keys. */
  public Shard shard() {
    Shard owner = shard;
    if (owner == null) {
      throw new IllegalStateException("the command has no keys and so no shard");
    }
    return owner;
  }

  /** Who is told what happens to the keys of that shard. */
  public ShardSignals signals() {
    ShardSignals told = signals;
    if (told == null) {
      throw new IllegalStateException("the command has no keys and so no shard");
    }
    return told;
  }

  /** The selected database in that shard, under its lock and at the current time. */
  public Keyspace keyspace() {
    return keyspace(session.db());
  }

  /** Another database in that shard, under its lock and at the current time. */
  public Keyspace keyspace(int db) {
    Keyspace keyspace = shard().keyspace(db);
    if (session.replays()) {
      keyspace.timeWithoutExpiry(turn.nowMs());
    } else {
      keyspace.time(turn.nowMs());
    }
    keyspace.accesses().count(!session.noTouch());
    return keyspace;
  }

  /** Errors that were written up to now and are counted; a transaction's commands count theirs. */
  long errorsSeen() {
    return errorsSeen;
  }

  void errorsSeen(long written) {
    errorsSeen = written;
  }

  /** Counters and time of the thread that runs the command. */
  Turn turn() {
    return turn;
  }

  /** Where values are made into payloads, by the rules of the configuration; one at a time. */
  public PayloadWriter payloads() {
    return turn.payloads(server.config().rdbcompression.get());
  }

  /**
   * Leaves the command unanswered for now; the handler then writes no reply. No further request of
   * the connection is executed until the suspension ends.
   */
  public Suspension suspend() {
    if (transaction != null) {
      throw NO_SUSPENSION;
    }
    return connection().suspend();
  }
}
