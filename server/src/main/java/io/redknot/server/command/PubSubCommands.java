package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.SLOW;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.LOADING;
import static io.redknot.server.dispatch.CommandFlag.MAY_REPLICATE;
import static io.redknot.server.dispatch.CommandFlag.NOSCRIPT;
import static io.redknot.server.dispatch.CommandFlag.PUBSUB;
import static io.redknot.server.dispatch.CommandFlag.STALE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.bus.ClusterLoop;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandHandler;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.server.dispatch.Refusals;
import io.redknot.server.net.ReplyMode;
import io.redknot.server.pubsub.Kind;
import io.redknot.server.pubsub.PubSub;
import io.redknot.server.pubsub.Subscriptions;
import io.redknot.storage.keyspace.GlobPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** Channels: subscribing, publishing, and PUBSUB, which tells who listens. */
final class PubSubCommands {
  private PubSubCommands() {}

  static void register(CommandTable table) {
    subscribing(table.add("subscribe", -2, subscribe(Kind.CHANNEL)));
    subscribing(table.add("unsubscribe", -1, unsubscribe(Kind.CHANNEL)));
    subscribing(table.add("psubscribe", -2, subscribe(Kind.PATTERN)));
    subscribing(table.add("punsubscribe", -1, unsubscribe(Kind.PATTERN)));
    subscribing(table.add("ssubscribe", -2, PubSubCommands::subscribeToShard))
        .keys(KeySpec.range(1, -1, 1, "not_key"));
    subscribing(table.add("sunsubscribe", -1, unsubscribe(Kind.SHARD)))
        .keys(KeySpec.range(1, -1, 1, "not_key"));
    table
        .add("publish", 3, (ctx, args, out) -> publish(ctx, args, out, false))
        .flags(PUBSUB, LOADING, STALE, FAST, MAY_REPLICATE);
    table
        .add("spublish", 3, (ctx, args, out) -> publish(ctx, args, out, true))
        .flags(PUBSUB, LOADING, STALE, FAST, MAY_REPLICATE)
        .keys(KeySpec.at(1, "not_key"));
    CommandSpec pubsub = table.container("pubsub", -2);
    row(pubsub, "channels", -2, (ctx, args, out) -> channels(ctx, args, out, false));
    row(pubsub, "numpat", 2, (ctx, args, out) -> out.integer(pubsub(ctx).patternCount()));
    row(pubsub, "numsub", -2, (ctx, args, out) -> subscribers(ctx, args, out, false));
    row(pubsub, "shardchannels", -2, (ctx, args, out) -> channels(ctx, args, out, true));
    row(pubsub, "shardnumsub", -2, (ctx, args, out) -> subscribers(ctx, args, out, true));
    pubsub.sub("help", 2, PubSubCommands::help).flags(LOADING, STALE).in(SLOW);
  }

  private static CommandSpec subscribing(CommandSpec spec) {
    return spec.forSubscribers().flags(PUBSUB, NOSCRIPT, LOADING, STALE);
  }

  private static void row(CommandSpec pubsub, String name, int arity, CommandHandler handler) {
    pubsub.sub(name, arity, handler).flags(PUBSUB, LOADING, STALE);
  }

  private static PubSub pubsub(CommandContext ctx) {
    return ctx.server().pubsub();
  }

  private static CommandHandler subscribe(Kind kind) {
    return (ctx, args, out) -> subscribe(ctx, args, out, kind);
  }

  private static void subscribeToShard(CommandContext ctx, Args args, RespWriter out) {
    if (ctx.inTransaction()) {
      throw CommandError.of("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client");
    }
    subscribe(ctx, args, out, Kind.SHARD);
  }

  private static void subscribe(CommandContext ctx, Args args, RespWriter out, Kind kind) {
    confirm(
        ctx,
        out,
        (all, replies) -> {
          for (int i = 1; i < args.count(); i++) {
            all.add(kind, args.copy(i), replies);
          }
        });
  }

  private static CommandHandler unsubscribe(Kind kind) {
    return (ctx, args, out) ->
        confirm(
            ctx,
            out,
            (all, replies) -> {
              if (args.count() == 1) {
                all.removeAll(kind, replies);
              }
              for (int i = 1; i < args.count(); i++) {
                all.remove(kind, args.copy(i), replies);
              }
            });
  }

  /** Confirmations are messages: they are sent even where replies are off. */
  private static void confirm(
      CommandContext ctx, RespWriter out, BiConsumer<Subscriptions, RespWriter> change) {
    Subscriptions all = pubsub(ctx).subscriptions(ctx.connection());
    ReplyMode mode = ctx.session().replyMode();
    if (mode == ReplyMode.ON) {
      change.accept(all, out);
      return;
    }
    RespWriter messages = new RespWriter();
    messages.resp3(out.resp3());
    change.accept(all, messages);
    ctx.connection().push(messages.takeBytes());
  }

  /** On a cluster node the bus carries it to the other nodes, elsewhere the stream to replicas. */
  private static void publish(CommandContext ctx, Args args, RespWriter out, boolean sharded) {
    byte[] channel = args.copy(1);
    byte[] message = args.copy(2);
    ClusterLoop cluster = ctx.server().cluster();
    if (cluster == null) {
      out.integer(pubsub(ctx).publish(sharded, channel, message, () -> ctx.propagateMessage(args)));
    } else {
      out.integer(
          pubsub(ctx)
              .publish(
                  sharded, channel, message, () -> cluster.publish(sharded, channel, message)));
    }
  }

  private static void channels(CommandContext ctx, Args args, RespWriter out, boolean sharded) {
    if (args.count() > 3) {
      throw Refusals.subcommandSyntax(ctx.spec(), args);
    }
    GlobPattern pattern = args.count() == 3 ? GlobPattern.of(args.copy(2)) : null;
    List<byte[]> found = new ArrayList<>();
    pubsub(ctx)
        .channels(
            sharded,
            name -> {
              if (pattern == null || pattern.matches(name, 0, name.length)) {
                found.add(name);
              }
            });
    out.array(found.size());
    found.forEach(out::bulk);
  }

  private static void subscribers(CommandContext ctx, Args args, RespWriter out, boolean sharded) {
    out.array(2L * (args.count() - 2));
    for (int i = 2; i < args.count(); i++) {
      byte[] channel = args.copy(i);
      out.bulk(channel);
      out.integer(pubsub(ctx).subscriberCount(sharded, channel));
    }
  }

  private static void help(CommandContext ctx, Args args, RespWriter out) {
    HelpReply.write(
        out,
        "PUBSUB",
        "CHANNELS [<pattern>]",
        "    The channels that somebody listens to by name.",
        "NUMPAT",
        "    The number of patterns that somebody listens to.",
        "NUMSUB [<channel> ...]",
        "    How many listen to each channel by name.",
        "SHARDCHANNELS [<pattern>]",
        "    The shard channels that somebody listens to.",
        "SHARDNUMSUB [<shardchannel> ...]",
        "    How many listen to each shard channel.");
  }
}
