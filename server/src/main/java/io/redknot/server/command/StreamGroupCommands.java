package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.STREAM;
import static io.redknot.server.dispatch.CommandFlag.DENYOOM;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.LOADING;
import static io.redknot.server.dispatch.CommandFlag.STALE;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.server.dispatch.Refusals;
import io.redknot.storage.encoding.StreamId;
import io.redknot.storage.value.RemovedConsumer;
import io.redknot.storage.value.StreamConsumer;
import io.redknot.storage.value.StreamGroup;
import io.redknot.storage.value.StreamValue;
import org.jspecify.annotations.Nullable;

/** Consumer groups: made and removed with XGROUP, and told by XACK what was dealt with. */
public final class StreamGroupCommands {
  private static final CommandError BAD_ENTRIES_READ =
      CommandError.of("ERR value for ENTRIESREAD must be positive or -1");
  private static final CommandError NO_STREAM =
      CommandError.of(
          "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want"
              + " to use the MKSTREAM option to create an empty stream automatically.");
  private static final CommandError GROUP_EXISTS =
      CommandError.of("BUSYGROUP Consumer Group name already exists");

  private static final int KEY = 2;
  private static final int GROUP = 3;
  private static final int ID = 4;
  private static final int CONSUMER = 4;
  private static final int FIRST_OPTION = 5;
  private static final int CREATE_WORDS_MAX = 8;
  private static final int FIRST_ACKNOWLEDGED = 3;

