package io.redknot.server.dispatch;

import io.redknot.protocol.Args;
import io.redknot.server.Server;
import io.redknot.server.net.ConnectionHandler;
import io.redknot.server.net.IoLoop;
import io.redknot.server.net.Session;
import io.redknot.server.net.Suspension;
import io.redknot.server.replication.Effects;
import io.redknot.server.replication.Propagator;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * What a handler may reach: its connection, the keyspace under the lock, the server. One belongs to
 * each connection and is used again for every command.
 */
public final class CommandContext {
  /** What {@link #slot()} tells where no slot was determined. */
  public static final int NO_SLOT = -1;

  private final Server server;
  private final IoLoop loop;
  private final ConnectionHandler connection;
  private final Session session;
  private final Propagator propagator;
  private boolean propagated;
  private boolean rewritten;
  private long changesBefore;
  private @Nullable CommandSpec spec;
  private @Nullable Shard shard;
  private @Nullable RouteQuery routeQuery;
  private int slot = NO_SLOT;
  private final BitSet redacted = new BitSet(0);

  public CommandContext(Server server, IoLoop loop, ConnectionHandler connection) {
    this.server = server;
    this.loop = loop;
    this.connection = connection;
    this.session = connection.session();
    this.propagator = server.propagator();
  }

  void begin(CommandSpec running) {
    spec = running;
    slot = NO_SLOT;
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

  /** Takes the lock of the shard that owns the command's keys. */
  void lock() {
    Shard owner = slot == NO_SLOT ? server.shards().shard(0) : server.shards().ofSlot(slot);
    owner.lock();
    shard = owner;
    if (propagator.isActive()) {
      propagated = true;
      rewritten = false;
      changesBefore = owner.stats().changes;
      propagator.shard(owner.index()).begin(loop.effects());
    }
  }

  /** Gives the lock back, after what the command has done has got its place in the stream. */
  void unlock(Args args) {
    Shard owner = shard();
    shard = null;
    if (propagated) {
      propagated = false;
      publish(owner, args);
    }
    owner.unlock();
  }

  private void publish(Shard owner, Args args) {
    if (!rewritten && owner.stats().changes != changesBefore) {
      loop.effects().verbatim(session.db(), args);
    }
    propagator.shard(owner.index()).end();
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
    return loop.effects().begin(session.db(), name);
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
    if (propagator.isActive()) {
      Effects effects = loop.effects();
      effects.clear();
      effects.verbatim(session.db(), args);
      propagator.publish(effects);
    }
  }

  /** The server. */
  public Server server() {
    return server;
  }

  /** The client's connection. */
  public ConnectionHandler connection() {
    return connection;
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
    return loop.nowMs();
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

  /** The selected database in that shard, under its lock and at the current time. */
  public Keyspace keyspace() {
    return keyspace(session.db());
  }

  /** Another database in that shard, under its lock and at the current time. */
  public Keyspace keyspace(int db) {
    Keyspace keyspace = shard().keyspace(db);
    if (session.replays()) {
      keyspace.timeWithoutExpiry(loop.nowMs());
    } else {
      keyspace.time(loop.nowMs());
    }
    return keyspace;
  }

  /** Counters and time of the event loop that runs the command. */
  IoLoop loop() {
    return loop;
  }

  /**
   * Leaves the command unanswered for now; the handler then writes no reply. No further request of
   * the connection is executed until the suspension ends.
   */
  public Suspension suspend() {
    return connection.suspend();
  }
}
