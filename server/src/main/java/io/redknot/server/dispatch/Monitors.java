package io.redknot.server.dispatch;

import io.redknot.protocol.Args;
import io.redknot.server.config.ConfigWords;
import io.redknot.server.net.ConnectionHandler;
import io.redknot.server.net.Session;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The clients that watch all commands (MONITOR). Any thread may use it.
 *
 * <p>A command is shown after it has run, as a status line: {@code 1700000000.000001 [0
 * 127.0.0.1:5000] "set" "k" "v"}, with the time in seconds since 1970 and the client's database and
 * address.
 */
public final class Monitors {
  private static final long HIDDEN = CommandFlag.ADMIN.bit() | CommandFlag.SKIP_MONITOR.bit();

  private final List<ConnectionHandler> watching = new CopyOnWriteArrayList<>();

  /** The client watches from now on; false where it did already. Its event loop only. */
  public boolean add(ConnectionHandler client) {
    if (client.session().monitoring()) {
      return false;
    }
    client.session().monitoring(true);
    watching.add(client);
    return true;
  }

  /** The client watches no longer, if it did. Its event loop only. */
  public void remove(ConnectionHandler client) {
    if (client.session().monitoring()) {
      client.session().monitoring(false);
      watching.remove(client);
    }
  }

  /** Shows a command that has run, unless it is one for administrators. */
  void show(CommandContext ctx, CommandSpec spec, Args args) {
    if (watching.isEmpty() || (spec.flagBits() & HIDDEN) != 0) {
      return;
    }
    byte[] line = line(ctx, args).getBytes(StandardCharsets.ISO_8859_1);
    for (ConnectionHandler client : watching) {
      client.push(line);
    }
  }

  private static String line(CommandContext ctx, Args args) {
    Session session = ctx.session();
    long micros = ctx.server().clock().nowMicros();
    StringBuilder line = new StringBuilder("+").append(micros / 1_000_000).append('.');
    String fraction = Long.toString(micros % 1_000_000);
    line.repeat('0', 6 - fraction.length()).append(fraction);
    line.append(" [").append(session.db()).append(' ');
    if (session.peer().unix()) {
      line.append("unix:").append(ctx.server().config().unixsocket.get());
    } else {
      line.append(session.peer().remote());
    }
    line.append(']');
    BitSet redacted = ctx.redacted();
    for (int i = 0; i < args.count(); i++) {
      String shown = redacted.get(i) ? "(redacted)" : args.text(i);
      line.append(' ').append(ConfigWords.quote(shown));
    }
    return line.append("\r\n").toString();
  }
}
