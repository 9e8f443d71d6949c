package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.CONNECTION;
import static io.redknot.server.dispatch.CommandFlag.ADMIN;
import static io.redknot.server.dispatch.CommandFlag.LOADING;
import static io.redknot.server.dispatch.CommandFlag.NOSCRIPT;
import static io.redknot.server.dispatch.CommandFlag.STALE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.ClientPause;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandHandler;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.Refusals;
import io.redknot.server.net.ClientInfo;
import io.redknot.server.net.ClientKind;
import io.redknot.server.net.ConnectionHandler;
import io.redknot.server.net.PrimaryInfo;
import io.redknot.server.net.ReplyMode;
import io.redknot.server.net.Session;
import io.redknot.server.net.Suspension;
import io.redknot.server.replication.PrimaryLink;
import org.jspecify.annotations.Nullable;

/** CLIENT: what a connection says about itself, and what is done to others. */
public final class ClientCommands {
  private static final CommandError INVALID_ID = CommandError.of("ERR Invalid client ID");
  private static final CommandError BAD_UNBLOCK_REASON =
      CommandError.of("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
  private static final CommandError BAD_PAUSE_MODE =
      CommandError.of("ERR CLIENT PAUSE mode must be WRITE or ALL");
  private static final String UNBLOCKED = "UNBLOCKED client unblocked via CLIENT UNBLOCK";
  private static final String[] TO_ALL_NODES = {
    "request_policy:all_nodes", "response_policy:all_succeeded"
  };

  private ClientCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    CommandSpec client = table.container("client", -2);
    row(client, "id", 2, ClientCommands::id);
    row(client, "info", 2, ClientCommands::info).tips("nondeterministic_output");
    row(client, "list", -2, ClientCommands::list).flags(ADMIN).tips("nondeterministic_output");
    row(client, "kill", -3, ClientKillCommand::kill).flags(ADMIN);
    row(client, "setname", 3, ClientCommands::setName).tips(TO_ALL_NODES);
    row(client, "getname", 2, ClientCommands::getName);
    row(client, "setinfo", 4, ClientCommands::setInfo).tips(TO_ALL_NODES);
    row(client, "reply", 3, ClientCommands::reply);
    row(client, "no-evict", 3, ClientCommands::noEvict).flags(ADMIN);
    row(client, "no-touch", 3, ClientCommands::noTouch);
    row(client, "unblock", -3, ClientCommands::unblock).flags(ADMIN);
    row(client, "pause", -3, ClientCommands::pause).flags(ADMIN);
    row(client, "unpause", 2, ClientCommands::unpause).flags(ADMIN);
    TrackingCommands.addTo(client);
    client.sub("help", 2, ClientCommands::help).flags(LOADING, STALE).in(CONNECTION);
  }

  static CommandSpec row(CommandSpec client, String name, int arity, CommandHandler handler) {
    return client.sub(name, arity, handler).flags(NOSCRIPT, LOADING, STALE).in(CONNECTION);
  }

  private static void id(CommandContext ctx, Args args, RespWriter out) {
    out.integer(ctx.session().id());
  }

  private static void info(CommandContext ctx, Args args, RespWriter out) {
    StringBuilder line = new StringBuilder(400);
    ClientInfo.append(line, ctx.connection(), ctx.nowMs());
    out.verbatim("txt", line.toString());
  }

  private static void list(CommandContext ctx, Args args, RespWriter out) {
    if (args.count() == 2) {
      out.verbatim("txt", listKind(ctx, null));
    } else if (args.count() == 4 && args.is(2, "type")) {
      ClientKind kind = ClientKind.named(args.text(3));
      if (kind == null) {
        throw unknownType(args, 3);
      }
      out.verbatim("txt", listKind(ctx, kind));
    } else if (args.count() > 3 && args.is(2, "id")) {
      out.verbatim("txt", listIds(ctx, args));
    } else {
      throw CommandError.SYNTAX;
    }
  }

  private static String listKind(CommandContext ctx, @Nullable ClientKind kind) {
    String clients = ClientInfo.list(ctx.server().clients(), kind, ctx.nowMs());
    PrimaryLink link = ctx.server().replication().primary();
    boolean shown = link != null && (kind == null || kind == ClientKind.MASTER);
    return shown && link != null ? clients + PrimaryInfo.line(link, ctx.nowMs()) : clients;
  }

  private static String listIds(CommandContext ctx, Args args) {
    StringBuilder text = new StringBuilder();
    for (int i = 3; i < args.count(); i++) {
      if (!args.isLong(i)) {
        throw INVALID_ID;
      }
      ConnectionHandler client = ctx.server().clients().find(args.toLong(i));
      if (client != null) {
        ClientInfo.append(text, client, ctx.nowMs());
      }
    }
    return text.toString();
  }

  static CommandError unknownType(Args args, int index) {
    return CommandError.of("ERR Unknown client type '" + args.text(index) + "'");
  }

  private static void setName(CommandContext ctx, Args args, RespWriter out) {
    String name = args.text(2);
    ClientNames.check(name);
    ctx.session().name(name);
    out.ok();
  }

  private static void getName(CommandContext ctx, Args args, RespWriter out) {
    String name = ctx.session().name();
    out.bulkOrNull(name.isEmpty() ? null : name);
  }

