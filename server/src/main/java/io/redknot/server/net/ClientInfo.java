package io.redknot.server.net;

import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.Transaction;
import io.redknot.server.pubsub.Kind;
import io.redknot.server.pubsub.Subscriptions;
import io.redknot.server.signal.KeyWatch;
import io.redknot.server.tracking.Tracker;
import io.redknot.server.tracking.TrackingMode;
import org.jspecify.annotations.Nullable;

/** The line by which CLIENT LIST and CLIENT INFO describe a client. */
public final class ClientInfo {
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
    Transaction queued = session.transaction();
    line.append(" sub=").append(subscriptionCount(session, Kind.CHANNEL));
    line.append(" psub=").append(subscriptionCount(session, Kind.PATTERN));
    line.append(" ssub=").append(subscriptionCount(session, Kind.SHARD));
    line.append(" multi=").append(queued == null ? -1 : queued.count());
    appendMemory(line, client);
    CommandSpec last = session.lastCommand();
    line.append(" cmd=").append(last == null ? "NULL" : last.name());
    line.append(" user=").append(session.user());
    line.append(" redir=").append(redirect(session));
    line.append(" resp=").append(session.resp3() ? 3 : 2);
    line.append(" lib-name=").append(session.libraryName());
    line.append(" lib-ver=").append(session.libraryVersion());
    line.append('\n');
  }

  private static int subscriptionCount(Session session, Kind kind) {
    Subscriptions all = session.subscriptions();
    return all == null ? 0 : all.count(kind);
  }

  /** The client that is told of changed keys; 0: this one, -1: nobody. */
  public static long redirect(Session session) {
    Tracker tracker = session.tracker();
    TrackingMode tracked = tracker == null ? null : tracker.mode();
    return tracked == null ? -1 : tracked.redirect();
  }

  private static long seconds(long ms) {
    return Math.max(0, ms / 1000);
  }

  private static void appendMemory(StringBuilder line, ConnectionHandler client) {
    ClientMemory memory = client.memory();
    line.append(" qbuf=").append(memory.queryBytes());
    line.append(" qbuf-free=").append(memory.queryRoomBytes());
    line.append(" argv-mem=").append(memory.argumentBytes());
    line.append(" multi-mem=").append(memory.transactionBytes());
    // Replies are collected in a buffer of the event loop: the client has none of its own.
    line.append(" rbs=0 rbp=0 obl=0 oll=").append(memory.outputPieces());
    line.append(" omem=").append(memory.outputBytes());
    line.append(" tot-mem=").append(memory.totalBytes());
    line.append(memory.outputPieces() > 0 ? " events=rw" : " events=r");
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
    append(line, 'x', session.transaction() != null);
    Suspension suspension = client.suspension();
    append(line, 'b', suspension != null && suspension.isBlocked());
    KeyWatch watch = session.watch();
    Tracker tracker = session.tracker();
    TrackingMode tracked = tracker == null ? null : tracker.mode();
    append(line, 't', tracked != null);
    append(line, 'R', tracker != null && tracker.isRedirectBroken());
    append(line, 'B', tracked != null && tracked.broadcast());
    append(line, 'd', watch != null && watch.isTouched());
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
