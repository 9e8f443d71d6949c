package io.redknot.server.dispatch;

import io.redknot.server.Server;
import io.redknot.server.net.ConnectionHandler;
import io.redknot.server.net.IoLoop;
import io.redknot.server.net.Session;
import io.redknot.server.net.Suspension;
import org.jspecify.annotations.Nullable;

/**
 * What a handler may reach: its connection, the keyspace under the lock, the server. One belongs to
 * each connection and is used again for every command.
 */
public final class CommandContext {
  private final Server server;
  private final IoLoop loop;
  private final ConnectionHandler connection;
  private final Session session;
  private @Nullable CommandSpec spec;

  public CommandContext(Server server, IoLoop loop, ConnectionHandler connection) {
    this.server = server;
    this.loop = loop;
    this.connection = connection;
    this.session = connection.session();
  }

  void begin(CommandSpec running) {
    spec = running;
  }

  /** The server. */
  public Server server() {
    return server;
  }

  /** The client's connection. */
  public ConnectionHandler connection() {
    return connection;
  }

  /** What the client has chosen for its connection. */
  public Session session() {
    return session;
  }

  /** The command's row; that of the subcommand where there is one. */
  public CommandSpec spec() {
    CommandSpec running = spec;
    if (running == null) {
      throw new IllegalStateException("no command is running");
    }
    return running;
  }

  /** The time at which the command runs, in milliseconds since 1970. */
  public long nowMs() {
    return loop.nowMs();
  }

  IoLoop loop() {
    return loop;
  }

  /**
   * Leaves the command unanswered for now; the handler then writes no reply. No further request of
   * the connection is executed until the suspension ends.
   */
  public Suspension suspend() {
    return connection.suspend();
  }
}
