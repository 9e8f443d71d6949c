package io.redknot.server.migration;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.Server;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.MovingKeys;
import io.redknot.server.net.NextRound;
import io.redknot.server.net.Session;
import io.redknot.server.net.Suspension;
import io.redknot.server.replication.Effects;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.rdb.DumpPayload;
import io.redknot.storage.rdb.PayloadWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One call of MIGRATE: takes the values under the lock, sends them while nobody waits but those who
 * would change the keys, and removes the keys that have arrived.
 *
 * <p>A key that is on its way can be read. What may change it waits until its way is over, and then
 * finds it here or is sent after it, so that it is as if the keys had moved in no time.
 */
public final class Migration implements TargetConnection.Exchange {
  private static final String IO_ERROR = "IOERR error or timeout ";

  /** A key that is on its way. */
  @SuppressWarnings("ArrayRecordComponent") // it is the key's only holder, and nobody compares them
  private record Moving(byte[] key, Keyspace keyspace, int slot) {}

  /**
   * A large value, whose payload is made little by little; its key is one of those on their way.
   */
  private record Large(Moving moving, long expiryMs, DumpPayload.InSteps steps) {}

  private final Server server;
  private final MigrationRequest request;
  private final Shard shard;
  private final MigrationTargets targets;

  /** In the order of their requests. */
  private final List<Moving> keys = new ArrayList<>();

  /** Those that are not in the requests yet. */
  private final Deque<Large> large = new ArrayDeque<>(0);

  /** What gives the keys to the other server, and is sent again where a connection was closed. */
  private final List<ByteBuf> requests = new ArrayList<>(1);

  private final List<Moving> arrived = new ArrayList<>();

  // From here on: the loop of the connections.
  private @Nullable TargetConnection connection;
  private @Nullable Suspension command;
  private final Session session;
  private boolean reused;

  /** Replies before those for the keys that are still to come. */
  private int greetings;

  private int keysReplied;
  private @Nullable String refusal;

  private Migration(
      CommandContext ctx, MigrationRequest request, Shard shard, MigrationTargets targets) {
    this.server = ctx.server();
    this.session = ctx.session();
    this.request = request;
    this.shard = shard;
    this.targets = targets;
  }

  /**
   * Takes the values of the keys that are there, and answers the command when they have arrived;
   * without keys at once. Under the lock of the keys' shard, on the event loop of the client.
   */
  public static void begin(
      CommandContext ctx, Args args, MigrationRequest request, RespWriter out) {
    MigrationTargets targets = ctx.server().migrationTargets(ctx.connection().eventLoop());
    Migration migration = new Migration(ctx, request, ctx.shard(), targets);
    RespWriter requests = targets.requests();
    for (int i = request.firstKey(); i < request.keysEnd(args); i++) {
      migration.add(ctx, args, i, requests);
    }
    if (migration.keys.isEmpty() && migration.large.isEmpty()) {
      out.simple("NOKEY");
      return;
    }
    migration.command = ctx.suspend();
    migration.take(requests);
    if (!request.copy()) {
      migration.hold();
    }
    targets.loop().execute(migration::start);
  }

  private void take(RespWriter written) {
    requests.add(written.drain(ByteBufAllocator.DEFAULT));
  }

  private void hold() {
    MovingKeys held = server.dispatcher().movingKeys();
    keys.forEach(moving -> held.add(shard, moving.key));
    large.forEach(each -> held.add(shard, each.moving.key));
  }

  private void add(CommandContext ctx, Args args, int index, RespWriter to) {
    Keyspace keyspace = ctx.keyspace();
    int slot = ctx.slotOf(args, index);
    long ref = keyspace.find(args.array(), args.offset(index), args.length(index), slot);
    if (ref == 0) {
      return;
    }
    ServerConfig config = server.config();
    int version = config.rdbVersion.getInt();
    Moving moving = new Moving(args.copy(index), keyspace, slot);
    long expiryMs = keyspace.expiry(ref);
    boolean compress = config.rdbcompression.get();
    DumpPayload.InSteps steps = DumpPayload.inSteps(keyspace, ref, version, compress);
    if (steps != null) {
      large.add(new Large(moving, expiryMs, steps));
      return;
    }
    PayloadWriter payloads = ctx.payloads();
    int length = payloads.write(keyspace, ref, version);
    restore(to, moving.key, expiryMs, payloads.array(), length);
    keys.add(moving);
  }

  /** Makes a step of the first payload that is not whole, and lets the loop do other things. */
  private void start() {
    Large next = large.peek();
    if (next == null) {
      connect();
      return;
    }
    boolean more = step(next.steps);
    next.steps.sumUp();
    if (!more) {
      large.remove();
      next.steps.end();
      restore(next);
      keys.add(next.moving);
    }
    NextRound.execute(targets.loop(), this::start);
  }

  private boolean step(DumpPayload.InSteps steps) {
    shard.lock();
    try {
      return steps.step();
    } finally {
      shard.unlock();
    }
  }

  private void restore(Large whole) {
    RespWriter part = targets.requests();
    beginRestore(part, whole.moving.key, whole.expiryMs);
    part.beginBulk(whole.steps.bytes());
    take(part);
    for (byte[] piece : whole.steps.pieces()) {
      requests.add(Unpooled.wrappedBuffer(piece));
    }
    part.endBulk();
    endRestore(part, whole.expiryMs);
    take(part);
  }

