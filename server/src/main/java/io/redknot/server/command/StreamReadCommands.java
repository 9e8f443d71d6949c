package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.STREAM;
import static io.redknot.server.dispatch.CommandFlag.BLOCKING;
import static io.redknot.server.dispatch.CommandFlag.READONLY;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyFinders;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.server.signal.Waiter;
import io.redknot.storage.encoding.IdTree;
import io.redknot.storage.encoding.StreamCursor;
import io.redknot.storage.encoding.StreamEntries;
import io.redknot.storage.encoding.StreamId;
import io.redknot.storage.value.StreamConsumer;
import io.redknot.storage.value.StreamGroup;
import io.redknot.storage.value.StreamValue;
import io.redknot.storage.value.ValueType;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** XREAD and XREADGROUP: what is behind an id in several streams. */
public final class StreamReadCommands {
  private static final CommandError NO_GROUP_OPTION =
      CommandError.of("ERR Missing GROUP option for XREADGROUP");
  private static final CommandError GROUP_OF_XREAD =
      CommandError.of(
          "ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.");
  private static final CommandError NOACK_OF_XREAD =
      CommandError.of(
          "ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.");
  private static final CommandError NEW_ID_OF_XREAD =
      CommandError.of(
          "ERR The > ID can be specified only when calling XREADGROUP using the GROUP"
              + " <group> <consumer> option.");
  private static final CommandError LAST_ID_OF_GROUP =
      CommandError.of(
          "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history"
              + " of this consumer by specifying a proper ID, or use the > ID to get new messages."
              + " The $ ID would just return an empty result set.");

  private static final int NO_ARGUMENT = 0;
  private static final long NO_BLOCK = -1;

