package io.redknot.server.migration;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.Server;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.net.Suspension;
import io.redknot.server.replication.Effects;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.rdb.DumpPayload;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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

  /** A key, and what the other server is told of it. */
  private static final class Moving {
    final byte[] key;
    final Keyspace keyspace;
    final int slot;
    final long expiryMs;
    byte[] payload = {};

    /** Of a large value, whose payload is made little by little. */
    DumpPayload.@Nullable InSteps steps;

    Moving(byte[] key, Keyspace keyspace, int slot, long expiryMs) {
      this.key = key;
      this.keyspace = keyspace;
      this.slot = slot;
      this.expiryMs = expiryMs;
    }
  }

  private final Server server;
  private final MigrationRequest request;
  private final Shard shard;
  private final List<Moving> keys = new ArrayList<>();
  private final List<Moving> arrived = new ArrayList<>();

  // From here on: the loop of the connections.
  private @Nullable TargetConnection connection;
  private @Nullable Suspension command;
  private boolean reused;

  /** Replies before those for the keys that are still to come. */
  private int greetings;

  private int keysReplied;
  private @Nullable String refusal;

  private Migration(Server server, MigrationRequest request, Shard shard) {
    this.server = server;
    this.request = request;
    this.shard = shard;
  }

  /**
   * Takes the values of the keys that are there, and answers the command when they have arrived;
   * without keys at once. Under the lock of the keys' shard.
   */
  public static void begin(
      CommandContext ctx, Args args, MigrationRequest request, RespWriter out) {
    Migration migration = new Migration(ctx.server(), request, ctx.shard());
    for (int i = request.firstKey(); i < request.keysEnd(args); i++) {
      migration.add(ctx, args, i);
    }
    if (migration.keys.isEmpty()) {
      out.simple("NOKEY");
      return;
    }
    migration.command = ctx.suspend();
    if (!request.copy()) {
      for (Moving moving : migration.keys) {
        ctx.server().dispatcher().movingKeys().add(migration.shard, moving.key);
      }
    }
    ctx.server().migrationTargets().loop().execute(migration::start);
  }

  private void add(CommandContext ctx, Args args, int index) {
    Keyspace keyspace = ctx.keyspace();
    int slot = ctx.slotOf(args, index);
    long ref = keyspace.find(args.array(), args.offset(index), args.length(index), slot);
    if (ref == 0) {
      return;
    }
    ServerConfig config = server.config();
    int version = config.rdbVersion.getInt();
    boolean compress = config.rdbcompression.get();
    Moving moving = new Moving(args.copy(index), keyspace, slot, keyspace.expiry(ref));
    moving.steps = DumpPayload.inSteps(keyspace, ref, version, compress);
    if (moving.steps == null) {
      moving.payload = DumpPayload.of(keyspace, ref, version, compress);
    }
    keys.add(moving);
  }

  /** Makes a step of the first payload that is not whole, and lets the loop do other things. */
  private void start() {
    for (Moving moving : keys) {
      DumpPayload.InSteps steps = moving.steps;
      if (steps != null) {
        if (!step(steps)) {
          moving.payload = steps.payload();
          moving.steps = null;
        }
        targets().loop().execute(this::start);
        return;
      }
    }
    connect();
  }

  private boolean step(DumpPayload.InSteps steps) {
    shard.lock();
    try {
      return steps.step();
    } finally {
      shard.unlock();
    }
  }

  private void connect() {
    TargetConnection kept = targets().takeKept(request.target());
    reused = kept != null;
    if (kept == null) {
      targets().connect(request, this::connected, this::unknownHost);
    } else {
      send(kept);
    }
  }

  private MigrationTargets targets() {
    return server.migrationTargets();
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
    List<ByteBuf> requests = new ArrayList<>();
    if (!request.auth().isEmpty()) {
      List<byte[]> words = new ArrayList<>(request.auth());
      words.addFirst(ascii("AUTH"));
      greet(requests, words);
    }
    if (to.db() != request.db()) {
      greet(requests, List.of(ascii("SELECT"), ascii(Integer.toString(request.db()))));
    }
    for (Moving moving : keys) {
      requests.add(TargetConnection.request(restore(moving).toArray(byte[][]::new)));
    }
    ByteBuf all = Unpooled.wrappedBuffer(requests.toArray(ByteBuf[]::new));
    to.exchange(all, greetings + keys.size(), request.timeoutMs(), this);
  }

  private void greet(List<ByteBuf> requests, List<byte[]> words) {
    requests.add(TargetConnection.request(words.toArray(byte[][]::new)));
    greetings++;
  }

  private List<byte[]> restore(Moving moving) {
    List<byte[]> words = new ArrayList<>();
    words.add(ascii(server.config().clusterEnabled.get() ? "RESTORE-ASKING" : "RESTORE"));
    words.add(moving.key);
    boolean expires = moving.expiryMs != Keyspace.NO_EXPIRY;
    words.add(ascii(Long.toString(expires ? moving.expiryMs : 0)));
    words.add(moving.payload);
    if (request.replace()) {
      words.add(ascii("REPLACE"));
    }
    if (expires) {
      // Redis tells how long it has still to live, so that each move makes it live longer.
      words.add(ascii("ABSTTL"));
    }
    return words;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
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
        targets().keep(request.target(), done);
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
      targets().connect(request, this::connected, this::unknownHost);
      return;
    }
    end(IO_ERROR + (whileWriting ? "writing" : "reading") + " to target instance");
  }

  private void end(@Nullable String error) {
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
        server.propagator().publish(effects);
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