  private StreamGroupCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    table
        .add("xack", -4, StreamGroupCommands::acknowledge)
        .flags(WRITE, FAST)
        .in(STREAM)
        .keys(KeySpec.at(1, "RW update"));
    CommandSpec group = table.container("xgroup", -2);
    group
        .sub("create", -5, StreamGroupCommands::create)
        .flags(WRITE, DENYOOM)
        .in(STREAM)
        .keys(KeySpec.at(KEY, "RW insert"));
    group
        .sub("createconsumer", 5, StreamGroupCommands::createConsumer)
        .flags(WRITE, DENYOOM)
        .in(STREAM)
        .keys(KeySpec.at(KEY, "RW insert"));
    group
        .sub("delconsumer", 5, StreamGroupCommands::deleteConsumer)
        .flags(WRITE)
        .in(STREAM)
        .keys(KeySpec.at(KEY, "RW delete"));
    group
        .sub("destroy", 4, StreamGroupCommands::destroy)
        .flags(WRITE)
        .in(STREAM)
        .keys(KeySpec.at(KEY, "RW delete"));
    group.sub("help", 2, StreamGroupCommands::help).flags(LOADING, STALE).in(STREAM);
    group
        .sub("setid", -5, StreamGroupCommands::setId)
        .flags(WRITE)
        .in(STREAM)
        .keys(KeySpec.at(KEY, "RW update"));
  }

  private static void help(CommandContext ctx, Args args, RespWriter out) {
    HelpReply.write(
        out,
        "XGROUP",
        "CREATE <key> <group> <id|$> [MKSTREAM] [ENTRIESREAD <count>]",
        "    Make a group that reads what is behind the id. MKSTREAM makes the stream as well,",
        "    ENTRIESREAD tells how many entries there ever were up to the id.",
        "CREATECONSUMER <key> <group> <consumer>",
        "    Make a consumer.",
        "DELCONSUMER <key> <group> <consumer>",
        "    Remove a consumer and what is pending with it.",
        "DESTROY <key> <group>",
        "    Remove a group.",
        "SETID <key> <group> <id|$> [ENTRIESREAD <count>]",
        "    Let a group go on behind the id.");
  }

  private static byte[] name(Args args, int index) {
    return args.copy(index);
  }

  private static @Nullable StreamGroup group(Args args, @Nullable StreamValue stream, int index) {
    return stream == null
        ? null
        : stream.group(args.array(), args.offset(index), args.length(index));
  }

  /** The consumer of a name; made where there is none. It counts as seen now. */
  static StreamConsumer consumer(
      CommandContext ctx, Args args, int key, StreamGroup group, int name) {
    StreamConsumer consumer = find(args, group, name);
    if (consumer == null) {
      consumer = group.addConsumer(name(args, name), ctx.nowMs());
      Keys.changed(ctx, args, key, KeyEvent.XGROUP_CREATECONSUMER);
    }
    consumer.seenMs(ctx.nowMs());
    return consumer;
  }

  /** The consumer of a name; null where there is none. */
  static @Nullable StreamConsumer find(Args args, StreamGroup group, int name) {
    return group.consumer(args.array(), args.offset(name), args.length(name));
  }

  /** Whether MKSTREAM is among the options, and how many entries were read. */
  private record Options(boolean makeStream, long entriesRead) {
    static Options of(CommandContext ctx, Args args, boolean mayMakeStream) {
      boolean makeStream = false;
      long entriesRead = StreamGroup.UNKNOWN;
      for (int i = FIRST_OPTION; i < args.count(); i++) {
        if (mayMakeStream && args.is(i, "mkstream")) {
          makeStream = true;
        } else if (args.is(i, "entriesread") && i + 1 < args.count()) {
          i++;
          entriesRead = entriesRead(args, i);
        } else {
          throw Refusals.subcommandSyntax(ctx.spec(), args);
        }
      }
      return new Options(makeStream, entriesRead);
    }

    private static long entriesRead(Args args, int index) {
      if (!args.isLong(index)) {
        throw CommandError.NOT_INTEGER;
      }
      long value = args.toLong(index);
      if (value < 0 && value != StreamGroup.UNKNOWN) {
        throw BAD_ENTRIES_READ;
      }
      return value;
    }
  }

  private static void create(CommandContext ctx, Args args, RespWriter out) {
    Options options = Options.of(ctx, args, true);
    StreamValue stream = StreamCommands.find(ctx, args, KEY);
    if (stream == null && !options.makeStream()) {
      throw NO_STREAM;
    }
    if (args.count() > CREATE_WORDS_MAX) {
      throw Refusals.subcommandSyntax(ctx.spec(), args);
    }
    StreamId last =
        !args.is(ID, "$")
            ? StreamIds.of(args, ID)
            : stream == null ? StreamId.ZERO : stream.entries().last();
    if (group(args, stream, GROUP) != null) {
      throw GROUP_EXISTS;
    }
    StreamValue found = stream == null ? StreamCommands.create(ctx, args, KEY) : stream;
    found.addGroup(name(args, GROUP), last, options.entriesRead());
    if (stream == null) {
      Keys.touched(ctx, ctx.session().db(), args, KEY);
    }
    Keys.changed(ctx, args, KEY, KeyEvent.XGROUP_CREATE);
    out.ok();
  }

  private static StreamValue existing(CommandContext ctx, Args args) {
    StreamValue stream = StreamCommands.find(ctx, args, KEY);
    if (stream == null) {
      throw NO_STREAM;
    }
    return stream;
  }

  private static StreamGroup existing(Args args, StreamValue stream) {
    StreamGroup group = group(args, stream, GROUP);
    if (group == null) {
      throw CommandError.of(
          "NOGROUP No such consumer group '"
              + StreamIds.shown(args, GROUP)
              + "' for key name '"
              + StreamIds.shown(args, KEY)
              + "'");
    }
    return group;
  }

  private static void setId(CommandContext ctx, Args args, RespWriter out) {
    Options options = Options.of(ctx, args, false);
    StreamValue stream = existing(ctx, args);
    StreamGroup group = existing(args, stream);
    if (args.count() > FIRST_OPTION + 2) {
      throw Refusals.subcommandSyntax(ctx.spec(), args);
    }
    group.last(args.is(ID, "$") ? stream.entries().last() : StreamIds.orEnd(args, ID));
    group.entriesRead(options.entriesRead());
    Keys.changed(ctx, args, KEY, KeyEvent.XGROUP_SETID);
    out.ok();
  }

  private static void createConsumer(CommandContext ctx, Args args, RespWriter out) {
    StreamGroup group = existing(args, existing(ctx, args));
    boolean missing =
        group.consumer(args.array(), args.offset(CONSUMER), args.length(CONSUMER)) == null;
    if (missing) {
      group.addConsumer(name(args, CONSUMER), ctx.nowMs());
      Keys.changed(ctx, args, KEY, KeyEvent.XGROUP_CREATECONSUMER);
    }
    out.integer(missing ? 1 : 0);
  }

  private static void deleteConsumer(CommandContext ctx, Args args, RespWriter out) {
    StreamGroup group = existing(args, existing(ctx, args));
    StreamConsumer consumer =
        group.consumer(args.array(), args.offset(CONSUMER), args.length(CONSUMER));
    long pending = 0;
    if (consumer != null) {
      RemovedConsumer removed = group.removeConsumer(consumer);
      pending = removed.entries();
      ctx.keyspace().drop(removed);
      Keys.changed(ctx, args, KEY, KeyEvent.XGROUP_DELCONSUMER);
    }
    out.integer(pending);
  }

  private static void destroy(CommandContext ctx, Args args, RespWriter out) {
    StreamValue stream = existing(ctx, args);
    StreamGroup group = group(args, stream, GROUP);
    if (group != null) {
      stream.removeGroup(group);
      // It may have millions of pending entries.
      ctx.keyspace().drop(group);
      Keys.changed(ctx, args, KEY, KeyEvent.XGROUP_DESTROY);
    }
    out.integer(group == null ? 0 : 1);
  }

  private static void acknowledge(CommandContext ctx, Args args, RespWriter out) {
    StreamGroup group = group(args, StreamCommands.readToChange(ctx, args, 1), 2);
    if (group == null) {
      out.integer(0);
      return;
    }
    for (int i = FIRST_ACKNOWLEDGED; i < args.count(); i++) {
      StreamIds.of(args, i);
    }
    int acknowledged = 0;
    for (int i = FIRST_ACKNOWLEDGED; i < args.count(); i++) {
      StreamId id = StreamIds.of(args, i);
      if (group.acknowledge(id.ms(), id.seq())) {
        acknowledged++;
        Keys.changedAside(ctx);
      }
    }
    out.integer(acknowledged);
  }
}
