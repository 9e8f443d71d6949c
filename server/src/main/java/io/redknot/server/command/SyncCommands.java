package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.DANGEROUS;
import static io.redknot.server.dispatch.CommandFlag.ADMIN;
import static io.redknot.server.dispatch.CommandFlag.ALLOW_BUSY;
import static io.redknot.server.dispatch.CommandFlag.LOADING;
import static io.redknot.server.dispatch.CommandFlag.NOSCRIPT;
import static io.redknot.server.dispatch.CommandFlag.NO_ASYNC_LOADING;
import static io.redknot.server.dispatch.CommandFlag.NO_MULTI;
import static io.redknot.server.dispatch.CommandFlag.STALE;

import io.netty.channel.ChannelOption;
import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.Server;
import io.redknot.server.dispatch.ClientPause;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.net.ClientKind;
import io.redknot.server.net.Session;
import io.redknot.server.net.Suspension;
import io.redknot.server.replication.PrimaryLink;
import io.redknot.server.replication.ReplicaLink;
import io.redknot.server.replication.ReplicaOptions;
import io.redknot.server.replication.Replication;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** REPLCONF, PSYNC and SYNC: what a replica says to its primary. */
final class SyncCommands {
  private static final int IP_BYTES_MAX = 255;
  private static final Logger LOG = LoggerFactory.getLogger(SyncCommands.class);

  private static final CommandError NOT_TO_PRIMARY =
      CommandError.of("ERR PSYNC FAILOVER can't be sent to a master.");
  private static final CommandError OTHER_HISTORY =
      CommandError.of("ERR PSYNC FAILOVER replid must match my replid.");
  private static final CommandError FAILING_OVER =
      CommandError.of("NOMASTERLINK Can't SYNC while failing over");
  private static final CommandError NO_PRIMARY_LINK =
      CommandError.of("NOMASTERLINK Can't SYNC while not connected with my master");
  private static final CommandError PENDING_OUTPUT =
      CommandError.of("ERR SYNC and PSYNC are invalid with pending output");
  private static final CommandError FILTER_WITHOUT_MARK =
      CommandError.of("ERR Filtered replica requires EOF capability");
  private static final CommandError BAD_FILTER =
      CommandError.of("ERR Missing rdb-filter-only values");

  private SyncCommands() {}

  static void register(CommandTable table) {
    table
        .add("replconf", -1, SyncCommands::replconf)
        .flags(ADMIN, NOSCRIPT, LOADING, STALE, ALLOW_BUSY)
        .in(DANGEROUS);
    table
        .add("psync", -3, SyncCommands::psync)
        .flags(ADMIN, NOSCRIPT, NO_ASYNC_LOADING, NO_MULTI)
        .in(DANGEROUS);
    table
        .add("sync", 1, SyncCommands::sync)
        .flags(ADMIN, NOSCRIPT, NO_ASYNC_LOADING, NO_MULTI)
        .in(DANGEROUS);
  }

  private static void replconf(CommandContext ctx, Args args, RespWriter out) {
    if (args.count() % 2 == 0) {
      throw CommandError.SYNTAX;
    }
    for (int i = 1; i < args.count(); i += 2) {
      if (args.is(i, "ack")) {
        acknowledge(ctx, args, i);
        return;
      }
      if (args.is(i, "getack")) {
        // It stands in a primary's stream, and the link to the primary answers it.
        return;
      }
      option(link(ctx).options(), args, i);
    }
    out.ok();
  }

  private static ReplicaLink link(CommandContext ctx) {
    Session session = ctx.session();
    ReplicaLink link = session.replica();
    if (link == null) {
      link = ctx.server().replication().newLink(ctx.connection());
      session.replica(link);
    }
    return link;
  }

  private static void acknowledge(CommandContext ctx, Args args, int index) {
    Session session = ctx.session();
    ReplicaLink link = session.replica();
    if (link == null || session.kind() != ClientKind.REPLICA || !args.isLong(index + 1)) {
      return;
    }
    boolean synced =
        args.count() > index + 3 && args.is(index + 2, "fack") && args.isLong(index + 3);
    long fsynced = synced ? args.toLong(index + 3) : 0;
    ctx.server().replication().acknowledged(link, args.toLong(index + 1), fsynced);
  }

