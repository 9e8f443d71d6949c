package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.DANGEROUS;
import static io.redknot.server.dispatch.AclCategory.KEYSPACE;
import static io.redknot.server.dispatch.CommandFlag.READONLY;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.storage.keyspace.Database;
import io.redknot.storage.keyspace.GlobPattern;
import io.redknot.storage.keyspace.HashSlot;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.ValueType;
import org.jspecify.annotations.Nullable;

/** Walks over the keys of a database: SCAN, KEYS and RANDOMKEY. They take the locks themselves. */
public final class ScanCommands {
  private static final CommandError INVALID_CURSOR = CommandError.of("ERR invalid cursor");
  private static final GlobPattern ALL = GlobPattern.of(new byte[] {'*'});
  private static final long COUNT_DEFAULT = 10;

  /** Entries that KEYS asks for at once; the walk gives the lock back more often. */
  private static final long KEYS_BATCH = 1 << 20;

  private ScanCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    table
        .add("scan", -2, ScanCommands::scan)
        .flags(READONLY)
        .in(KEYSPACE)
        .tips("nondeterministic_output", "request_policy:special", "response_policy:special");
    table
        .add("keys", 2, ScanCommands::keys)
        .flags(READONLY)
        .in(KEYSPACE, DANGEROUS)
        .tips("request_policy:all_shards", "nondeterministic_output_order");
    table
        .add("randomkey", 1, (ctx, args, out) -> randomKey(ctx, out))
        .flags(READONLY)
        .in(KEYSPACE)
        .tips("request_policy:all_shards", "response_policy:special", "nondeterministic_output");
  }

  private static Database database(CommandContext ctx) {
    return ctx.server().shards().database(ctx.session().db());
  }

  private static void randomKey(CommandContext ctx, RespWriter out) {
    byte[] key = database(ctx).randomKey(ctx.nowMs());
    if (key == null) {
      out.nullBulk();
    } else {
      out.bulk(key);
    }
  }

  /** What SCAN is asked for. */
  private record Filter(GlobPattern pattern, @Nullable String typeName, long count) {
    boolean accepts(Keyspace keys, long ref) {
      return (typeName == null || typeName.equalsIgnoreCase(ValueType.of(keys, ref).typeName()))
          && pattern.matches(keys.keyArray(ref), keys.keyOffset(ref), keys.keyLength(ref));
    }
  }

  private static void scan(CommandContext ctx, Args args, RespWriter out) {
    long cursor = Cursor.of(args, 1);
    if (cursor == Cursor.INVALID) {
      throw INVALID_CURSOR;
    }
    Filter filter = filter(args);
    KeyList found = new KeyList();
    long next =
        database(ctx)
            .walk(
                cursor,
                filter.count,
                ctx.nowMs(),
                (keys, ref) -> {
                  if (filter.accepts(keys, ref)) {
                    found.add(keys, ref);
                  }
                });
    out.array(2);
    out.bulk(next);
    found.writeTo(out);
  }

  private static Filter filter(Args args) {
    GlobPattern pattern = ALL;
    String type = null;
    long count = COUNT_DEFAULT;
    for (int i = 2; i < args.count(); i += 2) {
      if (i + 1 == args.count()) {
        throw CommandError.SYNTAX;
      }
      if (args.is(i, "count")) {
        count = ElementScan.count(args, i + 1);
      } else if (args.is(i, "match")) {
        pattern = GlobPattern.of(args.copy(i + 1));
      } else if (args.is(i, "type")) {
        type = args.text(i + 1);
      } else {
        throw CommandError.SYNTAX;
      }
    }
    return new Filter(pattern, type, count);
  }

  private static void keys(CommandContext ctx, Args args, RespWriter out) {
    byte[] text = args.copy(1);
    GlobPattern pattern = GlobPattern.of(text);
    KeyList found = new KeyList();
    Database.EntryVisitor visitor =
        (keys, ref) -> {
          if (pattern.matches(keys.keyArray(ref), keys.keyOffset(ref), keys.keyLength(ref))) {
            found.add(keys, ref);
          }
        };
    // Unlike SCAN, which removes what is expired.
    Database database = database(ctx).leavingExpired();
    int fixed = fixedPrefix(text);
    if (hasHashTag(text, fixed)) {
      database.visitSlot(HashSlot.of(text, 0, fixed), ctx.nowMs(), visitor);
    } else {
      long cursor = 0;
      do {
        cursor = database.walk(cursor, KEYS_BATCH, ctx.nowMs(), visitor);
      } while (cursor != 0);
    }
    found.writeTo(out);
  }

  /** Length of the part of a pattern before the first byte that is not itself. */
  private static int fixedPrefix(byte[] pattern) {
    int length = 0;
    while (length < pattern.length && "*?[\\".indexOf(pattern[length]) < 0) {
      length++;
    }
    return length;
  }

  /** Whether the prefix alone decides the slot of every key that begins with it. */
  private static boolean hasHashTag(byte[] pattern, int prefixLength) {
    int open = indexOf(pattern, '{', 0, prefixLength);
    int close = indexOf(pattern, '}', open + 1, prefixLength);
    return open < prefixLength && close < prefixLength && close > open + 1;
  }

  private static int indexOf(byte[] bytes, int wanted, int from, int to) {
    int at = from;
    while (at < to && bytes[at] != wanted) {
      at++;
    }
    return at;
  }
}
