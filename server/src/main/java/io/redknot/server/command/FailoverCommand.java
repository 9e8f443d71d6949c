package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.DANGEROUS;
import static io.redknot.server.dispatch.CommandFlag.ADMIN;
import static io.redknot.server.dispatch.CommandFlag.NOSCRIPT;
import static io.redknot.server.dispatch.CommandFlag.STALE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.config.ReplicaSource;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.Treatment;
import io.redknot.server.net.Suspension;
import io.redknot.server.replication.Failover;
import io.redknot.server.replication.ReplicaLink;
import io.redknot.server.replication.Replication;
import org.jspecify.annotations.Nullable;

/** FAILOVER: a replica takes the place of this primary, without a write being lost. */
final class FailoverCommand {
  private static final CommandError IN_CLUSTER =
      CommandError.of(
          "ERR FAILOVER not allowed in cluster mode. Use CLUSTER FAILOVER command instead.");
  private static final CommandError NONE_RUNS = CommandError.of("ERR No failover in progress.");
  private static final CommandError BAD_TIMEOUT =
      CommandError.of("ERR FAILOVER timeout must be greater than 0");
  private static final CommandError RUNS = CommandError.of("ERR FAILOVER already in progress.");
  private static final CommandError IS_REPLICA =
      CommandError.of("ERR FAILOVER is not valid when server is a replica.");
  private static final CommandError NO_REPLICAS =
      CommandError.of("ERR FAILOVER requires connected replicas.");
  private static final CommandError FORCE_WITHOUT_BOTH =
      CommandError.of(
          "ERR FAILOVER with force option requires both a timeout and target HOST and IP.");
  private static final CommandError NO_SUCH_REPLICA =
      CommandError.of("ERR FAILOVER target HOST and PORT is not a replica.");
  private static final CommandError NOT_ONLINE =
      CommandError.of("ERR FAILOVER target replica is not online.");

  private static final String ABORT_REASON = "FAILOVER ABORT";

  private @Nullable ReplicaSource target;
  private long timeoutMs;
  private boolean force;

  private FailoverCommand() {}

  static void register(CommandTable table) {
    table
        .add("failover", -1, FailoverCommand::failover)
        .flags(ADMIN, NOSCRIPT, STALE)
        .in(DANGEROUS)
        .treated(Treatment.ROLE);
  }

  private static void failover(CommandContext ctx, Args args, RespWriter out) {
    if (ctx.server().config().clusterEnabled.get()) {
      throw IN_CLUSTER;
    }
    Failover failover = ctx.server().failover();
    if (args.count() == 2 && args.is(1, "abort")) {
      abort(ctx, failover, out);
      return;
    }
    FailoverCommand asked = new FailoverCommand();
    asked.parse(args);
    if (failover.isRunning()) {
      throw RUNS;
    }
    asked.check(ctx.server().replication());
    Failover.Order order = new Failover.Order(asked.target, asked.timeoutMs, asked.force);
    if (!failover.start(order)) {
      throw RUNS;
    }
    out.ok();
  }

  private static void abort(CommandContext ctx, Failover failover, RespWriter out) {
    if (!failover.isRunning()) {
      throw NONE_RUNS;
    }
    if (ctx.inTransaction()) {
      ctx.changeRole(() -> failover.abort(ABORT_REASON));
      out.ok();
      return;
    }
    Suspension waiting = ctx.suspend();
    ctx.server()
        .roles()
        .execute(
            () -> {
              boolean ended = failover.abort(ABORT_REASON);
              waiting.complete(
                  reply -> {
                    if (ended) {
                      reply.ok();
                    } else {
                      reply.error(NONE_RUNS.text());
                    }
                  });
            });
  }

  private void parse(Args args) {
    int i = 1;
    while (i < args.count()) {
      if (args.is(i, "timeout") && i + 1 < args.count() && timeoutMs == 0) {
        timeoutMs = LongArgument.of(args, i + 1);
        if (timeoutMs <= 0) {
          throw BAD_TIMEOUT;
        }
        i += 2;
      } else if (args.is(i, "to") && i + 2 < args.count() && target == null) {
        target = new ReplicaSource(args.text(i + 1), IntArgument.of(args, i + 2));
        i += 3;
      } else if (args.is(i, "force") && !force) {
        force = true;
        i++;
      } else {
        throw CommandError.SYNTAX;
      }
    }
  }

  private void check(Replication replication) {
    if (replication.isReplica()) {
      throw IS_REPLICA;
    }
    if (replication.replicas().isEmpty()) {
      throw NO_REPLICAS;
    }
    if (force && (timeoutMs == 0 || target == null)) {
      throw FORCE_WITHOUT_BOTH;
    }
    if (target != null) {
      checkTarget(replication, target);
    }
  }

  private static void checkTarget(Replication replication, ReplicaSource target) {
    for (ReplicaLink link : replication.replicas()) {
      if (link.options().port() == target.port() && link.ip().equals(target.host())) {
        if (!link.isOnline()) {
          throw NOT_ONLINE;
        }
        return;
      }
    }
    throw NO_SUCH_REPLICA;
  }
}