  private static void setInfo(CommandContext ctx, Args args, RespWriter out) {
    boolean isName = args.is(2, "lib-name");
    if (!isName && !args.is(2, "lib-ver")) {
      throw CommandError.of("ERR Unrecognized option '" + args.text(2) + "'");
    }
    String value = args.text(3);
    if (!ClientNames.isPrintable(value)) {
      throw CommandError.of(
          "ERR "
              + (isName ? "lib-name" : "lib-ver")
              + " cannot contain spaces, newlines or special characters.");
    }
    if (isName) {
      ctx.session().libraryName(value);
    } else {
      ctx.session().libraryVersion(value);
    }
    out.ok();
  }

  private static void reply(CommandContext ctx, Args args, RespWriter out) {
    Session session = ctx.session();
    if (args.is(2, "on")) {
      session.replyMode(ReplyMode.ON);
      out.ok();
    } else if (args.is(2, "off")) {
      session.replyMode(ReplyMode.OFF);
    } else if (args.is(2, "skip")) {
      if (session.replyMode() != ReplyMode.OFF) {
        session.replyMode(ReplyMode.SKIP_NEXT);
      }
    } else {
      throw CommandError.SYNTAX;
    }
  }

  private static boolean onOff(Args args) {
    if (args.is(2, "on")) {
      return true;
    }
    if (args.is(2, "off")) {
      return false;
    }
    throw CommandError.SYNTAX;
  }

  private static void noEvict(CommandContext ctx, Args args, RespWriter out) {
    ctx.session().noEvict(onOff(args));
    out.ok();
  }

  private static void noTouch(CommandContext ctx, Args args, RespWriter out) {
    ctx.session().noTouch(onOff(args));
    out.ok();
  }

  private static void unblock(CommandContext ctx, Args args, RespWriter out) {
    boolean withError = false;
    if (args.count() == 4) {
      withError = args.is(3, "error");
      if (!withError && !args.is(3, "timeout")) {
        throw BAD_UNBLOCK_REASON;
      }
    } else if (args.count() > 4) {
      throw Refusals.subcommandSyntax(ctx.spec(), args);
    }
    if (!args.isLong(2)) {
      throw CommandError.NOT_INTEGER;
    }
    ConnectionHandler client = ctx.server().clients().find(args.toLong(2));
    Suspension waiting = client == null ? null : client.suspension();
    boolean ended =
        waiting != null && (withError ? waiting.unblockWithError(UNBLOCKED) : waiting.timeOut());
    out.integer(ended ? 1 : 0);
  }

  private static void pause(CommandContext ctx, Args args, RespWriter out) {
    boolean all = true;
    if (args.count() == 4) {
      all = args.is(3, "all");
      if (!all && !args.is(3, "write")) {
        throw BAD_PAUSE_MODE;
      }
    } else if (args.count() > 4) {
      throw Refusals.subcommandSyntax(ctx.spec(), args);
    }
    long untilMs = Timeouts.endMs(args, 2, ctx.nowMs());
    ClientPause pause = ctx.server().dispatcher().pause();
    pause.pause(ClientPause.Purpose.CLIENT, untilMs, all);
    ctx.server().expiryHold().follow(pause);
    out.ok();
  }

  private static void unpause(CommandContext ctx, Args args, RespWriter out) {
    ClientPause pause = ctx.server().dispatcher().pause();
    pause.unpause(ClientPause.Purpose.CLIENT);
    ctx.server().expiryHold().follow(pause);
    out.ok();
  }

  private static void help(CommandContext ctx, Args args, RespWriter out) {
    HelpReply.write(
        out,
        "CLIENT",
        "CACHING <YES|NO>",
        "    Remember, or do not, what the next command reads, with OPTIN or OPTOUT.",
        "GETREDIR",
        "    Show where invalidation messages of this connection go.",
        "GETNAME",
        "    Show the name of this connection.",
        "ID",
        "    Show the id of this connection.",
        "INFO",
        "    Describe this connection.",
        "KILL <ip:port>",
        "    Disconnect the client with that address.",
        "KILL <option> <value> [<option> <value> [...]]",
        "    Disconnect the clients to which all options apply: ADDR, LADDR, ID, TYPE, USER;",
        "    SKIPME no includes this one.",
        "LIST [TYPE <normal|master|replica|pubsub> | ID <id> [<id> ...]]",
        "    Describe all connections, or some.",
        "NO-EVICT <on|off>",
        "    Leave this connection out when clients are evicted.",
        "NO-TOUCH <on|off>",
        "    Let this connection read without renewing access times.",
        "PAUSE <timeout> [<WRITE|ALL>]",
        "    Hold commands back for so many milliseconds.",
        "REPLY <ON|OFF|SKIP>",
        "    Send replies, send none, or leave out the next.",
        "SETINFO <option> <value>",
        "    Tell the client library: LIB-NAME, LIB-VER.",
        "SETNAME <name>",
        "    Name this connection.",
        "TRACKING <ON|OFF> [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]",
        "         [OPTIN] [OPTOUT] [NOLOOP]",
        "    Be told when keys change that were read, or that begin with a prefix.",
        "TRACKINGINFO",
        "    Show how this connection tracks keys.",
        "UNBLOCK <id> [<TIMEOUT|ERROR>]",
        "    End the waiting of a client as if its time were over, or with an error.",
        "UNPAUSE",
        "    Let commands go on that PAUSE holds back.");
  }
}
