package io.redknot.server.net;

import io.redknot.protocol.RespWriter;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A command that has not been answered yet. Until it is, no further request of its connection is
 * executed.
 *
 * <p>Any thread may end it, and only the first end counts. What follows happens on the connection's
 * event loop.
 */
public final class Suspension {
  /** Writes the reply, in the protocol version that the client has chosen. */
  @FunctionalInterface
  public interface Reply {
    void write(RespWriter out);
  }

  private final ConnectionHandler connection;
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile @Nullable Reply timeoutReply;
  private volatile @Nullable Runnable onLeave;

  Suspension(ConnectionHandler connection) {
    this.connection = connection;
  }

  /**
   * Makes this a blocked command: CLIENT LIST shows the client as blocked, CLIENT UNBLOCK ends it,
   * and so does the time.
   *
   * @param timeoutMs 0 for no end
   * @param reply what a client gets whose time is over
   */
  public Suspension block(long timeoutMs, Reply reply) {
    timeoutReply = reply;
    if (timeoutMs > 0) {
      var unused = connection.eventLoop().schedule(this::timeOut, timeoutMs, TimeUnit.MILLISECONDS);
    }
    return this;
  }

  /**
   * Names what is to be done when the client goes away or is unblocked from outside: giving up its
   * place among the waiting. Runs on the connection's event loop or on the thread that unblocks.
   */
  public Suspension onLeave(Runnable action) {
    onLeave = action;
    return this;
  }

  /** Whether it counts as blocked. */
  public boolean isBlocked() {
    return timeoutReply != null && !ended.get();
  }

  /** Answers the command and lets the connection go on; false where it had ended already. */
  public boolean complete(Reply reply) {
    if (!ended.compareAndSet(false, true)) {
      return false;
    }
    connection.eventLoop().execute(() -> connection.resume(this, reply));
    return true;
  }

  /** Executes the request again from its start; false where it had ended already. */
  public boolean retry() {
    if (!ended.compareAndSet(false, true)) {
      return false;
    }
    connection.eventLoop().execute(() -> connection.resume(this, null));
    return true;
  }

  /** Ends a blocked command with the reply of its timeout; false where it is not blocked. */
  public boolean timeOut() {
    Reply reply = timeoutReply;
    return reply != null && leave(reply);
  }

  /** Ends a blocked command with an error; false where it is not blocked. */
  public boolean unblockWithError(String text) {
    return timeoutReply != null && leave(out -> out.error(text));
  }

  private boolean leave(Reply reply) {
    if (!complete(reply)) {
      return false;
    }
    left();
    return true;
  }

  /** The connection is gone. */
  void abandon() {
    if (ended.compareAndSet(false, true)) {
      left();
    }
  }

  private void left() {
    Runnable action = onLeave;
    if (action != null) {
      action.run();
    }
  }
}
