package io.redknot.server.bus;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.redknot.cluster.AdminReply;
import io.redknot.cluster.AdminRequest;
import io.redknot.cluster.ClusterCore;
import io.redknot.cluster.ClusterEvent;
import io.redknot.cluster.ClusterSettings;
import io.redknot.cluster.ClusterView;
import io.redknot.cluster.LinkAction;
import io.redknot.cluster.LogLine;
import io.redknot.cluster.Outbox;
import io.redknot.cluster.store.NodesConfException;
import io.redknot.cluster.store.NodesConfFile;
import io.redknot.cluster.store.SavedCluster;
import io.redknot.cluster.wire.BusDecoder;
import io.redknot.cluster.wire.BusEncoder;
import io.redknot.cluster.wire.BusMessage;
import io.redknot.cluster.wire.Payload;
import io.redknot.server.Clock;
import io.redknot.server.net.BindAddress;
import io.redknot.server.net.ChannelSecurity;
import io.redknot.server.net.LentLoop;
import io.redknot.server.net.Outgoing;
import io.redknot.server.net.Transport;
import io.redknot.server.replication.Replication;
import io.redknot.storage.keyspace.Shards;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives the cluster core: tells it what happens and carries out what it says, in the order of the
 * {@link Outbox}: what is promised is on disk before it is sent.
 *
 * <p>One thread runs everything here; the view and the queue of requests are what others see.
 */
