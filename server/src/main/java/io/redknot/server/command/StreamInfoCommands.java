package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.STREAM;
import static io.redknot.server.dispatch.CommandFlag.LOADING;
import static io.redknot.server.dispatch.CommandFlag.READONLY;
import static io.redknot.server.dispatch.CommandFlag.STALE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.server.dispatch.Refusals;
import io.redknot.storage.encoding.IdTree;
import io.redknot.storage.encoding.StreamCursor;
import io.redknot.storage.encoding.StreamEntries;
import io.redknot.storage.encoding.StreamId;
import io.redknot.storage.value.GroupPending;
import io.redknot.storage.value.StreamConsumer;
import io.redknot.storage.value.StreamGroup;
import io.redknot.storage.value.StreamValue;

/** XINFO: streams, groups and consumers from the inside. */
final class StreamInfoCommands {
  private static final int KEY = 2;
  private static final int GROUP = 3;
  private static final int FULL = 3;
  private static final int COUNT = 4;
  private static final long COUNT_DEFAULT = 10;

  private StreamInfoCommands() {}

  static void register(CommandTable table) {
    CommandSpec info = table.container("xinfo", -2);
    info.sub("consumers", 4, StreamInfoCommands::consumers)
        .flags(READONLY)
        .in(STREAM)
        .keys(KeySpec.at(KEY, "RO access"))
        .tips("nondeterministic_output");
    info.sub("groups", 3, StreamInfoCommands::groups)
        .flags(READONLY)
        .in(STREAM)
        .keys(KeySpec.at(KEY, "RO access"));
    info.sub("help", 2, StreamInfoCommands::help).flags(LOADING, STALE).in(STREAM);
    info.sub("stream", -3, StreamInfoCommands::stream)
        .flags(READONLY)
        .in(STREAM)
        .keys(KeySpec.at(KEY, "RO access"));
  }

  private static void help(CommandContext ctx, Args args, RespWriter out) {
    HelpReply.write(
        out,
        "XINFO",
        "CONSUMERS <key> <group>",
        "    Tell of a group's consumers what is pending and when they were seen.",
        "GROUPS <key>",
        "    Tell of a stream's groups how far they have read.",
        "STREAM <key> [FULL [COUNT <count>]]",
        "    Tell of a stream how long it is; with FULL also show entries, groups and consumers.");
  }

  private static StreamValue existing(CommandContext ctx, Args args) {
    StreamValue stream = StreamCommands.read(ctx, args, KEY);
    if (stream == null) {
      throw CommandError.NO_SUCH_KEY;
    }
    return stream;
  }

  private static void consumers(CommandContext ctx, Args args, RespWriter out) {
    StreamValue stream = existing(ctx, args);
    StreamGroup group = stream.group(args.array(), args.offset(GROUP), args.length(GROUP));
    if (group == null) {
      throw CommandError.of(
          "NOGROUP No such consumer group '"
              + StreamIds.shown(args, GROUP)
              + "' for key name '"
              + StreamIds.shown(args, KEY)
              + "'");
    }
    long nowMs = ctx.nowMs();
    out.array(group.consumers().size());
    for (StreamConsumer consumer : group.consumers()) {
      out.map(4);
      out.bulk("name");
      out.bulk(consumer.name());
      out.bulk("pending");
      out.integer(consumer.pending().size());
      out.bulk("idle");
      out.integer(Math.max(0, nowMs - consumer.seenMs()));
      out.bulk("inactive");
      out.integer(
          consumer.activeMs() == StreamConsumer.NEVER
              ? StreamConsumer.NEVER
              : Math.max(0, nowMs - consumer.activeMs()));
    }
  }

  private static void groups(CommandContext ctx, Args args, RespWriter out) {
    StreamValue stream = existing(ctx, args);
    StreamReply reply = new StreamReply(out);
    out.array(stream.groups().size());
    for (StreamGroup group : stream.groups()) {
      out.map(6);
      out.bulk("name");
      out.bulk(group.name());
      out.bulk("consumers");
      out.integer(group.consumers().size());
      out.bulk("pending");
      out.integer(group.pending().size());
      progress(stream, group, reply, out);
    }
  }

  /** Three pairs: how far a group has read. */
  private static void progress(
      StreamValue stream, StreamGroup group, StreamReply reply, RespWriter out) {
    out.bulk("last-delivered-id");
    reply.id(group.last());
    out.bulk("entries-read");
    unless(StreamGroup.UNKNOWN, group.entriesRead(), out);
    out.bulk("lag");
    unless(StreamValue.UNKNOWN_LAG, stream.lag(group), out);
  }

