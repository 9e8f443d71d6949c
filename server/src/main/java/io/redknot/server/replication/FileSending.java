package io.redknot.server.replication;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.io.IOException;
import java.nio.channels.FileChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends a file to a replica, piece by piece as its socket takes them. On its event loop. */
final class FileSending {
  private static final Logger LOG = LoggerFactory.getLogger(FileSending.class);
  private static final int PIECE_BYTES = 64 * 1024;

  private final ReplicaLink link;
  private final Channel channel;
  private final FileChannel file;
  private final Runnable onEnd;
  private long size;
  private long position;
  private boolean over;

  /** Closes the file at the end, be the replica there or not. */
  FileSending(ReplicaLink link, FileChannel file, Runnable onEnd) {
    this.link = link;
    this.channel = link.connection().channel();
    this.file = file;
    this.onEnd = onEnd;
  }

  /** Any thread. */
  void start() {
    link.connection().eventLoop().execute(this::begin);
  }

  private void begin() {
    try {
      size = file.size();
    } catch (IOException failure) {
      fail(failure);
      return;
    }
    link.send("$" + size + "\r\n");
    goOn();
  }

  private void goOn() {
    if (over) {
      return;
    }
    try {
      if (link.isClosed()) {
        end();
        return;
      }
      while (position < size && link.inFlightBytes() < ReplicaLink.SNAPSHOT_BYTES_MAX) {
        sendPiece((int) Math.min(PIECE_BYTES, size - position));
      }
      // What is sent at once comes back here, perhaps to the end.
      channel.flush();
      if (position == size && !over) {
        end();
        onEnd.run();
      }
    } catch (IOException failure) {
      fail(failure);
    }
  }

  private void sendPiece(int length) throws IOException {
    ByteBuf piece = channel.alloc().directBuffer(length);
    int read = piece.writeBytes(file, position, length);
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
    over = true;
    link.close();
    try {
      file.close();
    } catch (IOException alsoFailed) {
      LOG.debug("A file that cannot be closed: {}", alsoFailed.toString());
    }
  }
}
