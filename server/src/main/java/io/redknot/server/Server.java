package io.redknot.server;

import io.redknot.cluster.store.NodesConfException;
import io.redknot.server.bus.ClusterLoop;
import io.redknot.server.bus.ClusterOptions;
import io.redknot.server.bus.ClusterReactions;
import io.redknot.server.command.CommandFamilies;
import io.redknot.server.config.ConfigFileException;
import io.redknot.server.config.ConfigLine;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.config.ShutdownOptions;
import io.redknot.server.config.StartOptions;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.Conditions.Condition;
import io.redknot.server.dispatch.Dispatcher;
import io.redknot.server.dispatch.Router;
import io.redknot.server.info.MemoryMeter;
import io.redknot.server.net.ClientRegistry;
import io.redknot.server.net.Listener;
import io.redknot.server.persistence.FileThread;
import io.redknot.server.persistence.Persister;
import io.redknot.server.replication.Propagator;
import io.redknot.server.stats.LatencyMonitor;
import io.redknot.server.stats.RateSampler;
import io.redknot.server.stats.ServerStats;
import io.redknot.server.stats.SlowLog;
import io.redknot.storage.keyspace.Shards;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One node: everything that commands reach, and its start and stop. */
public final class Server {
  /** The Redis version whose behaviour is offered; what INFO and HELLO tell. */
  public static final String REDIS_VERSION = StartOptions.REDIS_COMPATIBLE_VERSION;

  private static final int ID_BYTES = 20;
  private static final long TICK_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(100);

  private final ServerConfig config;
  private final Clock clock;
  private final CommandTable table = new CommandTable();
  private final ClientRegistry clients = new ClientRegistry();
  private final SlowLog slowLog = new SlowLog();
  private final LatencyMonitor latencies = new LatencyMonitor();
  private final ServerStats stats;
  private final Dispatcher dispatcher;
  private final Shards shards;
  private final Propagator propagator;
  private final Listener listener;
  private final KeyspaceCron cron;
  private volatile @Nullable ClusterLoop cluster;
  private final MemoryMeter memory;
  private final MemoryLimit memoryLimit;
  private final ListSettings lists;
  private final RateSampler rates;
  private final FileThread files = new FileThread();
  private final Persister persister;
  private final String runId;
  private volatile String replicationId;
  private final long startMs;

  /** When the last tick was; the cron's thread's own. */
  private long tickNanos;

  private final BlockingQueue<StopRequest> stopRequests = new LinkedBlockingQueue<>();

  /**
   * Makes a server that has not started.
   *
   * @throws ConfigFileException where a line of the configuration cannot be carried out
   */
  public Server(ServerConfig config, Clock clock) throws ConfigFileException {
    this.config = config;
    this.clock = clock;
    this.startMs = clock.nowMs();
    SecureRandom random = new SecureRandom();
    this.runId = newId(random);
    this.replicationId = newId(random);
    this.shards = newShards(config, random);
    this.propagator = new Propagator(shards, config.lazyfreeLazyExpire);
    CommandFamilies.register(table);
    renameCommands(config, table);
    table.seal();
    this.stats = new ServerStats(table.size());
    this.dispatcher = new Dispatcher(table, config, stats.errors(), slowLog, latencies);
    this.memory = new MemoryMeter(shards, clients);
    this.memoryLimit = new MemoryLimit(memory, config.maxmemory, dispatcher.conditions());
    this.lists = new ListSettings(config.listMaxListpackSize);
    this.rates = new RateSampler(clock.nanos());
    this.listener = new Listener(this);
    this.persister = new Persister(this, files);
    this.cron =
        new KeyspaceCron(
            config,
            clock,
            shards,
            listener.anyLoop(),
            this::onCycle,
            () -> !dispatcher.pause().isPaused());
  }

  private static void renameCommands(ServerConfig config, CommandTable table)
      throws ConfigFileException {
    for (ConfigLine line : config.renamedCommands()) {
      String refusal = table.rename(line.words().get(1), line.words().get(2));
      if (refusal != null) {
        throw ConfigFileException.at(line, refusal);
      }
    }
  }

  private static Shards newShards(ServerConfig config, SecureRandom random) {
    return config.clusterEnabled.get()
        ? new Shards(config.redknotShards.getInt(), 1, random::nextLong)
        : new Shards(1, config.databases.getInt(), random::nextLong);
  }

