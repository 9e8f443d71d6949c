package io.redknot.server.replication;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.redknot.server.dispatch.ClientPause;
import io.redknot.server.net.PeerAddress;
import io.redknot.server.net.ReadAhead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a primary: says who this is, asks for the stream, takes the data set where that
 * comes first, and then the stream. On the link's event loop.
 */
final class PrimaryConnection extends ChannelInboundHandlerAdapter {
  private static final int LINE_BYTES_MAX = 1024;

  /** What the primary's next bytes are. */
  private enum Phase {
    PONG,
    AUTH,
    OPTION,
    SYNC_REPLY,
    SNAPSHOT_HEAD,
    SNAPSHOT,
    LOADING,
    STREAM
  }

  private final PrimaryLink link;
  private final Channel channel;
  private final Queue<Phase> phases = new ArrayDeque<>();
  private final StringBuilder line = new StringBuilder();
  private Phase phase = Phase.PONG;
  private @Nullable SnapshotReceiver receiver;
  private @Nullable StreamApplier applier;

  /** What came with the end of a snapshot, for when it is loaded. */
  private ByteBuf behind = Unpooled.EMPTY_BUFFER;

  private boolean closed;

  /** {@link #goOn} is to come. */
  private boolean held;

  private final Runnable whenClientsGoOn;

  /** What holds this back has {@link #whenClientsGoOn}; null: nothing. */
  private @Nullable ClientPause heldBy;

  PrimaryConnection(PrimaryLink link, Channel channel) {
    this.link = link;
    this.channel = channel;
    this.whenClientsGoOn = () -> channel.eventLoop().execute(this::goOn);
  }

  @Nullable SnapshotReceiver receiver() {
    return receiver;
  }

  @Nullable StreamApplier applier() {
    return applier;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    link.onConnected(PeerAddress.tcp(channel.remoteAddress(), channel.localAddress(), -1));
    send("PING");
  }

  /** Sends a command. */
  void send(String... words) {
    StringBuilder text = new StringBuilder("*").append(words.length).append("\r\n");
    for (String word : words) {
      text.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
    }
    sendRaw(text.toString());
  }

  private void sendRaw(String bytes) {
    var _ =
        channel.writeAndFlush(Unpooled.wrappedBuffer(bytes.getBytes(StandardCharsets.ISO_8859_1)));
  }

  /** Shows the primary that its replica lives, while it loads. */
  void sendNewLine() {
    sendRaw("\n");
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    link.onBytes(in.readableBytes());
    try {
      take(in);
    } finally {
      in.release();
    }
  }

  private void take(ByteBuf in) {
    while (in.isReadable() && !closed) {
      switch (phase) {
        case SNAPSHOT -> takeSnapshot(in);
        case LOADING -> keepBehind(in);
        case STREAM -> takeStream(in);
        default -> {
          if (!readLine(in)) {
            return;
          }
          String complete = line.toString();
          line.setLength(0);
          onLine(complete);
        }
      }
    }
  }

  private void keepBehind(ByteBuf in) {
    if (behind.capacity() == 0) {
      behind = channel.alloc().buffer(in.readableBytes());
    }
    behind.writeBytes(in);
  }

  /** Collects a line without its end; false where its end is not here yet. */
  private boolean readLine(ByteBuf in) {
    while (in.isReadable()) {
      char next = (char) in.readUnsignedByte();
      if (next == '\n') {
        int last = line.length() - 1;
        if (last >= 0 && line.charAt(last) == '\r') {
          line.setLength(last);
        }
        return true;
      }
      if (line.length() == LINE_BYTES_MAX) {
        link.fail("the master sent a line that is too long");
        return false;
      }
      line.append(next);
    }
    return false;
  }

  private void onLine(String text) {
    switch (phase) {
      case PONG -> onPong(text);
      case AUTH -> {
        if (text.startsWith("-")) {
          link.fail("Unable to AUTH to MASTER: " + text);
        } else {
          nextPhase();
        }
      }
      case OPTION -> {
        link.onOption(text);
        nextPhase();
      }
      case SYNC_REPLY -> onSyncReply(text);
      case SNAPSHOT_HEAD -> onSnapshotHead(text);
      default -> throw new IllegalStateException("no line belongs here");
    }
  }

  private void onPong(String text) {
    boolean fine =
        text.startsWith("+")
            || text.startsWith("-NOAUTH")
            || text.startsWith("-NOPERM")
            || text.startsWith("-ERR operation not permitted");
    if (!fine) {
      link.fail("Error reply to PING from master: '" + text + "'");
      return;
    }
    List<String> password = link.credentials();
    if (!password.isEmpty()) {
      send(password.toArray(String[]::new));
      phases.add(Phase.AUTH);
    }
    for (List<String> option : link.options()) {
      send(option.toArray(String[]::new));
      phases.add(Phase.OPTION);
    }
    nextPhase();
  }

