package io.redknot.server.replication;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.redknot.server.Server;
import io.redknot.server.config.ReplicaSource;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.dispatch.ReplayClient;
import io.redknot.server.net.ChannelSecurity;
import io.redknot.server.net.Outgoing;
import io.redknot.server.net.PeerAddress;
import io.redknot.server.net.Session;
import io.redknot.server.net.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The primary as its replica sees it: connects, again and again if need be, and keeps the data set
 * of this node the same as the primary's.
 *
 * <p>Everything happens on one event loop, except for loading. What others may ask is volatile.
 */
public final class PrimaryLink {
  private static final Logger LOG = LoggerFactory.getLogger(PrimaryLink.class);

  /** How far the link is; the names are those of ROLE. */
  public enum State {
    CONNECT,
    CONNECTING,
    HANDSHAKE,
    SYNC,
    CONNECTED
  }

  private static final int OFFSET_WORD = 2;

  private final Server server;
  private final ServerConfig config;
  private final Replication replication;
  private final ReplicaSource source;
  private final EventLoop loop;
  private volatile State state = State.CONNECT;
  private volatile @Nullable PrimaryConnection connection;
  private volatile @Nullable FullLoad load;

  /** Whether another primary, or none, has taken this one's place. */
  private volatile boolean ended;

  /** What made this node follow that primary; null: somebody did, or it is done. */
  private volatile @Nullable Failover failover;

  private volatile long lastIoMs;
  private volatile long upSinceMs;
  private volatile long clientId;
  private volatile String address = "";
  private volatile String localAddress = "";
  private volatile long downSinceMs;

  /** Whether the data set is that of the history's id and offset, so that it can be continued. */
  private volatile boolean known;

  /** The database that the stream had selected. */
  private volatile int database;

  // Of a full synchronization; the event loop's own.
  private String newId = ReplicationId.NONE;
  private long newOffset;
  private boolean withAcks = true;

  private FsyncedOffset fsynced;

  /**
   * A link that has not started.
   *
   * @param known whether this node's data set may be continued by that primary
   * @param database that this node's stream had selected last
   */
  PrimaryLink(Server server, ReplicaSource source, boolean known, int database) {
    this.server = server;
    this.config = server.config();
    this.replication = server.replication();
    this.source = source;
    this.known = known;
    this.database = Math.max(0, database);
    this.loop = server.listener().anyLoop();
    this.fsynced = new FsyncedOffset(server.persister().appendOnly());
  }

  /** Whom it is to follow. */
  public ReplicaSource source() {
    return source;
  }

  public State state() {
    return state;
  }

  /** Whether the data set follows the primary's. */
  public boolean isUp() {
    return state == State.CONNECTED;
  }

  /** Whether a full synchronization is under way. */
  public boolean isSyncing() {
    return state == State.SYNC;
  }

  /** When something came from the primary last, Unix ms. */
  public long lastIoMs() {
    return lastIoMs;
  }

  /** Since when it has been down, Unix ms; 0: it has never been up. */
  public long downSinceMs() {
    return downSinceMs;
  }

  /** Since when it has been up, Unix ms. */
  public long upSinceMs() {
    return upSinceMs;
  }

  /** The id that it has among the clients. */
  public long clientId() {
    return clientId;
  }

  /** Address and port of the primary. */
  public String address() {
    return address;
  }

  /** Address and port of this end. */
  public String localAddress() {
    return localAddress;
  }

  /** Bytes of the snapshot that is being received, 0 where they are not known. */
  public long syncTotalBytes() {
    SnapshotReceiver receiver = receiver();
    return receiver == null ? 0 : receiver.totalBytes();
  }

  /** Bytes of it that have been received. */
  public long syncReadBytes() {
    SnapshotReceiver receiver = receiver();
    return receiver == null ? 0 : receiver.receivedBytes();
  }

  private @Nullable SnapshotReceiver receiver() {
    PrimaryConnection current = connection;
    return current == null ? null : current.receiver();
  }

