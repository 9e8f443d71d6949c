package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.CONNECTION;
import static io.redknot.server.dispatch.CommandFlag.ALLOW_BUSY;
import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.LOADING;
import static io.redknot.server.dispatch.CommandFlag.NOSCRIPT;
import static io.redknot.server.dispatch.CommandFlag.NO_AUTH;
import static io.redknot.server.dispatch.CommandFlag.STALE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.Server;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.Refusals;
import io.redknot.server.dispatch.Transactions;
import io.redknot.server.dispatch.Treatment;
import io.redknot.server.net.ClientKind;
import io.redknot.server.net.Session;
import io.redknot.server.tracking.Tracker;
import org.jspecify.annotations.Nullable;

/** PING, ECHO, SELECT, HELLO, AUTH, RESET, QUIT, TIME and the cluster's per-connection flags. */
public final class ConnectionCommands {
  private static final CommandError NOT_IN_CLUSTER =
      CommandError.of("ERR SELECT is not allowed in cluster mode");
  private static final CommandError WRONG_PASSWORD =
      CommandError.of("WRONGPASS invalid username-password pair or user is disabled.");
  private static final CommandError NO_PASSWORD_SET =
      CommandError.of(
          "ERR AUTH <password> called without any password configured for the default user."
              + " Are you sure your configuration is correct?");
  private static final CommandError UNSUPPORTED_PROTOCOL =
      CommandError.of("NOPROTO unsupported protocol version");
  private static final CommandError PROTOCOL_NOT_INTEGER =
      CommandError.of("ERR Protocol version is not an integer or out of range");
  private static final CommandError HELLO_WITHOUT_AUTH =
      CommandError.of(
          "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO"
              + " <proto> AUTH <user> <pass> option can be used to authenticate the client and"
              + " select the RESP protocol version at the same time");