  private void nextPhase() {
    Phase next = phases.poll();
    if (next == null) {
      send(link.request().toArray(String[]::new));
      next = Phase.SYNC_REPLY;
    }
    phase = next;
  }

  private void onSyncReply(String text) {
    if (text.isEmpty()) {
      return;
    }
    String[] words = text.split(" ", -1);
    if (words[0].equals("+FULLRESYNC")) {
      link.onFullSync(words);
      phase = Phase.SNAPSHOT_HEAD;
    } else if (words[0].equals("+CONTINUE")) {
      phase = Phase.STREAM;
      applier = link.onContinue(words.length > 1 ? words[1] : null);
    } else if (text.startsWith("-NOMASTERLINK") || text.startsWith("-LOADING")) {
      link.fail("Master is currently unable to PSYNC but should be in the future: " + text);
    } else {
      link.onRefusal(text);
      sendRaw("SYNC\r\n");
      phase = Phase.SNAPSHOT_HEAD;
    }
  }

  private void onSnapshotHead(String text) {
    if (text.isEmpty()) {
      return;
    }
    if (text.startsWith("-")) {
      link.fail("MASTER aborted replication with an error: " + text.substring(1));
      return;
    }
    SnapshotReceiver made = receiver(text, new BytePipe(this::resumeReading));
    if (made == null) {
      link.fail("Bad protocol from MASTER, the first byte is not '$': " + text);
    }
  }

  private @Nullable SnapshotReceiver receiver(String head, BytePipe pipe) {
    SnapshotReceiver made = null;
    if (head.startsWith("$EOF:") && SnapshotReceiver.isMark(head.substring(5))) {
      made = SnapshotReceiver.upToMark(pipe, head.substring(5));
    } else if (head.matches("\\$[0-9]{1,18}")) {
      made = SnapshotReceiver.ofLength(pipe, Long.parseLong(head.substring(1)));
    }
    if (made != null) {
      receiver = made;
      phase = Phase.SNAPSHOT;
      link.onSnapshot(made, pipe);
    }
    return made;
  }

  private void resumeReading() {
    channel
        .eventLoop()
        .execute(
            () -> {
              // While it is loaded, what follows stays with the primary.
              if (phase == Phase.SNAPSHOT) {
                channel.config().setAutoRead(true);
              }
            });
  }

  private void takeSnapshot(ByteBuf in) {
    SnapshotReceiver current = receiver;
    if (current == null) {
      throw new IllegalStateException("no snapshot has begun");
    }
    switch (current.accept(in)) {
      case MORE -> {}
      case PAUSE -> channel.config().setAutoRead(false);
      case COMPLETE -> {
        phase = Phase.LOADING;
        channel.config().setAutoRead(false);
        link.onSnapshotComplete();
      }
    }
  }

  /** The data set is loaded: the stream goes on from there. */
  void stream(StreamApplier by) {
    applier = by;
    phase = Phase.STREAM;
    ByteBuf waiting = behind;
    behind = Unpooled.EMPTY_BUFFER;
    try {
      take(waiting);
    } finally {
      waiting.release();
    }
    if (!closed) {
      channel.config().setAutoRead(true);
    }
  }

  /** Nothing more is executed until clients go on; what comes is kept, up to a limit. */
  void hold(ClientPause pause) {
    StreamApplier current = applier;
    if (current != null && current.pendingBytes() > ReadAhead.BYTES_MAX) {
      channel.config().setAutoRead(false);
    }
    if (!held) {
      held = true;
      if (pause.whenClientsGoOn(whenClientsGoOn)) {
        heldBy = pause;
      } else {
        whenClientsGoOn.run();
      }
    }
  }

  private void goOn() {
    held = false;
    heldBy = null;
    if (!closed) {
      takeStream(Unpooled.EMPTY_BUFFER);
      channel.config().setAutoRead(true);
    }
  }

  private void takeStream(ByteBuf in) {
    StreamApplier current = applier;
    if (current == null) {
      throw new IllegalStateException("no stream has begun");
    }
    link.apply(current, in);
  }

  void close() {
    closed = true;
    var _ = channel.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (heldBy != null) {
      heldBy.forget(whenClientsGoOn);
    }
    behind.release();
    behind = Unpooled.EMPTY_BUFFER;
    if (!closed) {
      closed = true;
      link.onClosed();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    link.fail(cause.toString());
  }
}
