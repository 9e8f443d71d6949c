package io.redknot.server.config;

import static io.redknot.server.config.Rows.INT_MAX;
import static io.redknot.server.config.Rows.INT_MIN;
import static io.redknot.server.config.Rows.LONG_MAX;
import static io.redknot.server.config.Rows.choice;
import static io.redknot.server.config.Rows.integer;
import static io.redknot.server.config.Rows.memory;

import io.redknot.server.config.Directive.Effect;
import io.redknot.server.config.Directive.Flag;
import io.redknot.server.config.ScalarTypes.BoolType;
import java.util.List;

/** The directives about memory, encodings, snapshots and the append-only file. */
final class DataDirectives {
  private static final String NO_DEFRAGMENTATION =
      "Active defragmentation cannot be enabled: it requires a Redis server compiled with a"
          + " modified Jemalloc like the one shipped by default with the Redis source distribution";

  private DataDirectives() {}

  static void addTo(List<Directive<?>> rows) {
    addMemory(rows);
    addDefragmentation(rows);
    addEncodings(rows);
    addSnapshots(rows);
    addAppendOnlyFile(rows);
  }

  private static void addMemory(List<Directive<?>> rows) {
    Effect freeing =
        Effect.none(
            "Memory is given back in small steps, so nothing needs to be lazy; AOF and replicas are"
                + " told UNLINK instead of DEL.");
    new Rows(rows, "Memory", Effect.APPLIED)
        .add("maxmemory", memory(0, LONG_MAX), "0")
        .add("maxmemory-policy", choice(Choices.MaxmemoryPolicy.class), "noeviction")
        .with(Effect.later("Comes with eviction; until then every policy acts as noeviction."))
        .add("maxmemory-samples", integer(1, INT_MAX), "5")
        .add("maxmemory-eviction-tenacity", integer(0, 100), "10")
        .with(Effect.APPLIED)
        .add("lfu-log-factor", integer(0, INT_MAX), "10")
        .add("lfu-decay-time", integer(0, INT_MAX), "1")
        .add("active-expire-effort", integer(1, 10), "1")
        .bool("lazyfree-lazy-expire", "no")
        .bool("lazyfree-lazy-server-del", "no")
        .bool("lazyfree-lazy-user-del", "no")
        .with(freeing)
        .bool("lazyfree-lazy-eviction", "no")
        .bool("lazyfree-lazy-user-flush", "no")
        .with(Effect.none("Tables grow in steps that are part of the commands."))
        .bool("activerehashing", "yes")
        .with(Effect.none("Redknot does not use jemalloc."))
        .bool("jemalloc-bg-thread", "yes");
  }

  private static void addDefragmentation(List<Directive<?>> rows) {
    Effect refused =
        Effect.none(
            "Pages with size classes need no defragmentation; yes is refused as by a Redis that"
                + " was built without it.");
    Effect unused = Effect.none("Belongs to activedefrag, which cannot be turned on.");
    new Rows(rows, "Memory", refused)
        .add("activedefrag", new BoolType(NO_DEFRAGMENTATION), "no")
        .with(unused)
        .add("active-defrag-cycle-max", integer(1, 99), "25")
        .add("active-defrag-cycle-min", integer(1, 99), "1")
        .add("active-defrag-ignore-bytes", memory(1, LONG_MAX), "104857600")
        .add("active-defrag-max-scan-fields", integer(1, LONG_MAX), "1000")
        .add("active-defrag-threshold-lower", integer(0, 1000), "10")
        .add("active-defrag-threshold-upper", integer(0, 1000), "100");
  }

  private static void addEncodings(List<Directive<?>> rows) {
    new Rows(rows, "Encodings", Effect.later("Comes with the data type."))
        .add("hash-max-listpack-entries hash-max-ziplist-entries", integer(0, LONG_MAX), "512")
        .add("hash-max-listpack-value hash-max-ziplist-value", memory(0, LONG_MAX), "64")
        .add("list-max-listpack-size list-max-ziplist-size", integer(INT_MIN, INT_MAX), "-2")
        .add("set-max-intset-entries", integer(0, LONG_MAX), "512")
        .add("set-max-listpack-entries", integer(0, LONG_MAX), "128")
        .add("set-max-listpack-value", integer(0, LONG_MAX), "64")
        .add("zset-max-listpack-entries zset-max-ziplist-entries", integer(0, LONG_MAX), "128")
        .add("zset-max-listpack-value zset-max-ziplist-value", memory(0, LONG_MAX), "64")
        .add("hll-sparse-max-bytes", memory(0, LONG_MAX), "3000")
        .with(Effect.none("List nodes are not compressed in memory."))
        .add("list-compress-depth", integer(0, INT_MAX), "0")
        .with(Effect.APPLIED)
        .add("stream-node-max-bytes", memory(0, LONG_MAX), "4096")
        .add("stream-node-max-entries", integer(0, LONG_MAX), "100");
  }

  private static void addSnapshots(List<Directive<?>> rows) {
    Effect testing = Effect.none("A brake for Redis's own tests.");
    Effect always = Effect.none("Values of RESTORE and of files are always checked in full.");
    new Rows(rows, "Snapshots", Effect.APPLIED)
        .add("save", SavePoints.TYPE, "3600 1 300 100 60 10000", Flag.ALWAYS_WRITTEN)
        .add(
            ConfigTable.DIR,
            new DirectoryType(),
            "",
            Flag.PROTECTED,
            Flag.NOT_WHILE_LOADING,
            Flag.ALWAYS_WRITTEN)
        .checked("dbfilename", "dump.rdb", TextChecks::dbFileName, "a file name", Flag.PROTECTED)
        .bool("rdbcompression", "yes")
        .bool("rdbchecksum", "yes", Flag.IMMUTABLE)
        .bool("rdb-save-incremental-fsync", "yes")
        .bool("stop-writes-on-bgsave-error", "yes")
        .with(always)
        .add("sanitize-dump-payload", choice(Choices.SanitizeDump.class), "no")
        .with(testing)
        .add("rdb-key-save-delay", integer(INT_MIN, INT_MAX), "0", Flag.HIDDEN)
        .add("key-load-delay", integer(INT_MIN, INT_MAX), "0", Flag.HIDDEN)
        .add(
            "loading-process-events-interval-bytes",
            integer(ConfigNumbers.KIB, INT_MAX),
            "2097152",
            Flag.HIDDEN);
  }

  private static void addAppendOnlyFile(List<Directive<?>> rows) {
    new Rows(rows, "Append-only file", Effect.APPLIED)
        .bool("appendonly", "no", Flag.NOT_WHILE_LOADING)
        .checked(
            "appendfilename",
            "appendonly.aof",
            TextChecks::appendFileName,
            "a file name",
            Flag.IMMUTABLE)
        .checked(
            "appenddirname",
            "appendonlydir",
            TextChecks::appendDirName,
            "a directory name",
            Flag.IMMUTABLE)
        .add("appendfsync", choice(Choices.Appendfsync.class), "everysec")
        .bool("no-appendfsync-on-rewrite", "no")
        .add("auto-aof-rewrite-percentage", integer(0, INT_MAX), "100")
        .add("auto-aof-rewrite-min-size", memory(0, LONG_MAX), "67108864")
        .bool("aof-load-truncated", "yes")
        .bool("aof-use-rdb-preamble", "yes")
        .bool("aof-timestamp-enabled", "no")
        .bool("aof-rewrite-incremental-fsync", "yes")
        .bool("aof-disable-auto-gc", "no", Flag.HIDDEN);
  }
}
