package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.Server;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.server.net.Session;
import io.redknot.server.net.Suspension;
import io.redknot.server.persistence.Limits;
import io.redknot.server.replication.Effects;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.rdb.DumpPayload;
import io.redknot.storage.rdb.RdbException;
import io.redknot.storage.rdb.ValueReader;
import java.io.IOException;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * RESTORE of a large value: it is made on a thread of its own, which gives the shard's lock to
 * others all the time. Until the value is the key's, what would change the key waits.
 *
 * <p>The payload is read where the connection has received it: to copy hundreds of megabytes would
 * keep the shard and the event loop from all others.
 */
final class LargeRestore implements Runnable {
  /** Smaller payloads are read at once. */
  static final int PAYLOAD_BYTES_MIN = 1024 * 1024;

  private static final int KEY = 1;
  private static final int TTL = 2;
  private static final int PAYLOAD = 3;

  private final Server server;
  private final Shard shard;
  private final Keyspace keys;
  private final int slot;
  private final Args request = new Args();
  private final byte[] key;
  private final DumpCommands.Options options;
  private final long expiryMs;
  private final Suspension command;
  private final Session session;

  private LargeRestore(CommandContext ctx, Args args, DumpCommands.Options options, long expiryMs) {
    this.server = ctx.server();
    this.shard = ctx.shard();
    this.keys = ctx.keyspace();
    this.slot = ctx.slotOf(args, KEY);
    this.key = args.copy(KEY);
    ctx.connection().lendRequest();
    // The connection's own will name other requests.
    request.borrow(args.array());
    for (int i = 0; i < args.count(); i++) {
      request.add(args.offset(i), args.length(i));
    }
    this.options = options;
    this.expiryMs = expiryMs;
    this.session = ctx.session();
    this.command = ctx.suspend();
  }

  /** Answers the command later. Under the lock of the key's shard. */
  static void begin(CommandContext ctx, Args args, DumpCommands.Options options, long expiryMs) {
    LargeRestore restore = new LargeRestore(ctx, args, options, expiryMs);
    restore.server.dispatcher().movingKeys().add(restore.shard, restore.key);
    Thread thread = new Thread(restore, "redknot-restore");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void run() {
    String error = DumpCommands.BAD_FORMAT.text();
    try {
      error = store();
    } finally {
      end(error);
    }
  }

  private void end(@Nullable String error) {
    Collection<Suspension> released;
    shard.lock();
    try {
      released = server.dispatcher().movingKeys().remove(shard, key);
      server.signals().shard(shard.index()).wakeAll();
    } finally {
      shard.unlock();
    }
    command.complete(error == null ? RespWriter::ok : out -> out.error(error));
    released.forEach(Suspension::retry);
  }

  /** Makes the value; null, or what is wrong with it. */
  private @Nullable String store() {
    boolean sums = !server.persister().progress().skipsChecksum();
    DumpPayload payload =
        DumpPayload.checked(
            request.array(), request.offset(PAYLOAD), request.length(PAYLOAD), sums);
    if (payload == null) {
      return DumpCommands.BAD_CHECKSUM.text();
    }
    shard.lock();
    try {
      keys.time(server.clock().nowMs());
      ValueReader.Target target = new ValueReader.Target(key, 0, key.length, slot);
      boolean existed = keys.find(key, 0, key.length, slot) != 0;
      long ref = payload.store(keys, target, Limits.of(server.config()), this::letOthersIn);
      int db = shard.databaseOf(keys);
      // Where the database was flushed meanwhile, its keys were too.
      if (db >= 0) {
        DumpCommands.use(server, keys, keys.expireAt(ref, expiryMs), options);
        keys.changed();
        server.signals().shard(shard.index()).changed(db, key, 0, key.length);
        if (existed) {
          server.notifications().send('n', "new", db, key, 0, key.length);
        }
        KeyEvent event = KeyEvent.RESTORE;
        server.notifications().send(event.letter(), event.text(), db, key, 0, key.length);
        propagate(db);
      }
      return null;
    } catch (RdbException damaged) {
      return DumpCommands.BAD_FORMAT.text();
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    } finally {
      shard.unlock();
    }
  }

  private void letOthersIn() {
    shard.letOthersIn();
    keys.time(server.clock().nowMs());
  }

  private void propagate(int db) {
    if (!server.propagator().isActive()) {
      return;
    }
    boolean relative = expiryMs != Keyspace.NO_EXPIRY && !options.absolute();
    Effects effects = new Effects();
    effects.begin(db, "RESTORE");
    for (int i = KEY; i < request.count(); i++) {
      if (i == TTL && relative) {
        effects.word(expiryMs);
      } else {
        effects.word(request.array(), request.offset(i), request.length(i));
      }
    }
    if (relative) {
      effects.word("ABSTTL");
    }
    server.propagator().publish(effects);
    // Nothing else is executed for the client until it has the reply.
    server.noteRun(session, true);
  }
}