  /** Bytes of the stream that were received. */
  public long readOffset() {
    PrimaryConnection current = connection;
    StreamApplier applier = current == null ? null : current.applier();
    return replication.offset() + (applier == null ? 0 : applier.pendingBytes());
  }

  /** See {@link Replication#dataAgeMs}; what is not, or not wholly, the primary's has no age. */
  long dataAgeMs(long nowMs) {
    long sinceMs = !known ? 0 : isUp() ? lastIoMs() : downSinceMs();
    return sinceMs == 0 ? Long.MAX_VALUE : Math.max(0, nowMs - sinceMs);
  }

  /** Whether the data set is the primary's up to the offset of this node. */
  boolean isKnown() {
    return known;
  }

  /** The data set is known to be the primary's, up to the offset of this node. */
  void know(int selected) {
    database = selected;
    known = true;
  }

  /** Bytes of the stream that were applied. */
  public long appliedOffset() {
    return replication.offset();
  }

  /** The database that the stream has selected. */
  public int database() {
    return database;
  }

  boolean isEnded() {
    return ended;
  }

  /** The primary is one only when this node asks it, for a failover. Before it is started. */
  void failover(@Nullable Failover by) {
    failover = by;
  }

  /** The primary has accepted this node as its replica. */
  private void accepted() {
    Failover by = failover;
    failover = null;
    if (by != null) {
      by.succeeded();
    }
  }

  /** It has not, or cannot be reached: there is no primary but this node. */
  private boolean refused(String reason) {
    Failover by = failover;
    failover = null;
    return by != null && by.abort(reason);
  }

  /** Connects. Any thread. */
  void start() {
    execute(this::connect);
  }

  /** Gives the primary up: nothing of its stream is executed from now on. Any thread. */
  void end() {
    ended = true;
    FullLoad current = load;
    if (current != null) {
      current.abort("the primary is another one now");
    }
    execute(this::disconnect);
  }

  /** Cuts the connection; it comes back by itself. Any thread. */
  public void cut() {
    execute(() -> fail("cut"));
  }

  /** On the event loop, unless that is ending with the server. */
  private void execute(Runnable task) {
    if (!loop.isShuttingDown()) {
      try {
        loop.execute(task);
      } catch (RejectedExecutionException stopped) {
        LOG.debug("The server has stopped: {}", stopped.toString());
      }
    }
  }

  private void disconnect() {
    PrimaryConnection current = connection;
    connection = null;
    if (current != null) {
      current.close();
    }
  }

  private void setState(State next) {
    State before = state;
    state = next;
    if (before == State.CONNECTED && next != State.CONNECTED) {
      downSinceMs = replication.nowMs();
    }
    replication.onLinkChanged();
  }

  private void connect() {
    if (ended || state != State.CONNECT) {
      return;
    }
    LOG.info("Connecting to MASTER {}:{}", source.host(), source.port());
    lastIoMs = replication.nowMs();
    setState(State.CONNECTING);
    // A name may take long to be resolved, and an address takes no time.
    var _ = Thread.ofVirtual().start(this::resolve);
  }

  private void resolve() {
    try {
      InetAddress address = InetAddress.getByName(source.host());
      execute(() -> connect(new InetSocketAddress(address, source.port())));
    } catch (UnknownHostException unknown) {
      execute(() -> fail("Unable to connect to MASTER: " + unknown.getMessage()));
    }
  }

