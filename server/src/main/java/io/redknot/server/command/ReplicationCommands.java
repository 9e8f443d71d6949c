package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.DANGEROUS;
import static io.redknot.server.dispatch.CommandFlag.ADMIN;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.LOADING;
import static io.redknot.server.dispatch.CommandFlag.NOSCRIPT;
import static io.redknot.server.dispatch.CommandFlag.NO_ASYNC_LOADING;
import static io.redknot.server.dispatch.CommandFlag.STALE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.Server;
import io.redknot.server.config.ReplicaSource;
import io.redknot.server.dispatch.AclCategory;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.Treatment;
import io.redknot.server.net.ClientKind;
import io.redknot.server.net.Suspension;
import io.redknot.server.replication.PrimaryLink;
import io.redknot.server.replication.ReplicaLink;
import io.redknot.server.replication.Replication;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** REPLICAOF, its old name SLAVEOF, and ROLE: whom this node follows, and who follows it. */
final class ReplicationCommands {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicationCommands.class);

  private static final CommandError IN_CLUSTER =
      CommandError.of("ERR REPLICAOF not allowed in cluster mode.");
  private static final CommandError FAILING_OVER =
      CommandError.of("ERR REPLICAOF not allowed while failing over.");
  private static final CommandError OF_REPLICA =
      CommandError.of("ERR Command is not valid when client is a replica.");
  private static final CommandError BAD_PORT = CommandError.of("ERR Invalid master port");
  private static final int PORT_MAX = 65535;

  private ReplicationCommands() {}

  static void register(CommandTable table) {
    table
        .add("replicaof", 3, ReplicationCommands::replicaOf)
        .flags(ADMIN, NOSCRIPT, STALE, NO_ASYNC_LOADING)
        .in(DANGEROUS)
        .treated(Treatment.ROLE);
    table
        .add("slaveof", 3, ReplicationCommands::replicaOf)
        .flags(ADMIN, NOSCRIPT, STALE, NO_ASYNC_LOADING)
        .in(DANGEROUS)
        .treated(Treatment.ROLE);
    table
        .add("role", 1, (ctx, args, out) -> role(ctx.server().replication(), out))
        .flags(NOSCRIPT, LOADING, STALE, FAST)
        .in(AclCategory.ADMIN, DANGEROUS);
  }

  private static void replicaOf(CommandContext ctx, Args args, RespWriter out) {
    Server server = ctx.server();
    Replication replication = server.replication();
    if (server.config().clusterEnabled.get()) {
      throw IN_CLUSTER;
    }
    if (server.failover().isRunning()) {
      throw FAILING_OVER;
    }
    if (args.is(1, "no") && args.is(2, "one")) {
      changeRole(ctx, () -> promote(server), out);
      return;
    }
    if (ctx.session().kind() == ClientKind.REPLICA) {
      throw OF_REPLICA;
    }
    if (!args.isLong(2) || args.toLong(2) < 0 || args.toLong(2) > PORT_MAX) {
      throw BAD_PORT;
    }
    ReplicaSource source = new ReplicaSource(args.text(1), (int) args.toLong(2));
    PrimaryLink link = replication.primary();
    if (link != null && isSame(link.source(), source)) {
      out.simple("OK Already connected to specified master");
      return;
    }
    changeRole(ctx, () -> follow(server, source), out);
  }

  /**
   * Takes locks before those of keys, and all of these, for which only the client who asked has to
   * wait.
   */
  private static void changeRole(CommandContext ctx, Runnable change, RespWriter out) {
    if (ctx.inTransaction()) {
      ctx.changeRole(change);
      out.ok();
      return;
    }
    Server server = ctx.server();
    Suspension waiting = ctx.suspend();
    server
        .roles()
        .execute(
            () -> {
              // One may have begun since it was looked for.
              boolean failsOver = server.failover().isRunning();
              if (!failsOver) {
                change.run();
              }
              waiting.complete(
                  failsOver ? reply -> reply.error(FAILING_OVER.text()) : RespWriter::ok);
            });
  }

  private static void promote(Server server) {
    if (server.replication().isReplica()) {
      LOG.info("MASTER MODE enabled (user request)");
      server.config().put("replicaof", "no one");
      server.replication().promote();
    }
  }

  private static void follow(Server server, ReplicaSource source) {
    PrimaryLink link = server.replication().primary();
    if (link != null && isSame(link.source(), source)) {
      return;
    }
    LOG.info("REPLICAOF {}:{} enabled (user request)", source.host(), source.port());
    if (source.host().chars().noneMatch(Character::isWhitespace)) {
      server.config().put("replicaof", source.host() + " " + source.port());
    }
    server.replication().follow(source);
  }

  private static boolean isSame(ReplicaSource a, ReplicaSource b) {
    return a.port() == b.port() && a.host().equalsIgnoreCase(b.host());
  }

  private static void role(Replication replication, RespWriter out) {
    PrimaryLink link = replication.primary();
    if (link == null) {
      primaryRole(replication, out);
    } else {
      replicaRole(replication, link, out);
    }
  }

  private static void primaryRole(Replication replication, RespWriter out) {
    List<ReplicaLink> online =
        replication.replicas().stream().filter(ReplicaLink::isOnline).toList();
    out.array(3);
    out.bulk("master");
    out.integer(replication.offset());
    out.array(online.size());
    for (ReplicaLink link : online) {
      out.array(3);
      out.bulk(link.ip());
      out.bulk(Integer.toString(link.options().port()));
      out.bulk(Long.toString(link.ackOffset()));
    }
  }

  private static void replicaRole(Replication replication, PrimaryLink link, RespWriter out) {
    out.array(5);
    out.bulk("slave");
    out.bulk(link.source().host());
    out.integer(link.source().port());
    out.bulk(link.state().name().toLowerCase(Locale.ROOT));
    out.integer(link.isUp() ? replication.offset() : -1);
  }
}
