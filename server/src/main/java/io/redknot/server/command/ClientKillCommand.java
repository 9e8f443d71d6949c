package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.net.ClientKind;
import io.redknot.server.net.ConnectionHandler;
import io.redknot.server.net.Session;
import io.redknot.server.replication.PrimaryLink;
import org.jspecify.annotations.Nullable;

/** CLIENT KILL: a filter over the clients, and the end of those that pass. */
final class ClientKillCommand {
  private static final CommandError NO_SUCH_CLIENT = CommandError.of("ERR No such client");
  private static final CommandError BAD_ID =
      CommandError.of("ERR client-id should be greater than 0");

  private long id;
  private @Nullable ClientKind kind;
  private @Nullable String address;
  private @Nullable String localAddress;
  private @Nullable String user;
  private boolean skipMe = true;

  private ClientKillCommand() {}

  static void kill(CommandContext ctx, Args args, RespWriter out) {
    ClientKillCommand filter = new ClientKillCommand();
    if (args.count() == 3) {
      filter.address = args.text(2);
      filter.skipMe = false;
    } else {
      filter.parse(args);
    }
    int killed = filter.run(ctx);
    if (args.count() > 3) {
      out.integer(killed);
    } else if (killed == 0) {
      throw NO_SUCH_CLIENT;
    } else {
      out.ok();
    }
  }

  private void parse(Args args) {
    for (int i = 2; i < args.count(); i += 2) {
      if (i + 1 == args.count()) {
        throw CommandError.SYNTAX;
      }
      option(args, i, i + 1);
    }
  }

  private void option(Args args, int name, int value) {
    if (args.is(name, "id")) {
      if (!args.isLong(value) || args.toLong(value) < 1) {
        throw BAD_ID;
      }
      id = args.toLong(value);
    } else if (args.is(name, "type")) {
      kind = ClientKind.named(args.text(value));
      if (kind == null) {
        throw ClientCommands.unknownType(args, value);
      }
    } else if (args.is(name, "addr")) {
      address = args.text(value);
    } else if (args.is(name, "laddr")) {
      localAddress = args.text(value);
    } else if (args.is(name, "user")) {
      user = args.text(value);
      if (!user.equals(Session.DEFAULT_USER)) {
        throw CommandError.of("ERR No such user '" + user + "'");
      }
    } else if (args.is(name, "skipme") && (args.is(value, "yes") || args.is(value, "no"))) {
      skipMe = args.is(value, "yes");
    } else {
      throw CommandError.SYNTAX;
    }
  }

  private int run(CommandContext ctx) {
    int killed = 0;
    for (ConnectionHandler client : ctx.server().clients().all()) {
      boolean isMe = client == ctx.connection();
      if (!passes(client.session()) || (isMe && skipMe)) {
        continue;
      }
      killed++;
      if (isMe) {
        ctx.session().closeAfterThisReply();
      } else {
        client.kill();
      }
    }
    return killed + killPrimary(ctx);
  }

  /** The connection to the primary is a client; it comes back by itself. */
  private int killPrimary(CommandContext ctx) {
    PrimaryLink link = ctx.server().replication().primary();
    boolean meant =
        link != null
            && link.isUp()
            && (id == 0 || link.clientId() == id)
            && (kind == null || kind == ClientKind.MASTER)
            && (address == null || link.address().equals(address))
            && (localAddress == null || link.localAddress().equals(localAddress));
    if (meant && link != null) {
      link.cut();
      return 1;
    }
    return 0;
  }

  private boolean passes(Session client) {
    return (id == 0 || client.id() == id)
        && (kind == null || client.kind() == kind)
        && (address == null || client.peer().remote().equals(address))
        && (localAddress == null || client.peer().local().equals(localAddress))
        && (user == null || client.user().equals(user));
  }
}