  private void restore(
      RespWriter to, byte[] key, long expiryMs, byte[] payload, int payloadLength) {
    beginRestore(to, key, expiryMs);
    to.bulk(payload, 0, payloadLength);
    endRestore(to, expiryMs);
  }

  private void beginRestore(RespWriter to, byte[] key, long expiryMs) {
    boolean expires = expiryMs != Keyspace.NO_EXPIRY;
    to.array(4 + (request.replace() ? 1 : 0) + (expires ? 1 : 0));
    to.bulk(server.config().clusterEnabled.get() ? "RESTORE-ASKING" : "RESTORE");
    to.bulk(key);
    to.bulk(expires ? expiryMs : 0);
  }

  private void endRestore(RespWriter to, long expiryMs) {
    if (request.replace()) {
      to.bulk("REPLACE");
    }
    if (expiryMs != Keyspace.NO_EXPIRY) {
      // Redis tells how long it has still to live, so that each move makes it live longer.
      to.bulk("ABSTTL");
    }
  }

  private void connect() {
    TargetConnection kept = targets.takeKept(request.target());
    reused = kept != null;
    if (kept == null) {
      targets.connect(request, this::connected, this::unknownHost);
    } else {
      send(kept);
    }
  }

  private void connected(@Nullable TargetConnection made) {
    if (made == null) {
      // Redis notices it with its first write.
      end(IO_ERROR + "writing to target instance");
    } else {
      send(made);
    }
  }

  private void unknownHost() {
    end(IO_ERROR + "connecting to the client");
  }

  private void send(TargetConnection to) {
    connection = to;
    greetings = 0;
    RespWriter greeting = targets.requests();
    if (!request.auth().isEmpty()) {
      greeting.array(1 + request.auth().size());
      greeting.bulk("AUTH");
      request.auth().forEach(greeting::bulk);
      greetings++;
    }
    if (to.db() != request.db()) {
      greeting.array(2);
      greeting.bulk("SELECT");
      greeting.bulk(request.db());
      greetings++;
    }
    List<ByteBuf> all = new ArrayList<>(1 + requests.size());
    if (greetings > 0) {
      all.add(greeting.drain(ByteBufAllocator.DEFAULT));
    }
    requests.forEach(piece -> all.add(piece.retainedDuplicate()));
    to.exchange(all, greetings + keys.size(), request.timeoutMs(), this);
  }

  @Override
  public void replied(String line) {
    boolean isError = line.startsWith("-");
    if (isError && refusal == null) {
      refusal = "ERR Target instance replied with error: " + line.substring(1);
    }
    if (greetings > 0) {
      greetings--;
      if (isError) {
        giveUp();
      }
      return;
    }
    if (!isError) {
      arrived.add(keys.get(keysReplied));
    }
    keysReplied++;
    if (keysReplied == keys.size()) {
      TargetConnection done = connection;
      if (done != null && refusal == null) {
        done.db(request.db());
        targets.keep(request.target(), done);
      } else if (done != null) {
        var _ = done.channel().close();
      }
      end(refusal);
    }
  }

  /** Without the right to, or the right database, nothing that follows counts. */
  private void giveUp() {
    TargetConnection of = connection;
    if (of != null) {
      of.abandon();
    }
    end(refusal);
  }

  @Override
  public void failed(boolean whileWriting, boolean timedOut) {
    if (reused && !timedOut && keysReplied == 0) {
      // The other server had closed the connection before it was asked for anything.
      reused = false;
      refusal = null;
      targets.connect(request, this::connected, this::unknownHost);
      return;
    }
    end(IO_ERROR + (whileWriting ? "writing" : "reading") + " to target instance");
  }

  private void end(@Nullable String error) {
    requests.forEach(ByteBuf::release);
    if (!request.copy()) {
      remove();
    }
    Suspension waiting = command;
    if (waiting != null) {
      waiting.complete(error == null ? RespWriter::ok : out -> out.error(error));
    }
  }

  /** Removes the keys that have arrived, and lets those who wait for any of the keys go on. */
  private void remove() {
    Effects effects = new Effects();
    List<Suspension> released = new ArrayList<>();
    shard.lock();
    try {
      // A replica has what its primary has; what has become of the slot is for that to know.
      if (!server.replication().isReplica()) {
        for (Moving moving : arrived) {
          removeKey(moving, effects);
        }
        boolean changed = effects.hasChanges();
        server.propagator().publish(effects);
        // Nothing else is executed for the client until it has the reply.
        server.noteRun(session, changed);
      }
      for (Moving moving : keys) {
        released.addAll(server.dispatcher().movingKeys().remove(shard, moving.key));
      }
      server.signals().shard(shard.index()).wakeAll();
    } finally {
      shard.unlock();
    }
    released.forEach(Suspension::retry);
  }

  private void removeKey(Moving moving, Effects effects) {
    Keyspace keyspace = moving.keyspace;
    keyspace.time(server.clock().nowMs());
    // It may have expired or been flushed meanwhile, but never been changed.
    if (keyspace.remove(moving.key, 0, moving.key.length, moving.slot)) {
      keyspace.changed();
      int db = shard.databaseOf(keyspace);
      server.signals().shard(shard.index()).removed(db, moving.key);
      if (server.propagator().isActive()) {
        if (effects.isEmpty()) {
          effects.begin(db, "DEL");
        }
        effects.word(moving.key, 0, moving.key.length);
      }
    }
  }
}