  private static void unless(long unknown, long value, RespWriter out) {
    if (value == unknown) {
      out.nullBulk();
    } else {
      out.integer(value);
    }
  }

  private static void stream(CommandContext ctx, Args args, RespWriter out) {
    StreamValue stream = existing(ctx, args);
    if (args.count() == FULL) {
      out.map(10);
      StreamReply reply = new StreamReply(out);
      common(stream.entries(), reply, out);
      out.bulk("groups");
      out.integer(stream.groups().size());
      out.bulk("first-entry");
      end(stream.entries(), false, reply, out);
      out.bulk("last-entry");
      end(stream.entries(), true, reply, out);
      return;
    }
    long count = fullCount(ctx, args);
    out.map(9);
    StreamReply reply = new StreamReply(out);
    common(stream.entries(), reply, out);
    out.bulk("entries");
    reply.entries(stream.entries().cursor(StreamId.ZERO, StreamId.MAX, false), count);
    out.bulk("groups");
    out.array(stream.groups().size());
    for (StreamGroup group : stream.groups()) {
      full(stream, group, count, reply, out);
    }
  }

  private static long fullCount(CommandContext ctx, Args args) {
    int words = args.count();
    boolean counted = words == COUNT + 2;
    if (!args.is(FULL, "full")
        || (!counted && words != COUNT)
        || (counted && !args.is(COUNT, "count"))) {
      throw Refusals.subcommandSyntax(ctx.spec(), args);
    }
    if (!counted) {
      return COUNT_DEFAULT;
    }
    if (!args.isLong(COUNT + 1)) {
      throw CommandError.NOT_INTEGER;
    }
    return args.toLong(COUNT + 1) < 0 ? COUNT_DEFAULT : args.toLong(COUNT + 1);
  }

  /** Seven pairs. */
  private static void common(StreamEntries entries, StreamReply reply, RespWriter out) {
    out.bulk("length");
    out.integer(entries.length());
    out.bulk("radix-tree-keys");
    out.integer(entries.listpacks());
    // The tree is another one, but its size means the same; what holds the root counts too.
    out.bulk("radix-tree-nodes");
    out.integer(entries.treeNodes() + 1L);
    out.bulk("last-generated-id");
    reply.id(entries.last());
    out.bulk("max-deleted-entry-id");
    reply.id(entries.maxDeleted());
    out.bulk("entries-added");
    out.integer(entries.added());
    out.bulk("recorded-first-entry-id");
    reply.id(entries.first());
  }

  private static void end(StreamEntries entries, boolean last, StreamReply reply, RespWriter out) {
    StreamCursor cursor = entries.cursor(StreamId.ZERO, StreamId.MAX, last);
    if (cursor.next()) {
      reply.entry(cursor);
    } else {
      out.nullBulk();
    }
  }

  private static long shown(long pending, long most) {
    return most == 0 ? pending : Math.min(most, pending);
  }

  private static void full(
      StreamValue stream, StreamGroup group, long most, StreamReply reply, RespWriter out) {
    out.map(7);
    out.bulk("name");
    out.bulk(group.name());
    progress(stream, group, reply, out);
    GroupPending pending = group.pending();
    out.bulk("pel-count");
    out.integer(pending.size());
    out.bulk("pending");
    long left = shown(pending.size(), most);
    out.array(left);
    for (long p = pending.first(); left > 0; p = pending.next(p), left--) {
      out.array(4);
      reply.id(pending.id(p));
      out.bulk(pending.owner(p).name());
      out.integer(pending.deliveredMs(p));
      out.integer(pending.deliveries(p));
    }
    out.bulk("consumers");
    out.array(group.consumers().size());
    for (StreamConsumer consumer : group.consumers()) {
      full(group, consumer, most, reply, out);
    }
  }

  private static void full(
      StreamGroup group, StreamConsumer consumer, long most, StreamReply reply, RespWriter out) {
    out.map(5);
    out.bulk("name");
    out.bulk(consumer.name());
    out.bulk("seen-time");
    out.integer(consumer.seenMs());
    out.bulk("active-time");
    out.integer(consumer.activeMs());
    IdTree ids = consumer.pending();
    out.bulk("pel-count");
    out.integer(ids.size());
    out.bulk("pending");
    long left = shown(ids.size(), most);
    out.array(left);
    for (long p = ids.first(); left > 0; p = ids.next(p), left--) {
      long entry = group.pending().find(ids.ms(p), ids.seq(p));
      out.array(3);
      reply.id(ids.id(p));
      out.integer(group.pending().deliveredMs(entry));
      out.integer(group.pending().deliveries(entry));
    }
  }
}
