package io.redknot.cluster.interop;

import io.redknot.cluster.AdminReply;
import io.redknot.cluster.AdminRequest;
import io.redknot.cluster.ClusterCore;
import io.redknot.cluster.ClusterEvent;
import io.redknot.cluster.ClusterSettings;
import io.redknot.cluster.ClusterView;
import io.redknot.cluster.LinkAction;
import io.redknot.cluster.LocalFacts;
import io.redknot.cluster.Outbox;
import io.redknot.cluster.store.NodesConfException;
import io.redknot.cluster.store.NodesConfFile;
import io.redknot.cluster.wire.BusDecoder;
import io.redknot.cluster.wire.BusDecoder.Decoded;
import io.redknot.cluster.wire.BusEncoder;
import io.redknot.cluster.wire.IpText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The smallest driver of a core on real sockets: blocking, a thread per connection. */
final class SocketNode implements AutoCloseable {
  private static final int TICK_MS = 100;

  final int port;
  final List<ClusterEvent> events = new CopyOnWriteArrayList<>();
  volatile long dataAgeMs = Long.MAX_VALUE;

  private final InstantSource clock = InstantSource.system();
  private final BlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
  private final Map<Long, Socket> links = new HashMap<>();
  private final NodesConfFile file;
  private final ClusterCore core;
  private final ServerSocket listener;
  private final Thread loop;
  private final LocalFacts facts = new Facts();
  private volatile @Nullable ClusterView view;
  private volatile boolean closed;

  SocketNode(int port, ClusterSettings settings, Path conf) throws IOException, NodesConfException {
    this.port = port;
    file = NodesConfFile.open(conf);
    core =
        new ClusterCore(
            clock.millis(), file.load(false).orElse(null), settings, new SecureRandom());
    InetAddress local = InetAddress.ofLiteral("127.0.0.1");
    listener = new ServerSocket(settings.busPort(), 64, local);
    drain();
    loop = Thread.ofPlatform().daemon().start(this::loop);
    Thread.ofPlatform().daemon().start(this::accept);
  }

  private final class Facts implements LocalFacts {
    @Override
    public long keyCount() {
      return 0;
    }

    @Override
    public int keysInSlot(int slot) {
      return 0;
    }

    @Override
    public long replicationOffset() {
      return 1;
    }

    @Override
    public long replicaDataAgeMs() {
      return dataAgeMs;
    }

    @Override
    public boolean holdsWritesBack() {
      return true;
    }
  }

  ClusterView view() {
    ClusterView current = view;
    if (current == null) {
      throw new IllegalStateException("nothing published yet");
    }
    return current;
  }

  AdminReply admin(AdminRequest request) {
    CompletableFuture<AdminReply> reply = new CompletableFuture<>();
    queue.add(
        () -> {
          AdminReply answer = core.onAdmin(clock.millis(), request, facts);
          drain();
          reply.complete(answer);
        });
    return reply.join();
  }

  void onLoop(Consumer<ClusterCore> action) {
    queue.add(
        () -> {
          action.accept(core);
          drain();
        });
  }

  LocalFacts facts() {
    return facts;
  }

  private void loop() {
    long nextTickMs = clock.millis();
    while (!closed) {
      try {
        long waitMs = Math.max(0, nextTickMs - clock.millis());
        Runnable action = queue.poll(waitMs, TimeUnit.MILLISECONDS);
        if (action != null) {
          action.run();
        } else {
          core.onTick(clock.millis(), facts);
          drain();
          nextTickMs = clock.millis() + TICK_MS;
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void accept() {
    while (!closed) {
      try {
        Socket socket = listener.accept();
        socket.setTcpNoDelay(true);
        queue.add(() -> accepted(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void accepted(Socket socket) {
    long id =
        core.onAccepted(
            clock.millis(),
            IpText.of(socket.getInetAddress()),
            IpText.of(socket.getLocalAddress()));
    links.put(id, socket);
    Thread.ofPlatform().daemon().start(() -> read(id, socket));
  }

  private void drain() {
    Outbox outbox = core.drain();
    Outbox.Persist persist = outbox.persist();
    if (persist != null) {
      try {
        file.save(persist.text(), persist.fsync());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    if (outbox.view() != null) {
      view = outbox.view();
    }
    outbox.actions().forEach(this::act);
    events.addAll(outbox.events());
  }

  private void act(LinkAction action) {
    switch (action) {
      case LinkAction.Connect connect -> Thread.ofPlatform().daemon().start(() -> connect(connect));
      case LinkAction.Close close -> closeQuietly(links.remove(close.linkId()));
      case LinkAction.Send send -> {
        Socket socket = links.get(send.linkId());
        if (socket != null) {
          try {
            socket.getOutputStream().write(BusEncoder.encode(send.message()));
          } catch (IOException e) {
            closeQuietly(socket);
          }
        }
      }
    }
  }

  private void connect(LinkAction.Connect connect) {
    Socket socket = new Socket();
    try {
      socket.connect(
          new InetSocketAddress(InetAddress.ofLiteral(connect.ip()), connect.port()), 1000);
      socket.setTcpNoDelay(true);
    } catch (IOException e) {
      closeQuietly(socket);
      queue.add(() -> notConnected(connect.linkId(), e instanceof ConnectException));
      return;
    }
    queue.add(
        () -> {
          links.put(connect.linkId(), socket);
          String local = IpText.of(socket.getLocalAddress());
          core.onLinkUp(clock.millis(), connect.linkId(), local, facts);
          drain();
        });
    read(connect.linkId(), socket);
  }

  private void notConnected(long linkId, boolean refused) {
    core.onNotConnected(clock.millis(), linkId, refused);
    drain();
  }

  private void down(long linkId) {
    closeQuietly(links.remove(linkId));
    core.onLinkDown(clock.millis(), linkId);
    drain();
  }

  private void read(long linkId, Socket socket) {
    BusDecoder decoder = new BusDecoder();
    ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
    try {
      while (true) {
        int read =
            socket.getInputStream().read(buffer.array(), buffer.position(), buffer.remaining());
        if (read < 0) {
          break;
        }
        buffer.position(buffer.position() + read);
        buffer.flip();
        if (!decodeAll(decoder, buffer, linkId)) {
          break;
        }
        buffer.compact();
      }
    } catch (IOException e) {
      // Closed by either side: reported below like an end of stream.
    }
    queue.add(() -> down(linkId));
  }

  private boolean decodeAll(BusDecoder decoder, ByteBuffer buffer, long linkId) {
    while (true) {
      switch (decoder.decode(buffer)) {
        case Decoded.NeedMore more -> {
          return true;
        }
        case Decoded.Corrupt corrupt -> {
          return false;
        }
        case Decoded.Ignored ignored ->
            queue.add(
                () -> core.onIgnored(clock.millis(), linkId, ignored.type(), ignored.reason()));
        case Decoded.Message whole ->
            queue.add(
                () -> {
                  core.onMessage(clock.millis(), linkId, whole.message(), facts);
                  drain();
                });
      }
    }
  }

  private static void closeQuietly(@Nullable Socket socket) {
    if (socket != null) {
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Stops like a process that is killed. */
  @Override
  public void close() throws IOException {
    closed = true;
    loop.interrupt();
    try {
      loop.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    listener.close();
    links.values().forEach(SocketNode::closeQuietly);
    file.close();
  }
}
