package io.redknot.server.command;

import static io.redknot.server.dispatch.CommandFlag.ADMIN;
import static io.redknot.server.dispatch.CommandFlag.LOADING;
import static io.redknot.server.dispatch.CommandFlag.NOSCRIPT;
import static io.redknot.server.dispatch.CommandFlag.NO_ASYNC_LOADING;
import static io.redknot.server.dispatch.CommandFlag.STALE;

import io.redknot.cluster.AdminReply;
import io.redknot.cluster.AdminRequest;
import io.redknot.cluster.ClusterInfoText;
import io.redknot.cluster.ClusterNodesText;
import io.redknot.cluster.ClusterView;
import io.redknot.cluster.FailoverEvent;
import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.Server;
import io.redknot.server.bus.ClusterLoop;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandHandler;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.Refusals;
import io.redknot.server.dispatch.Treatment;
import io.redknot.server.net.Suspension;
import io.redknot.storage.keyspace.HashSlot;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The CLUSTER family. What only reads is answered from the published view; what changes something
 * is handed to the cluster loop, and the client waits for its answer.
 */
public final class ClusterCommands {

  /** Redknot's own. */
  private static final String FAILOVER_LOG = "failover-log";

  private ClusterCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    CommandSpec cluster = table.container("cluster", -2);
    registerReaders(cluster);
    registerChanges(cluster);
  }

  private static void registerReaders(CommandSpec cluster) {
    read(cluster, "countkeysinslot", 3, ClusterCommands::countKeysInSlot);
    read(cluster, "getkeysinslot", 4, ClusterCommands::getKeysInSlot)
        .tips("nondeterministic_output");
    read(cluster, "info", 2, ClusterCommands::info).tips("nondeterministic_output");
    read(cluster, "keyslot", 3, ClusterCommands::keySlot);
    read(cluster, "links", 2, (ctx, args, out) -> ClusterTopology.links(view(ctx), out))
        .tips("nondeterministic_output");
    read(cluster, "myid", 2, (ctx, args, out) -> out.bulk(view(ctx).myself().id()));
    read(cluster, "myshardid", 2, (ctx, args, out) -> out.bulk(view(ctx).myself().shardId()))
        .tips("nondeterministic_output");
    read(cluster, "nodes", 2, ClusterCommands::nodes).tips("nondeterministic_output");
    read(cluster, "replicas", 3, ClusterCommands::replicas)
        .flags(ADMIN)
        .tips("nondeterministic_output");
    read(cluster, "slaves", 3, ClusterCommands::replicas)
        .flags(ADMIN)
        .tips("nondeterministic_output");
    read(cluster, "shards", 2, (ctx, args, out) -> ClusterTopology.shards(view(ctx), out))
        .flags(LOADING)
        .tips("nondeterministic_output");
    read(cluster, "slots", 2, (ctx, args, out) -> ClusterTopology.slots(view(ctx), out))
        .flags(LOADING)
        .tips("nondeterministic_output");
    read(
            cluster,
            "slot-stats",
            -4,
            (ctx, args, out) -> SlotStatsCommand.run(ctx, view(ctx), args, out))
        .flags(LOADING)
        .tips("nondeterministic_output", "request_policy:all_shards");
    read(cluster, FAILOVER_LOG, -2, upTo(3, ClusterCommands::failoverLog)).flags(LOADING);
    cluster.sub("help", 2, ClusterCommands::help).flags(LOADING, STALE);
  }

  private static void registerChanges(CommandSpec cluster) {
    change(cluster, "addslots", -3, args -> new AdminRequest.AddSlots(words(args, 2)));
    change(cluster, "addslotsrange", -4, args -> new AdminRequest.AddSlotsRange(pairs(args)));
    change(cluster, "bumpepoch", 2, args -> new AdminRequest.BumpEpoch())
        .tips("nondeterministic_output");
    byCluster(
            cluster,
            "count-failure-reports",
            3,
            admin(args -> new AdminRequest.CountFailureReports(args.text(2))))
        .flags(ADMIN, STALE)
        .tips("nondeterministic_output");
    change(cluster, "delslots", -3, args -> new AdminRequest.DelSlots(words(args, 2)));
    change(cluster, "delslotsrange", -4, args -> new AdminRequest.DelSlotsRange(pairs(args)));
    byCluster(cluster, "failover", -2, upTo(3, admin(ClusterCommands::failover)))
        .flags(ADMIN, STALE, NO_ASYNC_LOADING);
    change(cluster, "flushslots", 2, args -> new AdminRequest.FlushSlots());
    change(cluster, "forget", 3, args -> new AdminRequest.Forget(args.text(2)));
    byCluster(cluster, "meet", -4, upTo(5, admin(ClusterCommands::meet)))
        .flags(ADMIN, STALE, NO_ASYNC_LOADING);
    change(cluster, "replicate", 3, args -> new AdminRequest.Replicate(args.text(2)));
    byCluster(cluster, "reset", -2, upTo(3, admin(ClusterCommands::reset)))
        .flags(ADMIN, NOSCRIPT, STALE);
    change(cluster, "saveconfig", 2, args -> new AdminRequest.SaveConfig());
    change(cluster, "set-config-epoch", 3, args -> new AdminRequest.SetConfigEpoch(args.text(2)));
    change(cluster, "setslot", -4, args -> new AdminRequest.SetSlot(words(args, 2)));
  }

  private static CommandSpec read(
      CommandSpec cluster, String name, int arity, CommandHandler handler) {
    return cluster.sub(name, arity, handler).flags(STALE);
  }

  private static CommandSpec change(
      CommandSpec cluster, String name, int arity, Function<Args, AdminRequest> request) {
    return byCluster(cluster, name, arity, admin(request)).flags(ADMIN, STALE, NO_ASYNC_LOADING);
  }

  private static CommandSpec byCluster(
      CommandSpec cluster, String name, int arity, CommandHandler handler) {
    return cluster.sub(name, arity, handler).treated(Treatment.CLUSTER);
  }

  /** Words beyond those that a subcommand knows are its own error, other than a wrong arity. */
  private static CommandHandler upTo(int wordsMax, CommandHandler handler) {
    return (ctx, args, out) -> {
      if (args.count() > wordsMax) {
        throw Refusals.subcommandSyntax(ctx.spec(), args);
      }
      handler.run(ctx, args, out);
    };
  }

  private static CommandHandler admin(Function<Args, AdminRequest> request) {
    return (ctx, args, out) -> {
      ClusterLoop loop = loop(ctx);
      AdminRequest made;
      try {
        made = request.apply(args);
      } catch (IllegalArgumentException oddNumber) {
        throw Refusals.arity(ctx.spec());
      }
      if (ctx.inTransaction()) {
        ctx.changeRole(() -> write(loop.adminLent(made), out));
        return;
      }
      Server server = ctx.server();
      Suspension waiting = ctx.suspend();
      loop.admin(
          made,
          reply -> {
            Runnable answer = () -> waiting.complete(late -> write(reply, late));
            if (mayChangeRole(made)) {
              // Behind the change, which was handed to this thread before.
              server.roles().execute(answer);
            } else {
              answer.run();
            }
          });
    };
  }

  private static boolean mayChangeRole(AdminRequest request) {
    return request instanceof AdminRequest.Replicate
        || request instanceof AdminRequest.Failover
        || request instanceof AdminRequest.Reset;
  }

  private static void write(AdminReply reply, RespWriter out) {
    switch (reply) {
      case AdminReply.Ok _ -> out.ok();
      case AdminReply.Text text -> out.simple(text.text());
      case AdminReply.Count count -> out.integer(count.value());
      case AdminReply.Refused refused -> out.error(refused.text());
    }
  }

  private static ClusterLoop loop(CommandContext ctx) {
    ClusterLoop loop = ctx.server().cluster();
    if (loop == null) {
      throw CommandError.NO_CLUSTER;
    }
    return loop;
  }

  private static ClusterView view(CommandContext ctx) {
    return loop(ctx).view();
  }

  private static List<String> words(Args args, int from) {
    List<String> words = new ArrayList<>(args.count() - from);
    for (int i = from; i < args.count(); i++) {
      words.add(args.text(i));
    }
    return words;
  }

  private static List<String> pairs(Args args) {
    if (args.count() % 2 != 0) {
      throw new IllegalArgumentException("a range lacks its end");
    }
    return words(args, 2);
  }

  private static AdminRequest meet(Args args) {
    String busPort = args.count() == 5 ? args.text(4) : null;
    return new AdminRequest.Meet(args.text(2), args.text(3), busPort);
  }

  private static AdminRequest reset(Args args) {
    if (args.count() == 2 || args.is(2, "soft")) {
      return new AdminRequest.Reset(false);
    }
    if (args.is(2, "hard")) {
      return new AdminRequest.Reset(true);
    }
    throw CommandError.SYNTAX;
  }

  private static AdminRequest failover(Args args) {
    if (args.count() == 2) {
      return new AdminRequest.Failover(AdminRequest.Failover.Mode.DEFAULT);
    }
    if (args.is(2, "force")) {
      return new AdminRequest.Failover(AdminRequest.Failover.Mode.FORCE);
    }
    if (args.is(2, "takeover")) {
      return new AdminRequest.Failover(AdminRequest.Failover.Mode.TAKEOVER);
    }
    throw CommandError.SYNTAX;
  }

  /** Each event: unix ms, what, the node that it is about, the epoch, and details. */
  private static void failoverLog(CommandContext ctx, Args args, RespWriter out) {
    List<FailoverEvent> events = view(ctx).failovers();
    long most = args.count() == 2 ? events.size() : integer(args, 2);
    if (most < 0) {
      throw CommandError.NOT_POSITIVE;
    }
    int first = events.size() - (int) Math.min(most, events.size());
    out.array(events.size() - first);
    for (FailoverEvent event : events.subList(first, events.size())) {
      out.array(5);
      out.integer(event.atMs());
      out.bulk(event.kind().text());
      out.bulk(event.nodeId());
      out.integer(event.epoch());
      out.bulk(event.detail());
    }
  }

  private static void info(CommandContext ctx, Args args, RespWriter out) {
    out.verbatim("txt", ClusterInfoText.render(view(ctx)));
  }

  private static void nodes(CommandContext ctx, Args args, RespWriter out) {
    out.verbatim("txt", ClusterNodesText.render(view(ctx), false));
  }

  private static void replicas(CommandContext ctx, Args args, RespWriter out) {
    ClusterView view = view(ctx);
    int node = view.find(args.text(2));
    if (node == ClusterView.NONE) {
      throw CommandError.of("ERR Unknown node " + args.text(2));
    }
    if (!view.nodes().get(node).isPrimary()) {
      throw CommandError.of("ERR The specified node is not a master");
    }
    int[] replicas = view.replicasOf(node);
    out.array(replicas.length);
    for (int replica : replicas) {
      out.bulk(ClusterNodesText.line(view, replica, false));
    }
  }

  private static void keySlot(CommandContext ctx, Args args, RespWriter out) {
    loop(ctx);
    out.integer(HashSlot.of(args.array(), args.offset(2), args.length(2)));
  }

  private static long integer(Args args, int index) {
    if (!args.isLong(index)) {
      throw CommandError.NOT_INTEGER;
    }
    return args.toLong(index);
  }

  private static void countKeysInSlot(CommandContext ctx, Args args, RespWriter out) {
    loop(ctx);
    long slot = integer(args, 2);
    if (slot < 0 || slot >= HashSlot.COUNT) {
      throw CommandError.of("ERR Invalid slot");
    }
    Shard shard = ctx.server().shards().ofSlot((int) slot);
    shard.lock();
    try {
      out.integer(shard.keyspace(0).walk().countInSlot((int) slot));
    } finally {
      shard.unlock();
    }
  }

  private static void getKeysInSlot(CommandContext ctx, Args args, RespWriter out) {
    loop(ctx);
    long slot = integer(args, 2);
    long count = integer(args, 3);
    if (slot < 0 || slot >= HashSlot.COUNT || count < 0) {
      throw CommandError.of("ERR Invalid slot or number of keys");
    }
    Shard shard = ctx.server().shards().ofSlot((int) slot);
    shard.lock();
    try {
      writeKeys(shard.keyspace(0), (int) slot, count, out);
    } finally {
      shard.unlock();
    }
  }

  private static void writeKeys(Keyspace keys, int slot, long limit, RespWriter out) {
    int count = (int) Math.min(limit, keys.walk().countInSlot(slot));
    List<byte[]> found = new ArrayList<>(Math.min(count, 1024));
    if (count > 0) {
      keys.walk()
          .visitSlotKeys(
              slot,
              ref -> {
                found.add(keys.keyCopy(ref));
                return found.size() < count;
              });
    }
    out.array(Math.min(found.size(), count));
    for (int i = 0; i < Math.min(found.size(), count); i++) {
      out.bulk(found.get(i));
    }
  }

  private static void help(CommandContext ctx, Args args, RespWriter out) {
    loop(ctx);
    out.array(ClusterHelp.LINES.size());
    ClusterHelp.LINES.forEach(out::simple);
  }
}