public final class ClusterLoop {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterLoop.class);
  private static final long TICK_MS = 100;
  private static final int CONNECT_TIMEOUT_MS = 5000;

  /** Longer than the old owner of a slot takes to be told by whoever moves it. */
  private static final long TELL_DELAY_MS = 1;

  /** What a cluster loop is made of. */
  public record Parts(
      ClusterOptions options,
      Shards shards,
      Replication replication,
      Clock clock,
      ClusterListener listener,
      Runnable onUnsavable) {}

  private final Parts parts;
  private final Clock clock;
  private final Transport transport;
  private final KeyspaceFacts facts;
  private final BusDecoder decoder = new BusDecoder();
  private final Map<Long, BusLink> links = new HashMap<>();
  private final List<Channel> sockets = new ArrayList<>();
  private final MultiThreadIoEventLoopGroup group;
  private final EventLoop thread;
  private final NodesConfFile file;
  private final ClusterCore core;
  private volatile ClusterView view;

  /** When this thread last looked; where that is long ago, the whole process stood still. */
  private volatile long awakeMs;

  private boolean stopped;

  /** What is told when who moves slots has had time for the next step, in its order. */
  private final Deque<Outbox> untold = new ArrayDeque<>(0);

  /** What requests of a transaction have to say to other nodes, until this thread goes on. */
  private final Deque<List<LinkAction>> unsent = new ArrayDeque<>(0);

  /** A message that other nodes have to be sent. */
  private record Published(boolean sharded, Payload channel, Payload message) {}

  private final ConcurrentLinkedQueue<Published> published = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean publishing = new AtomicBoolean();

  /**
   * Loads or begins this node's configuration and publishes the first view; nothing is connected
   * before {@link #start}.
   *
   * @throws NodesConfException where the file is damaged or another process holds it
   * @throws IOException where it cannot be read or written
   */
  public ClusterLoop(Parts parts) throws IOException, NodesConfException {
    this.parts = parts;
    this.clock = parts.clock();
    this.transport = parts.options().transport();
    this.facts =
        new KeyspaceFacts(
            parts.shards(),
            parts.replication(),
            parts.listener()::holdsWritesBack,
            this::sendBufferBytes);
    this.file = NodesConfFile.open(parts.options().nodesConf());
    ClusterSettings settings = parts.options().settings();
    SavedCluster saved = file.load(settings.tlsCluster()).orElse(null);
    this.awakeMs = clock.nowMs();
    this.core = new ClusterCore(awakeMs, saved, settings, new SecureRandom());
    Outbox first = core.drain();
    persist(first);
    this.view = Objects.requireNonNull(first.view());
    first.logs().forEach(ClusterLoop::log);
    LOG.info(
        saved == null
            ? "No cluster configuration found, I'm {}"
            : "Node configuration loaded, I'm {}",
        view.myself().id());
    this.group =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("bus"), transport.handlerFactory());
    this.thread = group.next();
    first.events().forEach(parts.listener()::onClusterEvent);
  }

  /** The cluster as it was last published. Any thread. */
  public ClusterView view() {
    return view;
  }

  /**
   * Opens the bus port and begins to talk.
   *
   * @throws IOException where the port cannot be had
   */
  public void start() throws IOException {
    for (BindAddress address : parts.options().bind()) {
      bind(address, parts.options().settings().busPort());
    }
    var _ = thread.scheduleWithFixedDelay(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
  }

  private void bind(BindAddress address, int port) throws IOException {
    ServerBootstrap server =
        new ServerBootstrap()
            .group(group)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childHandler(new Accepted());
    ChannelFuture bound = address.bind(server, transport, port);
    if (bound.isSuccess()) {
      sockets.add(bound.channel());
    } else if (!address.optional() || BindAddress.inUse(bound.cause())) {
      throw new IOException(
          "Failed listening on port "
              + port
              + " (cluster), aborting: "
              + BindAddress.reason(bound.cause()));
    }
  }

  /** The keys are there: what this node says of its slots follows them, when this returns. */
  public void dataLoaded() {
    thread
        .submit(
            () -> {
              core.onDataLoaded(clock.nowMs(), facts);
              carryOut();
            })
        .awaitUninterruptibly();
  }

  private void tick() {
    long nowMs = clock.nowMs();
    core.onTick(nowMs, facts);
    carryOut();
    // Only now, when the view says whether this node may still serve.
    awakeMs = nowMs;
  }

  /** When the view was last brought up to date, in milliseconds since 1970. Any thread. */
  public long awakeMs() {
    return awakeMs;
  }

  /** Runs an administrator's request; the reply comes on the cluster loop. Any thread. */
  public void admin(AdminRequest request, Consumer<AdminReply> onReply) {
    thread.execute(
        () -> {
          AdminReply answered = core.onAdmin(clock.nowMs(), request, facts);
          Outbox outbox = core.drain();
          AdminReply reply = persisted(request, answered, outbox);
          if (reply != null) {
            reply(request, reply, outbox, onReply);
          }
        });
  }

  /** The reply to a request once its consequences are on the disk; null where the node ends. */
  private @Nullable AdminReply persisted(AdminRequest request, AdminReply reply, Outbox outbox) {
    try {
      persist(outbox);
      return reply;
    } catch (IOException failure) {
      if (!(request instanceof AdminRequest.SaveConfig)) {
        unsavable(failure);
        return null;
      }
      return AdminReply.error("error saving the cluster node config: " + failure);
    }
  }

  /** Has this loop stand still; {@link #adminLent} is for whom it does. Any thread. */
  public LentLoop lend() {
    return new LentLoop(
        stand ->
            thread.execute(
                () -> {
                  tellUntold();
                  stand.run();
                  unsent.forEach(this::act);
                  unsent.clear();
                }));
  }

  /**
   * Runs an administrator's request, and what the server has to do because of it, at once. For the
   * thread for roles, while this loop is lent to it; other nodes are told when it is given back.
   */
  public AdminReply adminLent(AdminRequest request) {
    parts.listener().settle();
    AdminReply answered = core.onAdmin(clock.nowMs(), request, facts);
    Outbox outbox = core.drain();
    AdminReply reply = persisted(request, answered, outbox);
    if (reply == null) {
      return AdminReply.error("the node stops, as it cannot save the cluster node config");
    }
    publishView(outbox);
    unsent.add(outbox.actions());
    react(outbox);
    parts.listener().settle();
    giveBack();
    return reply;
  }

  private void reply(
      AdminRequest request, AdminReply reply, Outbox outbox, Consumer<AdminReply> onReply) {
    if (request instanceof AdminRequest.SetSlot) {
      // Who moves slots goes on at once: telling the others takes as long as all the rest, and they
      // would be busy with it when they are asked for the next step.
      publishView(outbox);
      onReply.accept(reply);
      tellSoon(outbox);
      giveBack();
    } else {
      afterPersisted(outbox);
      onReply.accept(reply);
    }
  }

  /** The listener has come to hold writes back. Any thread. */
  public void writesHeldBack() {
    thread.execute(
        () -> {
          core.onWritesHeldBack(clock.nowMs(), facts);
          carryOut();
        });
  }

  /**
   * Sends a message to the subscribers on other nodes: all, or those that serve the same slots. Any
   * thread; messages are sent in the order in which they are given.
   */
  public void publish(boolean sharded, byte[] channel, byte[] message) {
    if (view.nodes().size() == 1) {
      return;
    }
    published.add(new Published(sharded, Payload.of(channel), Payload.of(message)));
    if (publishing.compareAndSet(false, true)) {
      thread.execute(this::sendPublished);
    }
  }

  /** All that was published meanwhile, together. */
  private void sendPublished() {
    publishing.set(false);
    Published next = published.poll();
    while (next != null) {
      core.onPublish(clock.nowMs(), next.sharded, next.channel, next.message, facts);
      next = published.poll();
    }
    carryOut();
  }

  /** The configuration was changed. Any thread. */
  public void settings(ClusterSettings changed) {
    thread.execute(
        () -> {
          core.onSettings(clock.nowMs(), changed, facts);
          carryOut();
        });
  }

  /** Closes the bus; the file's lock is given back. */
  public void stop() throws IOException {
    try {
      thread
          .submit(
              () -> {
                stopped = true;
                for (Channel socket : sockets) {
                  var _ = socket.close();
                }
                List.copyOf(links.values()).forEach(BusLink::close);
              })
          .awaitUninterruptibly();
    } finally {
      group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
      file.close();
    }
  }

  private void carryOut() {
    Outbox outbox = core.drain();
    try {
      persist(outbox);
    } catch (IOException failure) {
      unsavable(failure);
      return;
    }
    afterPersisted(outbox);
  }

  private void persist(Outbox outbox) throws IOException {
    Outbox.Persist wanted = outbox.persist();
    if (wanted != null) {
      file.save(wanted.text(), wanted.fsync());
    }
  }

  /** A node that cannot keep its promises must not make any. */
  private void unsavable(IOException failure) {
    LOG.error("Fatal: can't update the cluster config file: {}", failure.toString());
    stopped = true;
    parts.onUnsavable().run();
  }

  private void afterPersisted(Outbox outbox) {
    publishView(outbox);
    tell(outbox);
    giveBack();
  }

  private void giveBack() {
    try {
      file.closeReplaced();
    } catch (IOException failure) {
      unsavable(failure);
    }
  }

  private void publishView(Outbox outbox) {
    if (stopped) {
      return;
    }
    // Before a claim is sent: the old owner of a slot may redirect clients here as soon as it
    // hears.
    @Nullable ClusterView changed = outbox.view();
    if (changed != null) {
      if (outbox.events().contains(new ClusterEvent.BecamePrimary())) {
        parts.listener().onPromotion();
      }
      ClusterView before = view;
      boolean wentDown = before.isOk() && !changed.isOk();
      view = changed;
      parts.listener().onView(before, changed);
      if (wentDown) {
        parts.listener().onClusterDown();
      }
    }
  }

  private void tellSoon(Outbox outbox) {
    if (untold.isEmpty()) {
      var _ = thread.schedule(this::tellUntold, TELL_DELAY_MS, TimeUnit.MILLISECONDS);
    }
    untold.add(outbox);
  }

  private void tellUntold() {
    while (!untold.isEmpty()) {
      tellNow(untold.remove());
    }
  }

  private void tell(Outbox outbox) {
    tellUntold();
    tellNow(outbox);
  }

  private void tellNow(Outbox outbox) {
    act(outbox.actions());
    react(outbox);
  }

  private void act(List<LinkAction> actions) {
    if (stopped) {
      return;
    }
    for (LinkAction action : actions) {
      switch (action) {
        case LinkAction.Connect connect -> connect(connect);
        case LinkAction.Close close -> close(close.linkId());
        case LinkAction.Send send -> send(send.linkId(), send.message());
      }
    }
  }

  private void react(Outbox outbox) {
    if (stopped) {
      return;
    }
    for (ClusterEvent event : outbox.events()) {
      parts.listener().onClusterEvent(event);
    }
    outbox.logs().forEach(ClusterLoop::log);
  }

  private static void log(LogLine line) {
    switch (line.level()) {
      case DEBUG -> LOG.trace("{}", line.text());
      case VERBOSE -> LOG.debug("{}", line.text());
      case NOTICE -> LOG.info("{}", line.text());
      case WARNING -> LOG.warn("{}", line.text());
    }
  }

  private void connect(LinkAction.Connect action) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(thread)
            .channelFactory(transport::newChannel)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
            .handler(new Connecting(action.linkId()));
    Outgoing.connect(
        bootstrap,
        new InetSocketAddress(action.ip(), action.port()),
        parts.options().source().get(),
        cause -> {
          links.remove(action.linkId());
          core.onNotConnected(clock.nowMs(), action.linkId(), refused(cause));
          carryOut();
        });
  }

  /** Whether the peer's host has answered that nobody listens. */
  private static boolean refused(Throwable cause) {
    return cause instanceof ConnectException
        && String.valueOf(cause.getMessage()).contains("Connection refused");
  }

  private void close(long linkId) {
    BusLink link = links.remove(linkId);
    if (link != null) {
      link.close();
    }
  }

  private void send(long linkId, BusMessage message) {
    BusLink link = links.get(linkId);
    if (link != null) {
      link.send(BusEncoder.encode(message));
    }
  }

  private long sendBufferBytes(long linkId) {
    BusLink link = links.get(linkId);
    return link == null ? 0 : link.sendBufferBytes();
  }

  /** A link's socket is connected. */
  void opened(BusLink link) {
    if (link.id() < 0) {
      link.id(core.onAccepted(clock.nowMs(), link.peerIp(), link.localIp()));
      links.put(link.id(), link);
    } else if (links.get(link.id()) == link) {
      core.onLinkUp(clock.nowMs(), link.id(), link.localIp(), facts);
    } else {
      link.close();
    }
    carryOut();
  }

  /** A link's socket is closed, by whomever. */
  void closed(BusLink link) {
    if (links.remove(link.id(), link) && !stopped) {
      core.onLinkDown(clock.nowMs(), link.id());
      carryOut();
    }
  }

  void received(BusLink link, BusMessage message) {
    if (!stopped && links.get(link.id()) == link) {
      core.onMessage(clock.nowMs(), link.id(), message, facts);
      carryOut();
    }
  }

  void ignored(BusLink link, BusDecoder.Decoded.Ignored what) {
    core.onIgnored(clock.nowMs(), link.id(), what.type(), what.reason());
    carryOut();
  }

  void corrupt(BusLink link, String reason) {
    LOG.warn(
        "Bad message length or signature received on the cluster bus from {}: {}",
        link.peerIp(),
        reason);
    link.close();
  }

  void failed(BusLink link, Throwable cause) {
    LOG.debug("Link {} of the cluster bus failed: {}", link.id(), cause.toString());
  }

  private void secure(Channel channel, ChannelSecurity.Purpose purpose) {
    parts.options().security().secure(channel, purpose);
  }

  private final class Accepted extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      secure(channel, ChannelSecurity.Purpose.BUS_ACCEPTED);
      channel.pipeline().addLast(new BusLink(ClusterLoop.this, channel, decoder));
    }
  }

  private final class Connecting extends ChannelInitializer<Channel> {
    private final long linkId;

    Connecting(long linkId) {
      this.linkId = linkId;
    }

    @Override
    protected void initChannel(Channel channel) {
      BusLink link = new BusLink(ClusterLoop.this, channel, decoder);
      link.id(linkId);
      links.put(linkId, link);
      secure(channel, ChannelSecurity.Purpose.BUS_CONNECTED);
      channel.pipeline().addLast(link);
    }
  }
}
