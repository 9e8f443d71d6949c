package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.STREAM;
import static io.redknot.server.dispatch.CommandFlag.DENYOOM;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.READONLY;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.server.dispatch.Refusals;
import io.redknot.server.replication.Effects;
import io.redknot.storage.encoding.EntryFields;
import io.redknot.storage.encoding.StreamEntries;
import io.redknot.storage.encoding.StreamId;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.StreamValue;
import io.redknot.storage.value.ValueType;
import org.jspecify.annotations.Nullable;

/** Streams as logs: entries are added, removed and read by their ids. */
public final class StreamCommands {
  private static final CommandError ZERO_ID =
      CommandError.of("ERR The ID specified in XADD must be greater than 0-0");
  private static final CommandError NOT_GREATER =
      CommandError.of(
          "ERR The ID specified in XADD is equal or smaller than the target stream top item");
  private static final CommandError EXHAUSTED =
      CommandError.of(
          "ERR The stream has exhausted the last possible ID, unable to add more items");
  private static final CommandError TOO_LARGE =
      CommandError.of("ERR Elements are too large to be stored");
  private static final CommandError NEGATIVE_ADDED =
      CommandError.of("ERR entries_added must be positive");
  private static final CommandError LESS_THAN_GIVEN_DELETED =
      CommandError.of(
          "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id");
  private static final CommandError LESS_THAN_DELETED =
      CommandError.of(
          "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id");
  private static final CommandError LESS_THAN_TOP =
      CommandError.of("ERR The ID specified in XSETID is smaller than the target stream top item");
  private static final CommandError ADDED_LESS_THAN_LENGTH =
      CommandError.of(
          "ERR The entries_added specified in XSETID is smaller than the target stream length");

  private static final int FIRST_ID = 2;
  private static final int FIRST_OPTION = 3;
  private static final int RANGE_FIRST_OPTION = 4;