  private ConnectionCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    table
        .add("ping", -1, ConnectionCommands::ping)
        .treated(Treatment.PING)
        .forSubscribers()
        .flags(FAST)
        .in(CONNECTION)
        .tips("request_policy:all_shards", "response_policy:all_succeeded");
    table
        .add("echo", 2, (ctx, args, out) -> echo(args, out))
        .flags(LOADING, STALE, FAST)
        .in(CONNECTION);
    table.add("select", 2, ConnectionCommands::select).flags(LOADING, STALE, FAST).in(CONNECTION);
    table
        .add("hello", -1, ConnectionCommands::hello)
        .flags(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
        .in(CONNECTION);
    table
        .add("auth", -2, ConnectionCommands::auth)
        .flags(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
        .in(CONNECTION);
    table
        .add("reset", 1, ConnectionCommands::reset)
        .immediate()
        .forSubscribers()
        .flags(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
        .in(CONNECTION);
    table
        .add("quit", -1, ConnectionCommands::quit)
        .immediate()
        .forSubscribers()
        .flags(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
        .in(CONNECTION);
    table
        .add("time", 1, ConnectionCommands::time)
        .flags(LOADING, STALE, FAST)
        .tips("nondeterministic_output");
    table
        .add("asking", 1, ConnectionCommands::asking)
        .treated(Treatment.ASKING)
        .flags(FAST)
        .in(CONNECTION);
    table
        .add("readonly", 1, ConnectionCommands::readOnly)
        .flags(LOADING, STALE, FAST)
        .in(CONNECTION);
    table
        .add("readwrite", 1, ConnectionCommands::readWrite)
        .flags(LOADING, STALE, FAST)
        .in(CONNECTION);
  }

  static void ping(CommandContext ctx, Args args, RespWriter out) {
    if (args.count() > 2) {
      throw Refusals.arity(ctx.spec());
    }
    if (ctx.session().kind() == ClientKind.PUBSUB && !out.resp3()) {
      out.array(2);
      out.bulk("pong");
      out.bulk(args.count() == 2 ? args.text(1) : "");
    } else if (args.count() == 2) {
      echo(args, out);
    } else {
      out.simple("PONG");
    }
  }

  private static void echo(Args args, RespWriter out) {
    out.bulk(args.array(), args.offset(1), args.length(1));
  }

  private static void select(CommandContext ctx, Args args, RespWriter out) {
    int db = IntArgument.of(args, 1);
    ServerConfig config = ctx.server().config();
    if (config.clusterEnabled.get() && db != 0) {
      throw NOT_IN_CLUSTER;
    }
    if (db < 0 || db >= config.databases.get()) {
      throw CommandError.DB_OUT_OF_RANGE;
    }
    ctx.session().db(db);
    out.ok();
  }

  private static void hello(CommandContext ctx, Args args, RespWriter out) {
    Session session = ctx.session();
    boolean resp3 = session.resp3();
    int next = 1;
    if (args.count() > 1) {
      if (!args.isLong(1)) {
        throw PROTOCOL_NOT_INTEGER;
      }
      long version = args.toLong(1);
      if (version != 2 && version != 3) {
        throw UNSUPPORTED_PROTOCOL;
      }
      resp3 = version == 3;
      next = 2;
    }
    String name = helloOptions(ctx, args, next);
    if (!session.authenticated()) {
      throw HELLO_WITHOUT_AUTH;
    }
    if (name != null) {
      session.name(name);
    }
    session.resp3(resp3);
    out.resp3(resp3);
    writeHello(ctx.server(), session, out);
  }

  /** Authenticates where AUTH is given, and returns the name that SETNAME gives. */
  private static @Nullable String helloOptions(CommandContext ctx, Args args, int from) {
    String name = null;
    int user = 0;
    int i = from;
    while (i < args.count()) {
      int more = args.count() - 1 - i;
      if (args.is(i, "auth") && more >= 2) {
        user = i + 1;
        i += 3;
      } else if (args.is(i, "setname") && more >= 1) {
        name = args.text(i + 1);
        ClientNames.check(name);
        i += 2;
      } else {
        throw CommandError.of("ERR Syntax error in HELLO option '" + args.text(i) + "'");
      }
    }
    if (user > 0) {
      ctx.redact(user);
      ctx.redact(user + 1);
      authenticate(ctx, args.text(user), args.text(user + 1));
    }
    return name;
  }

  private static void writeHello(Server server, Session session, RespWriter out) {
    out.map(7);
    out.bulk("server");
    out.bulk("redis");
    out.bulk("version");
    out.bulk(Server.REDIS_VERSION);
    out.bulk("proto");
    out.integer(session.resp3() ? 3 : 2);
    out.bulk("id");
    out.integer(session.id());
    out.bulk("mode");
    out.bulk(server.config().clusterEnabled.get() ? "cluster" : "standalone");
    out.bulk("role");
    out.bulk("master");
    out.bulk("modules");
    out.array(0);
  }

  private static void auth(CommandContext ctx, Args args, RespWriter out) {
    if (args.count() > 3) {
      throw CommandError.SYNTAX;
    }
    for (int i = 1; i < args.count(); i++) {
      ctx.redact(i);
    }
    if (args.count() == 2) {
      if (ctx.server().config().requirepass.get().isEmpty()) {
        throw NO_PASSWORD_SET;
      }
      authenticate(ctx, Session.DEFAULT_USER, args.text(1));
    } else {
      authenticate(ctx, args.text(1), args.text(2));
    }
    out.ok();
  }

  private static void authenticate(CommandContext ctx, String user, String password) {
    String wanted = ctx.server().config().requirepass.get();
    boolean right =
        user.equals(Session.DEFAULT_USER)
            && (wanted.isEmpty() || ClientNames.sameSecret(wanted, password));
    if (!right) {
      throw WRONG_PASSWORD;
    }
    ctx.session().user(user);
    ctx.connection().authenticated(true);
  }

  private static void reset(CommandContext ctx, Args args, RespWriter out) {
    Transactions.end(ctx.session());
    ctx.server().pubsub().subscriptions(ctx.connection()).end();
    Tracker tracker = ctx.session().tracker();
    if (tracker != null) {
      tracker.stop();
    }
    ctx.session().reset();
    ctx.server().dispatcher().monitors().remove(ctx.connection());
    ctx.connection().authenticated(ctx.server().config().requirepass.get().isEmpty());
    out.resp3(false);
    out.simple("RESET");
  }

  private static void quit(CommandContext ctx, Args args, RespWriter out) {
    ctx.session().closeAfterThisReply();
    out.ok();
  }

  private static void time(CommandContext ctx, Args args, RespWriter out) {
    long micros = ctx.server().clock().nowMicros();
    out.array(2);
    out.bulk(micros / 1_000_000);
    out.bulk(micros % 1_000_000);
  }

  private static void requireCluster(CommandContext ctx) {
    if (!ctx.server().config().clusterEnabled.get()) {
      throw CommandError.NO_CLUSTER;
    }
  }

  private static void asking(CommandContext ctx, Args args, RespWriter out) {
    requireCluster(ctx);
    ctx.session().asking(true);
    out.ok();
  }

  private static void readOnly(CommandContext ctx, Args args, RespWriter out) {
    requireCluster(ctx);
    ctx.session().readonly(true);
    out.ok();
  }

  private static void readWrite(CommandContext ctx, Args args, RespWriter out) {
    requireCluster(ctx);
    ctx.session().readonly(false);
    out.ok();
  }
}
