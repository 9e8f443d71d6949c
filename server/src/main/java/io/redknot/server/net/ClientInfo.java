package io.redknot.server.net;

import io.redknot.server.dispatch.CommandSpec;
import org.jspecify.annotations.Nullable;

/** The line by which CLIENT LIST and CLIENT INFO describe a client. */
public final class ClientInfo {
  /** What a connection costs beyond its buffers, in bytes: an estimate. */
  private static final int CONNECTION_BYTES = 2500;

  private ClientInfo() {}

  /** Appends the line, with its line feed. */
  public static void append(StringBuilder line, ConnectionHandler client, long nowMs) {
    Session session = client.session();
    PeerAddress peer = session.peer();
    line.append("id=").append(session.id());
    line.append(" addr=").append(peer.remote());
    line.append(" laddr=").append(peer.local());
    line.append(" fd=").append(peer.descriptor());
    line.append(" name=").append(session.name());
    line.append(" age=").append(seconds(nowMs - session.createdMs()));
    line.append(" idle=").append(seconds(nowMs - session.lastInteractionMs()));
    line.append(" flags=");
    appendFlags(line, client);
    line.append(" db=").append(session.db());
    line.append(" sub=0 psub=0 ssub=0 multi=-1");
    appendMemory(line, client);
    CommandSpec last = session.lastCommand();
    line.append(" cmd=").append(last == null ? "NULL" : last.name());
    line.append(" user=").append(session.user());
    line.append(" redir=-1 resp=").append(session.resp3() ? 3 : 2);
    line.append(" lib-name=").append(session.libraryName());
    line.append(" lib-ver=").append(session.libraryVersion());
    line.append('\n');
  }

  private static long seconds(long ms) {
    return Math.max(0, ms / 1000);
  }

  private static void appendMemory(StringBuilder line, ConnectionHandler client) {
    long input = client.queryBufferBytes();
    long output = client.outputBufferBytes();
    long arguments = client.argumentBytes();
    line.append(" qbuf=").append(input);
    line.append(" qbuf-free=0 argv-mem=").append(arguments);
    line.append(" multi-mem=0 rbs=0 rbp=0 obl=0 oll=").append(output > 0 ? 1 : 0);
    line.append(" omem=").append(output);
    line.append(" tot-mem=").append(CONNECTION_BYTES + input + output + arguments);
    line.append(output > 0 ? " events=rw" : " events=r");
  }

  private static void appendFlags(StringBuilder line, ConnectionHandler client) {
    int start = line.length();
    Session session = client.session();
    switch (session.kind()) {
      case REPLICA -> line.append('S');
      case MASTER -> line.append('M');
      case PUBSUB -> line.append('P');
      case NORMAL -> {}
    }
    append(line, 'O', session.monitoring());
    Suspension suspension = client.suspension();
    append(line, 'b', suspension != null && suspension.isBlocked());
    append(line, 'c', session.closeAfterReply());
    append(line, 'A', client.isKilled());
    append(line, 'U', session.peer().unix());
    append(line, 'r', session.readonly());
    append(line, 'e', session.noEvict());
    append(line, 'T', session.noTouch());
    append(line, 'N', line.length() == start);
  }

  private static void append(StringBuilder line, char flag, boolean holds) {
    if (holds) {
      line.append(flag);
    }
  }

  /** The lines of several clients; null stands for all kinds. */
  public static String list(ClientRegistry clients, @Nullable ClientKind kind, long nowMs) {
    StringBuilder text = new StringBuilder();
    for (ConnectionHandler client : clients.all()) {
      if (kind == null || client.session().kind() == kind) {
        append(text, client, nowMs);
      }
    }
    return text.toString();
  }
}