  private static String newId(SecureRandom random) {
    byte[] bytes = new byte[ID_BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /**
   * Starts to serve.
   *
   * @throws IOException where the sockets cannot be opened or the data cannot be loaded
   * @throws NodesConfException where the cluster's configuration file cannot be used
   */
  public void start() throws IOException, NodesConfException {
    if (config.clusterEnabled.get()) {
      ClusterLoop loop = newClusterLoop();
      cluster = loop;
      dispatcher.routeBy(new Router(loop::view));
      loop.start();
    }
    new ConfigBindings(this).bind();
    // Before the first connection: no command may see a data set that is not all there.
    dispatcher.conditions().set(Condition.LOADING, true);
    listener.open();
    persister.load();
    ClusterLoop loop = cluster;
    if (loop != null) {
      loop.dataLoaded();
    }
    dispatcher.conditions().set(Condition.LOADING, false);
    cron.start();
  }

  private ClusterLoop newClusterLoop() throws IOException, NodesConfException {
    ClusterOptions options = ClusterConfig.options(config);
    ClusterReactions reactions =
        new ClusterReactions(shards, dispatcher.conditions(), listener.anyLoop());
    return new ClusterLoop(
        new ClusterLoop.Parts(options, shards, clock, reactions, this::stopAfterFailure));
  }

  /** With every cycle of the cron, so that an idle node wakes up once for everything. */
  private long onCycle() {
    long commandsRun = stats.commandsProcessedEver();
    long nanos = clock.nanos();
    if (nanos - tickNanos >= TICK_NANOS_MIN) {
      tickNanos = nanos;
      dispatcher.pause().tick(clock.nowMs());
      rates.sample(stats, nanos);
      memoryLimit.tick(commandsRun);
      persister.tick(clock.nowMs());
    }
    return commandsRun;
  }

  /**
   * Stops serving, once; returns when all connections are closed.
   *
   * @throws IOException where the cluster's configuration file cannot be closed
   */
  public void stop() throws IOException {
    listener.close();
    ClusterLoop loop = cluster;
    if (loop != null) {
      loop.stop();
    }
  }

  /**
   * Asks the main thread to stop the server. Any thread.
   *
   * @param onRefusal what is to be done where the server goes on, because the data cannot be saved
   */
  public void requestStop(ShutdownOptions options, Runnable onRefusal) {
    stopRequests.add(new StopRequest(options, false, onRefusal));
  }

  /** Something that this server must not go on without does not work. Any thread. */
  private void stopAfterFailure() {
    ShutdownOptions withoutSaving = new ShutdownOptions(false, true, true, true);
    stopRequests.add(new StopRequest(withoutSaving, true, () -> {}));
  }

  /** Waits until a stop is asked for. */
  public StopRequest awaitStopRequest() throws InterruptedException {
    return stopRequests.take();
  }

  /** The configuration in force. */
  public ServerConfig config() {
    return config;
  }

  public Clock clock() {
    return clock;
  }

  public CommandTable table() {
    return table;
  }

  /** The cluster; null outside of one. */
  public @Nullable ClusterLoop cluster() {
    return cluster;
  }

  /** The guard of {@code maxmemory}. */
  MemoryLimit memoryLimit() {
    return memoryLimit;
  }

  /** The limits of lists. */
  public ListSettings lists() {
    return lists;
  }

  /** All keys. */
  public Shards shards() {
    return shards;
  }

  /** The stream of changes. */
  public Propagator propagator() {
    return propagator;
  }

  /** What is done for the keys from time to time. */
  public KeyspaceCron cron() {
    return cron;
  }

  public ClientRegistry clients() {
    return clients;
  }

  public ServerStats stats() {
    return stats;
  }

  /** How much memory is used. */
  public MemoryMeter memory() {
    return memory;
  }

  /** Saves the data set. */
  public Persister persister() {
    return persister;
  }

  /** Commands and bytes per second. */
  public RateSampler rates() {
    return rates;
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

  /** 40 hexadecimal digits that name the history of this data set. */
  public String replicationId() {
    return replicationId;
  }

  /** Begins another history, as if this were another data set. */
  public void changeReplicationId() {
    replicationId = newId(new SecureRandom());
  }

  /** When the server was started, in milliseconds since 1970. */
  public long startMs() {
    return startMs;
  }
}