  private static void option(ReplicaOptions options, Args args, int index) {
    int value = index + 1;
    switch (args.text(index).toLowerCase(Locale.ROOT)) {
      case "listening-port" -> options.port(IntArgument.of(args, value));
      case "ip-address" -> options.ip(ip(args, value));
      case "capa" -> {
        if (args.is(value, "eof")) {
          options.endMark(true);
        } else if (args.is(value, "psync2")) {
          options.psync2(true);
        }
        // Others are of newer versions, and nothing here depends on them.
      }
      case "rdb-only" -> options.rdbOnly(IntArgument.of(args, value) == 1);
      case "rdb-filter-only" -> options.filter(functionsWanted(args, value));
      case "version" -> {
        // A newer replica tells its own; nothing here depends on it.
      }
      default -> throw CommandError.of("ERR Unrecognized REPLCONF option: " + args.text(index));
    }
  }

  private static String ip(Args args, int index) {
    if (args.length(index) > IP_BYTES_MAX) {
      throw CommandError.of(
          "ERR REPLCONF ip-address provided by replica instance is too long: "
              + args.length(index)
              + " bytes");
    }
    return args.text(index);
  }

  private static boolean functionsWanted(Args args, int index) {
    boolean functions = false;
    for (String word : args.text(index).trim().split(" +", -1)) {
      if (word.equalsIgnoreCase("functions")) {
        functions = true;
      } else if (word.indexOf('"') >= 0) {
        throw BAD_FILTER;
      } else if (!word.isEmpty()) {
        throw CommandError.of("ERR Unsupported rdb-filter-only option: " + word);
      }
    }
    return functions;
  }

  private static void psync(CommandContext ctx, Args args, RespWriter out) {
    if (ctx.session().kind() == ClientKind.REPLICA || waitsForPromotion(ctx)) {
      return;
    }
    if (args.count() > 3 && args.is(3, "failover") && takesOver(ctx, args.text(1))) {
      return;
    }
    admit(ctx, out);
    if (!args.isLong(2)) {
      throw CommandError.NOT_INTEGER;
    }
    attach(ctx, args.text(1), args.toLong(2), out);
  }

  /** Who asks a successor too early is not to be told the old history. */
  private static boolean waitsForPromotion(CommandContext ctx) {
    return ctx.server().dispatcher().pause().postpone(ctx, ClientPause.Purpose.PROMOTION);
  }

  /**
   * The primary of this node wants to be its replica from now on.
   *
   * @return whether this node changes its role first, and executes the command again then
   */
  private static boolean takesOver(CommandContext ctx, String id) {
    ReplicaOptions options = link(ctx).options();
    if (options.hasPromoted()) {
      options.promoted(false);
      return false;
    }
    Replication replication = ctx.server().replication();
    if (!replication.isReplica()) {
      throw NOT_TO_PRIMARY;
    }
    if (!id.equals(replication.history().id())) {
      throw OTHER_HISTORY;
    }
    LOG.info("Failover request received, promoting this node to master.");
    Server server = ctx.server();
    Suspension waiting = ctx.suspend();
    server
        .roles()
        .execute(
            () -> {
              server.config().put("replicaof", "no one");
              replication.promote();
              options.promoted(true);
              waiting.retry();
            });
    return true;
  }

  private static void sync(CommandContext ctx, Args args, RespWriter out) {
    if (ctx.session().kind() == ClientKind.REPLICA || waitsForPromotion(ctx)) {
      return;
    }
    admit(ctx, out);
    link(ctx).options().psync(false);
    attach(ctx, null, -1, out);
  }

  private static void admit(CommandContext ctx, RespWriter out) {
    ReplicaOptions options = link(ctx).options();
    if (ctx.server().failover().isRunning()) {
      throw FAILING_OVER;
    }
    PrimaryLink primary = ctx.server().replication().primary();
    if (primary != null && !primary.isUp()) {
      throw NO_PRIMARY_LINK;
    }
    if (out.size() > 0 || ctx.connection().memory().outputBytes() > 0) {
      throw PENDING_OUTPUT;
    }
    if (options.isFiltered() && !options.endMark()) {
      throw FILTER_WITHOUT_MARK;
    }
  }

  private static void attach(CommandContext ctx, @Nullable String id, long offset, RespWriter out) {
    ReplicaLink link = link(ctx);
    ctx.session().kind(ClientKind.REPLICA);
    boolean delay = ctx.server().config().replDisableTcpNodelay.get();
    ctx.connection().channel().config().setOption(ChannelOption.TCP_NODELAY, !delay);
    Replication replication = ctx.server().replication();
    if (replication.attach(link, id, offset) == Replication.Admission.CONTINUED) {
      String current = replication.history().id();
      out.simple(link.options().psync2() ? "CONTINUE " + current : "CONTINUE");
    }
  }
}
