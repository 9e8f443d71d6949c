package io.redknot.server.net;

import io.redknot.protocol.RespWriter;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
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

  /** Goes on when a suspension has ended; on the connection's event loop. */
  @FunctionalInterface
  interface Ending {
    /** With the command's reply, or null where it is to be executed again. */
    void ended(Suspension suspension, @Nullable Reply reply);
  }

  private final ConnectionHandler connection;
  private final Ending goOn;
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile @Nullable Reply timeoutReply;
  private volatile boolean postponed;
  private volatile @Nullable Runnable onLeave;
  private volatile @Nullable BooleanSupplier decision;

  /** When it gives up, and its place among the {@link Deadlines}, -1: none. */
  long deadlineNanos;

  int deadlineIndex = -1;

  Suspension(ConnectionHandler connection, Ending goOn) {
    this.connection = connection;
    this.goOn = goOn;
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
      connection.loop().timeOutIn(this, timeoutMs);
    }
    return this;
  }

  /**
   * Names who decides whether the command may end before it is completed: it may not where another
   * thread is about to complete it. Asked on the event loop or on the thread that unblocks; also
   * when the client has gone, when the answer does not matter.
   */
  public Suspension decidedBy(BooleanSupplier decides) {
    decision = decides;
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

  /** Counts as blocked, although neither time nor CLIENT UNBLOCK ends it: CLIENT PAUSE. */
  public void postpone() {
    postponed = true;
  }

  /** Whether it counts as blocked. */
  public boolean isBlocked() {
    return (timeoutReply != null || postponed) && !ended.get();
  }

  /** Answers the command and lets the connection go on; false where it had ended already. */
  public boolean complete(Reply reply) {
    if (!ended.compareAndSet(false, true)) {
      return false;
    }
    connection.eventLoop().execute(() -> goOn.ended(this, reply));
    return true;
  }

  /**
   * As {@link #complete}, at once: only on the connection's event loop, and between commands. What
   * it has been handed since comes behind the reply.
   */
  public void completeHere(Reply reply) {
    if (ended.compareAndSet(false, true)) {
      goOn.ended(this, reply);
    }
  }

  /** Executes the request again from its start; false where it had ended already. */
  public boolean retry() {
    return retry(() -> {});
  }

  /**
   * As {@link #retry()}.
   *
   * @param then runs on the event loop when that has been done, and what the client has sent behind
   */
  public boolean retry(Runnable then) {
    if (!ended.compareAndSet(false, true)) {
      return false;
    }
    connection
        .eventLoop()
        .execute(
            () -> {
              try {
                goOn.ended(this, null);
              } finally {
                then.run();
              }
            });
    return true;
  }

  /** Whether this is its connection's event loop. */
  public boolean isOfThisLoop() {
    return connection.eventLoop().inEventLoop();
  }

  /**
   * As {@link #retry()}, at once: only on the connection's event loop, and between commands.
   *
   * @param onFailure runs where that fails
   */
  public void retryHere(Runnable onFailure) {
    if (!ended.compareAndSet(false, true)) {
      return;
    }
    boolean whole = false;
    try {
      goOn.ended(this, null);
      whole = true;
    } finally {
      if (!whole) {
        onFailure.run();
      }
    }
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

  /** Ends a blocked command with an error, and the connection behind it; false: not blocked. */
  public boolean disconnect(String text) {
    return timeoutReply != null
        && leave(
            out -> {
              out.error(text);
              connection.session().closeAfterThisReply();
            });
  }

  private boolean leave(Reply reply) {
    if (!mayLeave() || !complete(reply)) {
      return false;
    }
    left();
    return true;
  }

  private boolean mayLeave() {
    BooleanSupplier decides = decision;
    return decides == null || decides.getAsBoolean();
  }

  /** The connection is gone. */
  void abandon() {
    var _ = mayLeave();
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