  private StreamCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    table
        .add("xadd", -5, StreamCommands::add)
        .flags(WRITE, DENYOOM, FAST)
        .in(STREAM)
        .keys(KeySpec.at(1, "RW update"))
        .tips("nondeterministic_output");
    table
        .add("xdel", -3, StreamCommands::delete)
        .flags(WRITE, FAST)
        .in(STREAM)
        .keys(KeySpec.at(1, "RW delete"));
    table
        .add("xlen", 2, StreamCommands::length)
        .flags(READONLY, FAST)
        .in(STREAM)
        .keys(KeySpec.at(1, "RO"));
    table
        .add("xrange", -4, (ctx, args, out) -> range(ctx, args, out, false))
        .flags(READONLY)
        .in(STREAM)
        .keys(KeySpec.at(1, "RO access"));
    table
        .add("xrevrange", -4, (ctx, args, out) -> range(ctx, args, out, true))
        .flags(READONLY)
        .in(STREAM)
        .keys(KeySpec.at(1, "RO access"));
    table
        .add("xsetid", -3, StreamCommands::setId)
        .flags(WRITE, DENYOOM, FAST)
        .in(STREAM)
        .keys(KeySpec.at(1, "RW update"));
    table
        .add("xtrim", -4, StreamCommands::trim)
        .flags(WRITE)
        .in(STREAM)
        .keys(KeySpec.at(1, "RW delete"))
        .tips("nondeterministic_output");
  }

  /** The stream that a look-up for writing finds; null where there is none. */
  static @Nullable StreamValue find(CommandContext ctx, Args args, int index) {
    long ref = Keys.find(ctx, args, index, ValueType.STREAM);
    return ref == 0 ? null : StreamValue.of(ctx.keyspace(), ref);
  }

  /** The stream that a look-up for reading finds; null where there is none. */
  static @Nullable StreamValue read(CommandContext ctx, Args args, int index) {
    long ref = Keys.read(ctx, args, index, ValueType.STREAM);
    return ref == 0 ? null : StreamValue.of(ctx.keyspace(), ref);
  }

  /** As {@link #read}, of a stream that is then changed. */
  static @Nullable StreamValue readToChange(CommandContext ctx, Args args, int index) {
    return toChange(ctx, Keys.read(ctx, args, index));
  }

  /**
   * A stream that was looked up for reading and is then changed; null where there is none.
   *
   * @throws CommandError where the key holds something else
   */
  static @Nullable StreamValue toChange(CommandContext ctx, long ref) {
    if (ref == 0) {
      return null;
    }
    if (!ValueType.STREAM.is(ctx.keyspace(), ref)) {
      throw CommandError.WRONG_TYPE;
    }
    ctx.keyspace().keep(ref);
    return StreamValue.of(ctx.keyspace(), ref);
  }

  /** Makes the stream of a key that was just looked up and not found. */
  static StreamValue create(CommandContext ctx, Args args, int index) {
    Keyspace keys = ctx.keyspace();
    return StreamValue.create(keys, args.array(), args.offset(index), args.length(index));
  }

  /** The arguments behind the id. */
  private record Pairs(Args args, int first) implements EntryFields {
    @Override
    public int count() {
      return args.count() - first;
    }

    @Override
    public byte[] array() {
      return args.array();
    }

    @Override
    public int offset(int index) {
      return args.offset(first + index);
    }

    @Override
    public int length(int index) {
      return args.length(first + index);
    }

    boolean areTooLarge() {
      long bytes = 0;
      for (int i = 0; i < count(); i++) {
        bytes += length(i);
      }
      return bytes > StreamEntries.NODE_BYTES_MAX;
    }
  }

  private static void add(CommandContext ctx, Args args, RespWriter out) {
    StreamTrim trim = StreamTrim.ofAdd(ctx, args);
    int idAt = trim.end();
    Pairs pairs = new Pairs(args, idAt + 1);
    if (pairs.count() < 2 || pairs.count() % 2 != 0) {
      throw Refusals.arity(ctx.spec());
    }
    StreamId wanted = args.is(idAt, "*") ? null : StreamIds.withoutSeq(args, idAt);
    boolean complete = wanted == null && !args.is(idAt, "*");
    if (complete) {
      wanted = StreamIds.of(args, idAt);
      if (wanted.isZero()) {
        throw ZERO_ID;
      }
    }
    StreamValue stream = find(ctx, args, 1);
    if (stream == null && trim.noMakeStream()) {
      out.nullBulk();
      return;
    }
    StreamId last = stream == null ? StreamId.ZERO : stream.entries().last();
    StreamId id = complete && wanted != null ? wanted : complete(wanted, last, ctx.nowMs());
    check(id, last, pairs);
    if (stream == null) {
      stream = create(ctx, args, 1);
    }
    append(ctx, stream.entries(), id, pairs);
    new StreamReply(out).id(id);
    long trimmed = trim.trim(ctx.keyspace(), stream.entries());
    if (ctx.isPropagated()) {
      Effects effects = trim.propagate(ctx, args, stream.entries());
      if (complete) {
        effects.word(args, idAt);
      } else {
        effects.word(id.toString());
      }
      effects.words(args, idAt + 1, args.count());
    }
    if (trimmed > 0) {
      Keys.changed(ctx, args, 1, KeyEvent.XADD, KeyEvent.XTRIM);
    } else {
      Keys.changed(ctx, args, 1, KeyEvent.XADD);
    }
  }

  /** The id of the next entry; {@code wanted} tells the first half where the client did. */
  private static StreamId complete(@Nullable StreamId wanted, StreamId last, long nowMs) {
    if (last.isMax()) {
      throw EXHAUSTED;
    }
    if (wanted == null) {
      return Long.compareUnsigned(nowMs, last.ms()) > 0 ? new StreamId(nowMs, 0) : last.next();
    }
    if (wanted.ms() != last.ms()) {
      return wanted;
    }
    if (last.seq() == -1) {
      throw NOT_GREATER;
    }
    return last.next();
  }

  private static void check(StreamId id, StreamId last, Pairs pairs) {
    if (last.isMax()) {
      throw EXHAUSTED;
    }
    if (id.compareTo(last) <= 0) {
      throw NOT_GREATER;
    }
    if (pairs.areTooLarge()) {
      throw TOO_LARGE;
    }
  }

  private static void append(
      CommandContext ctx, StreamEntries entries, StreamId id, EntryFields fields) {
    long bytes = ctx.server().config().streamNodeMaxBytes.get();
    entries.append(
        id.ms(),
        id.seq(),
        fields,
        bytes == 0 ? StreamEntries.NODE_BYTES_MAX : bytes,
        ctx.server().config().streamNodeMaxEntries.get());
  }

  private static void delete(CommandContext ctx, Args args, RespWriter out) {
    StreamValue stream = find(ctx, args, 1);
    if (stream == null) {
      out.integer(0);
      return;
    }
    for (int i = FIRST_ID; i < args.count(); i++) {
      StreamIds.of(args, i);
    }
    int deleted = 0;
    for (int i = FIRST_ID; i < args.count(); i++) {
      if (stream.entries().delete(StreamIds.of(args, i))) {
        deleted++;
      }
    }
    if (deleted > 0) {
      Keys.changed(ctx, args, 1, KeyEvent.XDEL, deleted);
    }
    out.integer(deleted);
  }

  private static void length(CommandContext ctx, Args args, RespWriter out) {
    StreamValue stream = read(ctx, args, 1);
    out.integer(stream == null ? 0 : stream.entries().length());
  }

  private static void range(CommandContext ctx, Args args, RespWriter out, boolean backwards) {
    StreamId first = StreamIds.rangeStart(args, backwards ? 3 : 2);
    StreamId last = StreamIds.rangeEnd(args, backwards ? 2 : 3);
    long count = -1;
    for (int i = RANGE_FIRST_OPTION; i < args.count(); i += 2) {
      if (!args.is(i, "count") || i + 1 == args.count()) {
        throw CommandError.SYNTAX;
      }
      count = count(args, i + 1);
    }
    StreamValue stream = read(ctx, args, 1);
    if (stream == null) {
      out.array(0);
    } else if (count == 0) {
      out.nullArray();
    } else {
      new StreamReply(out)
          .entries(stream.entries().cursor(first, last, backwards), Math.max(0, count));
    }
  }

  /** An argument that is a count, of which a negative one means 0. */
  static long count(Args args, int index) {
    if (!args.isLong(index)) {
      throw CommandError.NOT_INTEGER;
    }
    return Math.max(0, args.toLong(index));
  }

  private static void setId(CommandContext ctx, Args args, RespWriter out) {
    StreamId id = StreamIds.of(args, FIRST_ID);
    long added = -1;
    StreamId deleted = StreamId.ZERO;
    for (int i = FIRST_OPTION; i < args.count(); i += 2) {
      if (i + 1 == args.count()) {
        throw CommandError.SYNTAX;
      } else if (args.is(i, "entriesadded")) {
        added = entriesAdded(args, i + 1);
      } else if (args.is(i, "maxdeletedid")) {
        deleted = StreamIds.of(args, i + 1);
        if (id.compareTo(deleted) < 0) {
          throw LESS_THAN_GIVEN_DELETED;
        }
      } else {
        throw CommandError.SYNTAX;
      }
    }
    StreamValue stream = find(ctx, args, 1);
    if (stream == null) {
      throw CommandError.NO_SUCH_KEY;
    }
    StreamEntries entries = stream.entries();
    checkSetId(entries, id, added);
    entries.last(id);
    if (added != -1) {
      entries.added(added);
    }
    if (!deleted.isZero()) {
      entries.maxDeleted(deleted);
    }
    Keys.changed(ctx, args, 1, KeyEvent.XSETID);
    out.ok();
  }

  private static long entriesAdded(Args args, int index) {
    if (!args.isLong(index)) {
      throw CommandError.NOT_INTEGER;
    }
    if (args.toLong(index) < 0) {
      throw NEGATIVE_ADDED;
    }
    return args.toLong(index);
  }

  private static void checkSetId(StreamEntries entries, StreamId id, long added) {
    if (id.compareTo(entries.maxDeleted()) < 0) {
      throw LESS_THAN_DELETED;
    }
    if (entries.length() > 0) {
      if (id.compareTo(entries.lastLive()) < 0) {
        throw LESS_THAN_TOP;
      }
      if (added != -1 && added < entries.length()) {
        throw ADDED_LESS_THAN_LENGTH;
      }
    }
  }

  private static void trim(CommandContext ctx, Args args, RespWriter out) {
    StreamTrim trim = StreamTrim.ofTrim(ctx, args);
    StreamValue stream = find(ctx, args, 1);
    long removed = stream == null ? 0 : trim.trim(ctx.keyspace(), stream.entries());
    if (stream != null && removed > 0) {
      if (ctx.isPropagated()) {
        trim.propagate(ctx, args, stream.entries());
      }
      Keys.changed(ctx, args, 1, KeyEvent.XTRIM, removed);
    }
    out.integer(removed);
  }
}
