package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.DANGEROUS;
import static io.redknot.server.dispatch.AclCategory.KEYSPACE;
import static io.redknot.server.dispatch.CommandFlag.ASKING;
import static io.redknot.server.dispatch.CommandFlag.DENYOOM;
import static io.redknot.server.dispatch.CommandFlag.READONLY;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.Server;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.server.persistence.Limits;
import io.redknot.server.replication.Effects;
import io.redknot.storage.keyspace.AccessClock;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.rdb.DumpPayload;
import io.redknot.storage.rdb.PayloadWriter;
import io.redknot.storage.rdb.RdbException;
import io.redknot.storage.rdb.ValueReader;
import java.io.IOException;

/** DUMP and RESTORE: values as bytes that any node of the cluster understands. */
public final class DumpCommands {
  private static final CommandError BUSY_KEY =
      CommandError.of("BUSYKEY Target key name already exists.");
  private static final CommandError BAD_TTL =
      CommandError.of("ERR Invalid TTL value, must be >= 0");
  private static final CommandError BAD_IDLE_TIME =
      CommandError.of("ERR Invalid IDLETIME value, must be >= 0");
  private static final CommandError BAD_FREQUENCY =
      CommandError.of("ERR Invalid FREQ value, must be >= 0 and <= 255");
  static final CommandError BAD_CHECKSUM =
      CommandError.of("ERR DUMP payload version or checksum are wrong");
  static final CommandError BAD_FORMAT = CommandError.of("ERR Bad data format");

  private static final int FREQUENCY_MAX = 255;
  private static final long UNSET = -1;

  private DumpCommands() {}

  /** What RESTORE is asked for beside the value. */
  record Options(boolean replace, boolean absolute, long idleSeconds, long frequency) {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    table
        .add("dump", 2, DumpCommands::dump)
        .flags(READONLY)
        .in(KEYSPACE)
        .keys(KeySpec.at(1, "RO access"))
        .tips("nondeterministic_output");
    table
        .add("restore", -4, DumpCommands::restore)
        .flags(WRITE, DENYOOM)
        .in(KEYSPACE, DANGEROUS)
        .keys(KeySpec.at(1, "OW update"));
    table
        .add("restore-asking", -4, DumpCommands::restore)
        .flags(WRITE, DENYOOM, ASKING)
        .in(KEYSPACE, DANGEROUS)
        .keys(KeySpec.at(1, "OW update"));
  }

  private static void dump(CommandContext ctx, Args args, RespWriter out) {
    long ref = Keys.read(ctx, args, 1);
    if (ref == 0) {
      out.nullBulk();
      return;
    }
    PayloadWriter payloads = ctx.payloads();
    int version = ctx.server().config().rdbVersion.getInt();
    int length = payloads.write(ctx.keyspace(), ref, version);
    out.bulk(payloads.array(), 0, length);
  }

  private static void restore(CommandContext ctx, Args args, RespWriter out) {
    Options options = options(args);
    Keyspace keys = ctx.keyspace();
    boolean exists = Keys.find(ctx, args, 1) != 0;
    if (exists && !options.replace) {
      throw BUSY_KEY;
    }
    if (!args.isLong(2)) {
      throw CommandError.NOT_INTEGER;
    }
    long ttl = args.toLong(2);
    if (ttl < 0) {
      throw BAD_TTL;
    }
    long expiryMs = ttl == 0 ? Keyspace.NO_EXPIRY : ttl + (options.absolute ? 0 : ctx.nowMs());
    boolean past = expiryMs != Keyspace.NO_EXPIRY && ExpiryArguments.isPast(ctx, expiryMs);
    if (!past && args.length(3) >= LargeRestore.PAYLOAD_BYTES_MIN && ctx.mayWait()) {
      LargeRestore.begin(ctx, args, options, expiryMs);
      return;
    }
    DumpPayload payload = payload(ctx, args);
    if (past) {
      long _ = ofValue(() -> verified(ctx, payload));
      if (exists) {
        keys.remove(Keys.find(ctx, args, 1));
        Keys.propagateRemoval(ctx, args, 1, ctx.server().config().lazyfreeLazyServerDel);
        Keys.changed(ctx, args, 1, KeyEvent.DEL);
      }
      out.ok();
      return;
    }
    long ref = store(ctx, args, payload);
    ref = keys.expireAt(ref, expiryMs);
    use(ctx.server(), keys, ref, options);
    if (exists) {
      Keys.renewed(ctx, args, 1);
    }
    if (ctx.isPropagated() && expiryMs != Keyspace.NO_EXPIRY && !options.absolute) {
      Effects effects = ctx.propagateAs(args, 0).word(args, 1).word(expiryMs);
      effects.words(args, 3, args.count()).word("ABSTTL");
    }
    Keys.changed(ctx, args, 1, KeyEvent.RESTORE);
    out.ok();
  }

  private static Options options(Args args) {
    boolean replace = false;
    boolean absolute = false;
    long idle = UNSET;
    long frequency = UNSET;
    for (int i = 4; i < args.count(); i++) {
      boolean more = i + 1 < args.count();
      if (args.is(i, "replace")) {
        replace = true;
      } else if (args.is(i, "absttl")) {
        absolute = true;
      } else if (args.is(i, "idletime") && more && frequency == UNSET) {
        idle = number(args, ++i, Long.MAX_VALUE, BAD_IDLE_TIME);
      } else if (args.is(i, "freq") && more && idle == UNSET) {
        frequency = number(args, ++i, FREQUENCY_MAX, BAD_FREQUENCY);
      } else {
        throw CommandError.SYNTAX;
      }
    }
    return new Options(replace, absolute, idle, frequency);
  }

  private static long number(Args args, int index, long max, CommandError outOfRange) {
    if (!args.isLong(index)) {
      throw CommandError.NOT_INTEGER;
    }
    long value = args.toLong(index);
    if (value < 0 || value > max) {
      throw outOfRange;
    }
    return value;
  }

  private static DumpPayload payload(CommandContext ctx, Args args) {
    boolean sums = !ctx.server().persister().progress().skipsChecksum();
    DumpPayload payload = DumpPayload.checked(args.array(), args.offset(3), args.length(3), sums);
    if (payload == null) {
      throw BAD_CHECKSUM;
    }
    return payload;
  }

  /** The old value goes only once the new one is known to be good. */
  private static long store(CommandContext ctx, Args args, DumpPayload payload) {
    ServerConfig config = ctx.server().config();
    ValueReader.Target key =
        new ValueReader.Target(args.array(), args.offset(1), args.length(1), ctx.slotOf(args, 1));
    return ofValue(() -> payload.store(ctx.keyspace(), key, Limits.of(config)));
  }

  /** A key whose time is over is not stored, but what cannot be stored is refused all the same. */
  private static long verified(CommandContext ctx, DumpPayload payload) throws IOException {
    payload.verify(Limits.of(ctx.server().config()));
    return 0;
  }

  /** What is done with a payload that may be no value. */
  private interface Use {
    long ref() throws IOException;
  }

  private static long ofValue(Use use) {
    try {
      return use.ref();
    } catch (RdbException bad) {
      throw BAD_FORMAT;
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  static void use(Server server, Keyspace keys, long ref, Options options) {
    AccessClock clock = server.shards().clock();
    if (options.idleSeconds != UNSET && !clock.isLfu()) {
      keys.accessClock(ref, clock.idleClock(options.idleSeconds, keys.nowMs()));
    } else if (options.frequency != UNSET && clock.isLfu()) {
      keys.accessClock(ref, clock.frequencyClock((int) options.frequency, keys.nowMs()));
    }
  }
}