  private void connect(InetSocketAddress address) {
    if (ended || state != State.CONNECTING) {
      return;
    }
    Transport transport = Transport.of(config.redknotTransport.get());
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channelFactory(transport::newChannel)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.min(timeoutMs(), 600_000))
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    PrimaryConnection made = new PrimaryConnection(PrimaryLink.this, channel);
                    connection = made;
                    server.security().secure(channel, ChannelSecurity.Purpose.PRIMARY);
                    channel.pipeline().addLast(made);
                  }
                });
    Outgoing.connect(
        bootstrap,
        address,
        config.bindSourceAddr.get(),
        cause -> fail("Error condition on socket for SYNC: " + cause.getMessage()));
  }

  private long timeoutMs() {
    return TimeUnit.SECONDS.toMillis(config.replTimeout.get());
  }

  void onConnected(PeerAddress ends) {
    address = ends.remote();
    localAddress = ends.local();
    LOG.info("MASTER <-> REPLICA sync started");
    setState(State.HANDSHAKE);
  }

  void onBytes(int count) {
    lastIoMs = replication.nowMs();
    replication.counts().bytesReceived.add(count);
  }

  void onOption(String reply) {
    if (reply.startsWith("-")) {
      LOG.info("(Non critical) Master does not understand a REPLCONF: {}", reply);
    }
  }

  /** Something went wrong: the connection is given up, and tried again after a while. */
  void fail(String reason) {
    if (!ended) {
      LOG.warn("{}", reason);
    }
    disconnect();
    down();
    refused(reason);
  }

  void onClosed() {
    if (!ended) {
      LOG.warn("Connection with master lost.");
    }
    connection = null;
    if (refused("the connection was closed")) {
      return;
    }
    boolean wasUp = isUp();
    down();
    if (wasUp && !ended) {
      connect();
    }
  }

  private void down() {
    FullLoad current = load;
    if (current != null) {
      current.abort("the connection to the master is lost");
      load = null;
    }
    setState(State.CONNECT);
  }

  /** Once a second, on any thread. */
  void tick() {
    execute(this::onSecond);
  }

  private void onSecond() {
    if (ended) {
      return;
    }
    PrimaryConnection current = connection;
    boolean loading = load != null && load.isLoading();
    if (state == State.CONNECT) {
      connect();
    } else if (!loading && replication.nowMs() - lastIoMs > timeoutMs()) {
      fail("Timeout of the connection with the MASTER");
    } else if (current != null && state == State.CONNECTED) {
      acknowledge(current, replication.offset());
    } else if (current != null && loading) {
      current.sendNewLine();
    }
  }

  private void acknowledge(PrimaryConnection current, long offset) {
    if (!withAcks) {
      return;
    }
    long synced = fsynced.at(replication.offset());
    String applied = Long.toString(offset);
    if (synced == FsyncedOffset.NONE) {
      current.send("REPLCONF", "ACK", applied);
    } else {
      String onDisk = Long.toString(Math.min(synced, offset));
      current.send("REPLCONF", "ACK", applied, "FACK", onDisk);
    }
  }

  /** The command that proves who this is; empty where none is configured. */
  List<String> credentials() {
    String user = config.masteruser.get();
    String password = config.masterauth.get();
    if (password.isEmpty()) {
      return List.of();
    }
    return user.isEmpty() ? List.of("AUTH", password) : List.of("AUTH", user, password);
  }

  /** What this node tells about itself. */
  List<List<String>> options() {
    List<List<String>> options = new ArrayList<>();
    long announced = config.replicaAnnouncePort.get();
    long port = announced == 0 ? config.port.get() : announced;
    options.add(List.of("REPLCONF", "listening-port", Long.toString(port)));
    if (!config.replicaAnnounceIp.get().isEmpty()) {
      options.add(List.of("REPLCONF", "ip-address", config.replicaAnnounceIp.get()));
    }
    options.add(List.of("REPLCONF", "capa", "eof", "capa", "psync2"));
    return options;
  }

  /** Asks for the stream, from where this node's data set ends if that is known. */
  List<String> request() {
    if (!known) {
      LOG.info("Partial resynchronization not possible (no cached master)");
      return List.of("PSYNC", "?", "-1");
    }
    String id = replication.history().id();
    String next = Long.toString(replication.offset() + 1);
    LOG.info("Trying a partial resynchronization (request {}:{}).", id, next);
    if (failover != null) {
      return List.of("PSYNC", id, next, "FAILOVER");
    }
    return List.of("PSYNC", id, next);
  }

  /** The primary knows no PSYNC: the data set comes whole, and nothing is acknowledged. */
  void onRefusal(String reply) {
    if (refused("the target answered " + reply)) {
      return;
    }
    LOG.info("Master does not support PSYNC or is in error state (reply: {})", reply);
    known = false;
    withAcks = false;
    newId = ReplicationId.NONE;
    newOffset = 0;
    setState(State.SYNC);
  }

  void onFullSync(String[] words) {
    known = false;
    withAcks = true;
    newId = ReplicationId.NONE;
    newOffset = 0;
    if (words.length > OFFSET_WORD && words[1].length() == ReplicationId.LENGTH) {
      newId = words[1];
      newOffset = number(words[OFFSET_WORD]);
    }
    accepted();
    LOG.info("Full resync from master: {}:{}", newId, newOffset);
    setState(State.SYNC);
  }

  private static long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException none) {
      return 0;
    }
  }

  void onSnapshot(SnapshotReceiver receiver, BytePipe pipe) {
    boolean sameHistory = newId.equals(replication.history().id());
    FullLoad made = new FullLoad(server, this, pipe, receiver.totalBytes(), sameHistory);
    load = made;
    made.start();
  }

  void onSnapshotComplete() {
    FullLoad current = load;
    if (current != null) {
      current.received();
    }
  }

  /** Loading has ended, on its own thread. */
  void loaded(FullLoad from, int selected) {
    execute(() -> onLoaded(from, selected));
  }

  /** Loading has failed, on its own thread. */
  void loadFailed(FullLoad from, String reason) {
    execute(
        () -> {
          if (load == from) {
            load = null;
            fail("MASTER <-> REPLICA sync failed: " + reason);
          }
        });
  }

  private void onLoaded(FullLoad from, int selected) {
    PrimaryConnection current = connection;
    if (load != from || ended) {
      return;
    }
    load = null;
    if (!replication.begin(this, newId, newOffset)) {
      return;
    }
    database = selected;
    known = true;
    fsynced = new FsyncedOffset(server.persister().appendOnly());
    if (current == null) {
      setState(State.CONNECT);
      return;
    }
    LOG.info("MASTER <-> REPLICA sync: Finished with success");
    setState(State.CONNECTED);
    SnapshotReceiver receiver = current.receiver();
    if (receiver != null && receiver.hasMark()) {
      acknowledge(current, replication.offset());
    }
    current.stream(newApplier());
  }

  private StreamApplier newApplier() {
    clientId = server.clients().nextId();
    upSinceMs = replication.nowMs();
    PeerAddress peer = new PeerAddress(address, localAddress, false, false, -1);
    Session session = Session.replaying(clientId, peer, upSinceMs);
    session.db(database);
    ReplayClient client = ReplayClient.ofLink(server, server.listener().turnOf(loop), session);
    return new StreamApplier(replication, client, server.dispatcher().pause());
  }

  /** The stream goes on; the applier is for what follows. */
  @Nullable StreamApplier onContinue(@Nullable String id) {
    if (!replication.goOnAs(this, id)) {
      return null;
    }
    accepted();
    LOG.info("MASTER <-> REPLICA sync: Master accepted a Partial Resynchronization.");
    withAcks = true;
    setState(State.CONNECTED);
    return newApplier();
  }

  /** Executes bytes of the stream. */
  void apply(StreamApplier applier, ByteBuf in) {
    boolean ok = replication.whileStill(() -> ended || applier.accept(in));
    database = applier.database();
    PrimaryConnection current = connection;
    if (!ok) {
      known = false;
      fail("The stream of the master violates the protocol");
    } else if (ended) {
      in.skipBytes(in.readableBytes());
    } else if (applier.takeAckWanted() && current != null) {
      acknowledge(current, applier.ackOffset());
    }
    if (ok && !ended && applier.isHeld() && current != null) {
      current.hold(server.dispatcher().pause());
    }
  }
}
