package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.ADMIN;
import static io.redknot.server.dispatch.AclCategory.DANGEROUS;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.LOADING;
import static io.redknot.server.dispatch.CommandFlag.NOSCRIPT;
import static io.redknot.server.dispatch.CommandFlag.STALE;

import io.redknot.cluster.ClusterView;
import io.redknot.cluster.wire.NodeAddress;
import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.bus.ClusterLoop;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.info.InfoSection;

/** INFO and ROLE: what the server tells about itself. */
final class ServerCommands {
  private ServerCommands() {}

  static void register(CommandTable table) {
    table
        .add("info", -1, ServerCommands::info)
        .flags(LOADING, STALE)
        .in(DANGEROUS)
        .tips("nondeterministic_output", "request_policy:all_shards", "response_policy:special");
    table
        .add("role", 1, ServerCommands::role)
        .flags(NOSCRIPT, LOADING, STALE, FAST)
        .in(ADMIN, DANGEROUS);
  }

  private static void info(CommandContext ctx, Args args, RespWriter out) {
    out.verbatim("txt", InfoSection.text(ctx.server(), InfoSection.named(args, 1)));
  }

  private static void role(CommandContext ctx, Args args, RespWriter out) {
    ClusterLoop cluster = ctx.server().cluster();
    if (cluster != null && cluster.view().myself().isReplica()) {
      replicaRole(cluster.view(), out);
      return;
    }
    out.array(3);
    out.bulk("master");
    out.integer(0);
    out.array(0);
  }

  private static void replicaRole(ClusterView view, RespWriter out) {
    int primary = view.myself().primaryIndex();
    NodeAddress address =
        primary == ClusterView.NONE ? NodeAddress.UNKNOWN : view.nodes().get(primary).address();
    out.array(5);
    out.bulk("slave");
    out.bulk(address.ip());
    out.integer(address.tcpPort());
    out.bulk("connect");
    out.integer(-1);
  }
}
