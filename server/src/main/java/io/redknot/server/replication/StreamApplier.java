package io.redknot.server.replication;

import io.netty.buffer.ByteBuf;
import io.redknot.protocol.Args;
import io.redknot.protocol.RespParser;
import io.redknot.server.dispatch.ClientPause;
import io.redknot.server.dispatch.ReplayClient;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes the stream of a primary, and hands its bytes on as they are: to the backlog, and from
 * there to this node's own replicas.
 *
 * <pre>
 *   buffer:  | done | executed | kept for EXEC or for its rest |
 *            0      applied    parsed                          end
 * </pre>
 *
 * What is inside of a transaction counts when its EXEC has been executed. While CLIENT PAUSE holds
 * clients back, the stream is too, as Redis does: nothing of it is executed. On the link's event
 * loop.
 */
final class StreamApplier {
  private static final Logger LOG = LoggerFactory.getLogger(StreamApplier.class);
  private static final int BUFFER_BYTES = 16 * 1024;
  private static final int KEPT_BYTES_MAX = 1024 * 1024;

  /** Redis limits neither the length nor the number of what its primary sends. */
  private static final long BULK_BYTES_MAX = Integer.MAX_VALUE;

  private final Replication replication;
  private final ReplayClient client;
  private final ClientPause pause;
  private final Args args = new Args();
  private final RespParser parser = new RespParser(args);
  private byte[] buffer = new byte[BUFFER_BYTES];
  private int applied;
  private int parsed;
  private int end;
  private boolean ackWanted;
  private boolean held;

  /** Where GETACK asked: before it, as it is not executed then. */
  private long ackOffset;

  StreamApplier(Replication replication, ReplayClient client, ClientPause pause) {
    this.replication = replication;
    this.client = client;
    this.pause = pause;
    parser.limitBulkBytes(BULK_BYTES_MAX);
    parser.authenticated(true);
  }

  /** The database that the stream has selected. */
  int database() {
    return client.session().db();
  }

  /** Whether something is not executed because clients are paused. */
  boolean isHeld() {
    return held;
  }

  /** Bytes that are here and not applied. */
  int pendingBytes() {
    return end - applied;
  }

  /**
   * Takes bytes and executes what is complete; nothing of the primary is half done meanwhile.
   *
   * @return false where they violate the grammar
   */
  boolean accept(ByteBuf in) {
    int length = in.readableBytes();
    reserve(length);
    in.readBytes(buffer, end, length);
    end += length;
    boolean ok = execute();
    int done = applied;
    System.arraycopy(buffer, done, buffer, 0, end - done);
    applied = 0;
    parsed -= done;
    end -= done;
    if (end == 0 && buffer.length > KEPT_BYTES_MAX) {
      buffer = new byte[BUFFER_BYTES];
    }
    return ok;
  }

  private void reserve(int more) {
    if (buffer.length - end < more) {
      long wanted = Math.max(2L * buffer.length, (long) end + more);
      buffer = Arrays.copyOf(buffer, (int) Math.min(wanted, Integer.MAX_VALUE - 16));
    }
  }

  private boolean execute() {
    int from = applied;
    boolean ok = true;
    boolean more = true;
    held = false;
    while (more && parsed < end) {
      RespParser.Outcome outcome = parser.parse(buffer, parsed, end);
      more = outcome != RespParser.Outcome.NEED_MORE && outcome != RespParser.Outcome.ERROR;
      if (outcome == RespParser.Outcome.ERROR) {
        LOG.warn("Protocol error from master: {}", parser.error());
        ok = false;
      }
      if (outcome == RespParser.Outcome.COMMAND) {
        held = !isOfLink() && pause.isFor(ClientPause.Purpose.CLIENT);
        more = !held;
        if (more) {
          executeOne(from);
        }
      }
      if (more) {
        parsed += parser.consumed();
        applied = client.inTransaction() ? applied : parsed;
      }
    }
    if (applied > from) {
      replication.backlog().append(buffer, from, applied - from);
    }
    return ok;
  }

  /** What keeps the link alive changes nothing. */
  private boolean isOfLink() {
    return args.is(0, "replconf") || args.is(0, "ping");
  }

  private void executeOne(int from) {
    if (args.is(0, "replconf")) {
      if (args.count() > 1 && args.is(1, "getack")) {
        ackWanted = true;
        ackOffset = replication.offset() + applied - from;
      }
      return;
    }
    String error = client.execute(args);
    if (error != null) {
      LOG.warn("A command of the master's stream ended in an error: {}: {}", args.text(0), error);
    }
  }

  /** Whether an acknowledgement is wanted at once; asks once. */
  boolean takeAckWanted() {
    boolean wanted = ackWanted;
    ackWanted = false;
    return wanted;
  }

  /** The offset that was reached when the acknowledgement was asked for. */
  long ackOffset() {
    return ackOffset;
  }
}