  private StreamReadCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    table
        .add("xread", -4, StreamReadCommands::read)
        .flags(READONLY, BLOCKING)
        .in(STREAM)
        .keys(streams(1))
        .findKeysBy(KeyFinders::streams);
    table
        .add("xreadgroup", -7, StreamReadCommands::readGroup)
        .flags(WRITE, BLOCKING)
        .in(STREAM)
        .keys(streams(4))
        .findKeysBy(KeyFinders::streams);
  }

  private static KeySpec streams(int searchedFrom) {
    return KeySpec.of(
        new KeySpec.Begin.Keyword("STREAMS", searchedFrom),
        new KeySpec.Find.Range(-1, 1, 2),
        "RO access");
  }

  /**
   * The options of a call.
   *
   * @param group index of the group's name, behind which the consumer's stands; 0: none
   * @param keys index of the first key
   * @param streams number of keys, behind which as many ids stand
   * @param count how many entries of each stream at most; 0: all
   * @param blockMs how long to wait for entries, 0 for ever; {@link #NO_BLOCK} not at all
   */
  private record Options(
      int group, int keys, int streams, long count, boolean noAck, long blockMs) {
    int id(int stream) {
      return keys + streams + stream;
    }
  }

  private static Options options(CommandContext ctx, Args args, boolean ofGroup) {
    int group = NO_ARGUMENT;
    long count = 0;
    boolean noAck = false;
    long blockMs = NO_BLOCK;
    for (int i = 1; i < args.count(); i++) {
      int more = args.count() - i - 1;
      if (args.is(i, "block") && more >= 1) {
        i++;
        blockMs = Timeouts.endMs(args, i, ctx.nowMs()) - ctx.nowMs();
      } else if (args.is(i, "count") && more >= 1) {
        i++;
        count = StreamCommands.count(args, i);
      } else if (args.is(i, "streams") && more >= 1) {
        if (more % 2 != 0) {
          throw unbalanced(ctx, ofGroup);
        }
        if (ofGroup && group == NO_ARGUMENT) {
          throw NO_GROUP_OPTION;
        }
        return new Options(group, i + 1, more / 2, count, noAck, blockMs);
      } else if (args.is(i, "group") && more >= 2) {
        if (!ofGroup) {
          throw GROUP_OF_XREAD;
        }
        group = i + 1;
        i += 2;
      } else if (args.is(i, "noack")) {
        if (!ofGroup) {
          throw NOACK_OF_XREAD;
        }
        noAck = true;
      } else {
        throw CommandError.SYNTAX;
      }
    }
    throw CommandError.SYNTAX;
  }

  private static CommandError unbalanced(CommandContext ctx, boolean ofGroup) {
    return CommandError.of(
        "ERR Unbalanced '"
            + ctx.spec().name()
            + "' list of streams: for each stream key an ID or '"
            + (ofGroup ? '>' : '$')
            + "' must be specified.");
  }

  private static void read(CommandContext ctx, Args args, RespWriter out) {
    Options options = options(ctx, args, false);
    for (int i = 0; i < options.streams(); i++) {
      StreamCommands.read(ctx, args, options.keys() + i);
      int id = options.id(i);
      if (args.is(id, ">")) {
        throw NEW_ID_OF_XREAD;
      }
      if (!args.is(id, "$")) {
        StreamIds.of(args, id);
      }
    }
    long mark = out.mark();
    int served = 0;
    StreamReply reply = new StreamReply(out);
    for (int i = 0; i < options.streams(); i++) {
      StreamValue stream = StreamCommands.read(ctx, args, options.keys() + i);
      int id = options.id(i);
      // Behind the last id there is nothing: nobody adds entries while the command runs.
      if (stream == null || args.is(id, "$")) {
        continue;
      }
      StreamId from = StreamIds.of(args, id);
      if (stream.entries().lastLive().compareTo(from) > 0) {
        served++;
        key(args, options.keys() + i, out);
        StreamCursor cursor = stream.entries().cursor(from.next(), StreamId.MAX, false);
        reply.entries(cursor, options.count());
      }
    }
    if (served == 0 && options.blockMs() != NO_BLOCK && ctx.mayWait()) {
      await(ctx, withoutLastIds(ctx, args, options), options, false);
    } else {
      finish(out, mark, served);
    }
  }

  /** Whoever waits for what is behind the last id means the one that is the last one now. */
  private static Args withoutLastIds(CommandContext ctx, Args args, Options options) {
    byte[][] words = new byte[args.count()][];
    for (int i = 0; i < words.length; i++) {
      words[i] = args.copy(i);
    }
    for (int i = 0; i < options.streams(); i++) {
      int id = options.id(i);
      if (args.is(id, "$")) {
        StreamValue stream = StreamCommands.read(ctx, args, options.keys() + i);
        StreamId last = stream == null ? new StreamId(0, 0) : stream.entries().last();
        words[id] = last.toString().getBytes(StandardCharsets.ISO_8859_1);
      }
    }
    return Args.of(words);
  }

  private static void await(CommandContext ctx, Args args, Options options, boolean evenGone) {
    Waiter.Wish wish =
        new Waiter.Wish(options.keys(), options.streams(), ValueType.STREAM, evenGone);
    ctx.await(args, wish, options.blockMs(), RespWriter::nullArray);
  }

  private static void key(Args args, int index, RespWriter out) {
    if (!out.resp3()) {
      out.array(2);
    }
    out.bulk(args.array(), args.offset(index), args.length(index));
  }

  private static void finish(RespWriter out, long mark, int served) {
    if (served == 0) {
      out.nullArray();
    } else if (out.resp3()) {
      out.mapFrom(mark, served);
    } else {
      out.arrayFrom(mark, served);
    }
  }

  private static void readGroup(CommandContext ctx, Args args, RespWriter out) {
    Options options = options(ctx, args, true);
    for (int i = 0; i < options.streams(); i++) {
      int key = options.keys() + i;
      group(args, StreamCommands.read(ctx, args, key), key, options.group());
      int id = options.id(i);
      if (args.is(id, "$")) {
        throw LAST_ID_OF_GROUP;
      }
      if (!args.is(id, ">")) {
        StreamIds.of(args, id);
      }
    }
    long mark = out.mark();
    int served = 0;
    for (int i = 0; i < options.streams(); i++) {
      int key = options.keys() + i;
      StreamValue stream = StreamCommands.readToChange(ctx, args, key);
      if (stream != null && serve(ctx, args, out, options, i, stream)) {
        Keys.changedAside(ctx);
        served++;
      }
    }
    if (served == 0 && options.blockMs() != NO_BLOCK && ctx.mayWait()) {
      await(ctx, args, options, true);
    } else {
      finish(out, mark, served);
    }
  }

  private static StreamGroup group(Args args, @Nullable StreamValue stream, int key, int name) {
    StreamGroup group =
        stream == null ? null : stream.group(args.array(), args.offset(name), args.length(name));
    if (group == null) {
      throw CommandError.of(
          "NOGROUP No such key '"
              + StreamIds.shown(args, key)
              + "' or consumer group '"
              + StreamIds.shown(args, name)
              + "' in XREADGROUP with GROUP option");
    }
    return group;
  }

  private static boolean serve(
      CommandContext ctx, Args args, RespWriter out, Options options, int i, StreamValue stream) {
    int key = options.keys() + i;
    int id = options.id(i);
    StreamGroup group = group(args, stream, key, options.group());
    StreamEffects effects = new StreamEffects(ctx, args, key, options.group());
    boolean isNew = StreamGroupCommands.find(args, group, options.group() + 1) == null;
    StreamConsumer consumer =
        StreamGroupCommands.consumer(ctx, args, key, group, options.group() + 1);
    StreamId from = args.is(id, ">") ? StreamId.MAX : StreamIds.of(args, id);
    StreamEntries entries = stream.entries();
    boolean nothingNew = entries.length() == 0 || entries.lastLive().compareTo(group.last()) <= 0;
    // What is delivered and pending makes the consumer as well, wherever it is told.
    if (isNew && (options.noAck() || !from.isMax() || nothingNew)) {
      effects.consumer(consumer);
    }
    if (!from.isMax()) {
      key(args, key, out);
      history(stream.entries(), group, consumer, from.next(), options.count(), ctx, out);
      return true;
    }
    if (nothingNew) {
      return false;
    }
    key(args, key, out);
    Delivery delivery =
        new Delivery(stream, group, consumer, ctx.nowMs(), options.noAck(), effects);
    delivery.run(entries.cursor(group.last().next(), StreamId.MAX, false), options.count(), out);
    return true;
  }

  /** Entries that are new to a group and go to one of its consumers. */
  private record Delivery(
      StreamValue stream,
      StreamGroup group,
      StreamConsumer consumer,
      long nowMs,
      boolean noAck,
      StreamEffects effects) {
    void run(StreamCursor cursor, long most, RespWriter out) {
      StreamReply reply = new StreamReply(out);
      long mark = out.mark();
      long delivered = 0;
      while ((most == 0 || delivered < most) && cursor.next()) {
        reply.entry(cursor);
        stream.advance(group, cursor.ms(), cursor.seq());
        if (!noAck) {
          group.deliver(cursor.ms(), cursor.seq(), consumer, nowMs);
          consumer.activeMs(nowMs);
          effects.pending(group, cursor.id());
        }
        delivered++;
      }
      // What is pending tells itself how far the group has come.
      if (noAck) {
        effects.read(group);
      }
      out.arrayFrom(mark, delivered);
    }
  }

  /** What a consumer has not acknowledged, from an id on; entries deleted meanwhile are null. */
  private static void history(
      StreamEntries entries,
      StreamGroup group,
      StreamConsumer consumer,
      StreamId from,
      long most,
      CommandContext ctx,
      RespWriter out) {
    StreamReply reply = new StreamReply(out);
    IdTree pending = consumer.pending();
    long mark = out.mark();
    long written = 0;
    long p = pending.ceiling(from.ms(), from.seq());
    while (p != IdTree.NONE && (most == 0 || written < most)) {
      StreamId id = pending.id(p);
      if (reply.entry(entries, id)) {
        long owned = group.pending().find(id.ms(), id.seq());
        group.pending().delivered(owned, ctx.nowMs(), group.pending().deliveries(owned) + 1);
      } else {
        out.array(2);
        reply.id(id);
        out.nullArray();
      }
      written++;
      p = pending.next(p);
    }
    out.arrayFrom(mark, written);
  }
}
