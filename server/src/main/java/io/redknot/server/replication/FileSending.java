package io.redknot.server.replication;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a snapshot's file to a replica, piece by piece as its socket takes them. On its event loop.
 */
final class FileSending {
  private static final Logger LOG = LoggerFactory.getLogger(FileSending.class);
  private static final int PIECE_BYTES = 64 * 1024;

  private final ReplicaLink link;
  private final Channel channel;
  private final EventLoop loop;
  private final SnapshotFile file;
  private final Runnable onEnd;
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private long position;
  private boolean begun;
  private boolean over;

  /**
   * Uses the file until it ends, be the replica there or not.
   *
   * @param onEnd called when all is with the socket
   */
  FileSending(ReplicaLink link, SnapshotFile file, Runnable onEnd) {
    this.link = link;
    this.channel = link.connection().channel();
    this.loop = link.connection().eventLoop();
    this.file = file;
    this.onEnd = onEnd;
    file.use();
  }

  /** There is something to send, or the file has come to its end. Any thread. */
  void onMore() {
    if (!loop.isShuttingDown() && !scheduled.getAndSet(true)) {
      loop.execute(this::wake);
    }
  }

  private void wake() {
    scheduled.set(false);
    if (!begun) {
      begun = true;
      // What others have given to the socket may leave no room: this comes back when it is sent.
      channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> goOn());
    }
    goOn();
  }

  private void goOn() {
    if (over) {
      return;
    }
    try {
      // In this order: what is whole does not grow any more.
      SnapshotFile.State state = file.state();
      if (link.isClosed() || state == SnapshotFile.State.BROKEN) {
        end();
        return;
      }
      while (position < file.size() && link.inFlightBytes() < ReplicaLink.SNAPSHOT_BYTES_MAX) {
        sendPiece((int) Math.min(PIECE_BYTES, file.size() - position));
      }
      // What is sent at once comes back here, perhaps to the end.
      channel.flush();
      if (state == SnapshotFile.State.WHOLE && position == file.size() && !over) {
        end();
        onEnd.run();
      }
    } catch (IOException failure) {
      fail(failure);
    }
  }

  private void sendPiece(int length) throws IOException {
    ByteBuf piece = channel.alloc().directBuffer(length);
    int read = file.read(position, length, piece);
    if (read <= 0) {
      piece.release();
      throw new IOException("the file ends early");
    }
    position += read;
    link.write(piece).addListener(_ -> goOn());
  }

  private void end() throws IOException {
    over = true;
    file.close();
  }

  private void fail(IOException failure) {
    LOG.warn("Can't send the DB file to replica {}: {}", link, failure.toString());
    link.close();
    try {
      end();
    } catch (IOException alsoFailed) {
      LOG.debug("A file that cannot be closed: {}", alsoFailed.toString());
    }
  }
}
