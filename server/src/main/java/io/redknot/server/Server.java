package io.redknot.server;

import io.redknot.server.command.CommandFamilies;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.Dispatcher;
import io.redknot.server.net.ClientRegistry;
import io.redknot.server.net.Listener;
import io.redknot.server.stats.LatencyMonitor;
import io.redknot.server.stats.ServerStats;
import io.redknot.server.stats.SlowLog;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** One node: everything that commands reach, and its start and stop. */
public final class Server {
  /** The Redis version whose behaviour is offered; what INFO and HELLO tell. */
  public static final String REDIS_VERSION = "7.2.6";

  private static final int RUN_ID_BYTES = 20;
  private static final long TICK_MS = 100;

  private final ServerSettings settings;
  private final Clock clock;
  private final CommandTable table = new CommandTable();
  private final ClientRegistry clients = new ClientRegistry();
  private final SlowLog slowLog = new SlowLog();
  private final LatencyMonitor latencies = new LatencyMonitor();
  private final ServerStats stats;
  private final Dispatcher dispatcher;
  private final Listener listener;
  private final String runId;
  private final long startMs;
  private final CountDownLatch stopRequested = new CountDownLatch(1);

  public Server(ServerSettings settings, Clock clock) {
    this.settings = settings;
    this.clock = clock;
    this.startMs = clock.nowMs();
    this.runId = newRunId();
    CommandFamilies.register(table);
    table.seal();
    this.stats = new ServerStats(table.size());
    this.dispatcher = new Dispatcher(table, settings, stats.errors(), slowLog, latencies);
    this.listener = new Listener(this);
  }

  private static String newRunId() {
    byte[] bytes = new byte[RUN_ID_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /**
   * Starts to serve.
   *
   * @throws IOException where the sockets cannot be opened
   */
  public void start() throws IOException {
    listener.open();
    var unused =
        listener.anyLoop().scheduleAtFixedRate(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    dispatcher.pause().tick(clock.nowMs());
  }

  /** Stops serving, once; returns when all connections are closed. */
  public void stop() {
    listener.close();
  }

  /** Asks the main thread to stop the server. Any thread. */
  public void requestStop() {
    stopRequested.countDown();
  }

  /** Waits until a stop is asked for. */
  public void awaitStopRequest() throws InterruptedException {
    stopRequested.await();
  }

  public ServerSettings settings() {
    return settings;
  }

  public Clock clock() {
    return clock;
  }

  public CommandTable table() {
    return table;
  }

  public ClientRegistry clients() {
    return clients;
  }

  public ServerStats stats() {
    return stats;
  }

  public SlowLog slowLog() {
    return slowLog;
  }

  public LatencyMonitor latencies() {
    return latencies;
  }

  public Dispatcher dispatcher() {
    return dispatcher;
  }

  public Listener listener() {
    return listener;
  }

  /** 40 hexadecimal digits, new with every start. */
  public String runId() {
    return runId;
  }

  /** When the server was started, in milliseconds since 1970. */
  public long startMs() {
    return startMs;
  }
}
