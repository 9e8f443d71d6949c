package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.Server;
import io.redknot.server.config.ConfigNumbers;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.keyspace.Shards;
import io.redknot.storage.rdb.DumpPayload;
import io.redknot.storage.value.ListValue;
import io.redknot.storage.value.StringValue;
import io.redknot.storage.value.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** The parts of DEBUG that look at keys, or make them; they name keys of any slot. */
final class DebugData {
  private static final CommandError NOT_POSITIVE =
      CommandError.of("ERR value is out of range, must be positive");
  private static final CommandError NO_LISTPACK =
      CommandError.of("ERR Not a listpack encoded object.");
  private static final CommandError BAD_THRESHOLD =
      CommandError.of("ERR argument must be a memory value bigger than 1 and smaller than 4gb");
  private static final long THRESHOLD_MAX = 4L << 30;

  /** Of a DUMP payload: the type before the value, version and checksum behind it. */
  private static final int AROUND_VALUE_BYTES = 1 + Short.BYTES + Long.BYTES;

  private DebugData() {}

  /** What is done with a key that was found, or not; the lock of its shard is held. */
  interface Look {
    void at(Keyspace keys, long ref);
  }

  private static void look(CommandContext ctx, byte[] key, int offset, int length, Look look) {
    Shards shards = ctx.server().shards();
    int slot = shards.shard(0).keyspace(0).slotOf(key, offset, length);
    Shard shard = shards.count() == 1 ? shards.shard(0) : shards.ofSlot(slot);
    shard.lock();
    try {
      Keyspace keys = shard.keyspace(ctx.session().db());
      keys.time(ctx.nowMs());
      look.at(keys, keys.find(key, offset, length, slot));
    } finally {
      shard.unlock();
    }
  }

  static void look(CommandContext ctx, Args args, int index, Look look) {
    look(ctx, args.array(), args.offset(index), args.length(index), look);
  }

  static long existing(long ref) {
    if (ref == 0) {
      throw CommandError.NO_SUCH_KEY;
    }
    return ref;
  }

  /** With all locks held: it is the digest of one moment. */
  static void digest(CommandContext ctx, RespWriter out) {
    Shards shards = ctx.server().shards();
    shards.lockAll();
    try {
      out.simple(new DataDigest(SortedSets.limits(ctx)).ofAll(shards, ctx.nowMs()));
    } finally {
      shards.unlockAll();
    }
  }

  static void digestValues(CommandContext ctx, Args args, RespWriter out) {
    DataDigest digest = new DataDigest(SortedSets.limits(ctx));
    out.array(args.count() - 2);
    for (int i = 2; i < args.count(); i++) {
      look(
          ctx,
          args,
          i,
          (keys, ref) -> out.simple(ref == 0 ? DataDigest.ofNothing() : digest.ofValue(keys, ref)));
    }
  }

  /** Replicas that execute it have other data from then on; nobody else is told. */
  static void replicate(CommandContext ctx, Args args, RespWriter out) {
    byte[][] words = new byte[args.count() - 2][];
    for (int i = 0; i < words.length; i++) {
      words[i] = args.copy(i + 2);
    }
    ctx.server().propagator().publishMessage(ctx.session().db(), Args.of(words));
    out.ok();
  }

  /** Makes keys that are not told to replicas, and belong to any slot. */
  static void populate(CommandContext ctx, Args args, RespWriter out) {
    long count = LongArgument.atLeast(args, 2, 0, NOT_POSITIVE);
    String prefix = args.count() > 3 ? args.text(3) : "key";
    long size = args.count() > 4 ? LongArgument.atLeast(args, 4, 0, NOT_POSITIVE) : 0;
    int db = ctx.session().db();
    Server server = ctx.server();
    for (long i = 0; i < count; i++) {
      byte[] key = (prefix + ":" + i).getBytes(StandardCharsets.ISO_8859_1);
      byte[] text = ("value:" + i).getBytes(StandardCharsets.ISO_8859_1);
      byte[] value = size == 0 ? text : Arrays.copyOf(text, (int) size);
      look(
          ctx,
          key,
          0,
          key.length,
          (keys, ref) -> {
            if (ref == 0) {
              long made = StringValue.set(keys, 0, key, 0, key.length, value, 0, value.length);
              keys.changed(made == 0 ? 0 : 1);
              int shard = server.shards().ofSlot(keys.slotOf(key, 0, key.length)).index();
              server.signals().shard(shard).changed(db, key, 0, key.length);
            }
          });
    }
    out.ok();
  }

  /** Elements of any size are kept in one way here, so that there is nothing to set. */
  static void packedThreshold(Args args, RespWriter out) {
    long bytes = ConfigNumbers.sizeBytes(args.text(2));
    if (bytes < 0 || bytes > THRESHOLD_MAX) {
      throw BAD_THRESHOLD;
    }
    out.ok();
  }

  /** Redis prints the bytes where nobody sees them who asks; here only the answer is the same. */
  static void listpack(CommandContext ctx, Args args, RespWriter out) {
    look(
        ctx,
        args,
        2,
        (keys, ref) -> {
          String encoding = ValueType.of(keys, existing(ref)).encodingName(keys, ref);
          if (!encoding.equals("listpack")) {
            throw NO_LISTPACK;
          }
        });
    out.simple("Listpack structure printed on stdout");
  }

  static void object(CommandContext ctx, Args args, RespWriter out) {
    look(ctx, args, 2, (keys, ref) -> out.simple(describe(ctx, keys, existing(ref))));
  }

  private static String describe(CommandContext ctx, Keyspace keys, long ref) {
    int clock = keys.accessClock(ref);
    long idle = ctx.server().shards().clock().idleSeconds(clock, ctx.nowMs());
    boolean compress = ctx.server().config().rdbcompression.get();
    int version = ctx.server().config().rdbVersion.getInt();
    int payload = DumpPayload.of(keys, ref, version, compress).length;
    String text =
        "Value at:0x"
            + Long.toHexString(ref)
            + " refcount:1 encoding:"
            + ValueType.of(keys, ref).encodingName(keys, ref)
            + " serializedlength:"
            + (payload - AROUND_VALUE_BYTES)
            + " lru:"
            + clock
            + " lru_seconds_idle:"
            + idle;
    boolean nodes = ValueType.LIST.is(keys, ref) && ListValue.nodes(keys, ref) > 0;
    return nodes ? text + nodesOfList(ctx, keys, ref) : text;
  }

  private static String nodesOfList(CommandContext ctx, Keyspace keys, long ref) {
    int nodes = ListValue.nodes(keys, ref);
    return String.format(
        Locale.ROOT,
        " ql_nodes:%d ql_avg_node:%.2f ql_listpack_max:%d ql_compressed:0"
            + " ql_uncompressed_size:%d",
        nodes,
        (double) ListValue.count(keys, ref) / nodes,
        ctx.server().config().listMaxListpackSize.get(),
        keys.large(ref).usedBytes());
  }
}
