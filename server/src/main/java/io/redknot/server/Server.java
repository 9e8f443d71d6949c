package io.redknot.server;

import io.netty.channel.EventLoop;
import io.redknot.cluster.store.NodesConfException;
import io.redknot.server.bus.ClusterLoop;
import io.redknot.server.bus.ClusterOptions;
import io.redknot.server.bus.ClusterReactions;
import io.redknot.server.command.CommandFamilies;
import io.redknot.server.config.ConfigFileException;
import io.redknot.server.config.ConfigLine;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.config.StartOptions;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.Conditions.Condition;
import io.redknot.server.dispatch.Dispatcher;
import io.redknot.server.dispatch.HeldWrites;
import io.redknot.server.dispatch.Router;
import io.redknot.server.dispatch.Turn;
import io.redknot.server.info.MemoryMeter;
import io.redknot.server.migration.MigrationTargets;
import io.redknot.server.net.ChannelSecurity;
import io.redknot.server.net.ClientEviction;
import io.redknot.server.net.ClientRegistry;
import io.redknot.server.net.IoLoop;
import io.redknot.server.net.Listener;
import io.redknot.server.net.Session;
import io.redknot.server.persistence.Disk;
import io.redknot.server.persistence.LoadProgress;
import io.redknot.server.persistence.Persister;
import io.redknot.server.pubsub.KeyspaceNotifications;
import io.redknot.server.pubsub.PubSub;
import io.redknot.server.replication.Failover;
import io.redknot.server.replication.Propagator;
import io.redknot.server.replication.Replication;
import io.redknot.server.replication.ReplicationId;
import io.redknot.server.signal.Signals;
import io.redknot.server.stats.LatencyMonitor;
import io.redknot.server.stats.RateSampler;
import io.redknot.server.stats.ServerStats;
import io.redknot.server.stats.SlowLog;
import io.redknot.server.tracking.Tracking;
import io.redknot.storage.keyspace.Shards;
import io.redknot.storage.memory.KeyHash;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One node: everything that commands reach, and its start and stop. */
public final class Server {
  /** The Redis version whose behaviour is offered; what INFO and HELLO tell. */
  public static final String REDIS_VERSION = StartOptions.REDIS_COMPATIBLE_VERSION;

  private static final Logger LOG = LoggerFactory.getLogger(Server.class);
  private static final long TICK_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(100);

  /**
   * So many keys that clients track are forgotten in a cycle of the cron, where there are too many.
   */
  private static final int FORGOTTEN_TRACKED_KEYS_MAX = 10_000;

  private final ServerConfig config;
  private final Clock clock;
  private final CommandTable table = new CommandTable();
  private final ClientRegistry clients = new ClientRegistry();
  private final ClientEviction clientEviction;
  private final SlowLog slowLog = new SlowLog();
  private final LatencyMonitor latencies = new LatencyMonitor();
  private final ServerStats stats;
  private final Dispatcher dispatcher;
  private final Shards shards;
  private final Propagator propagator;
  private final Signals signals;
  private final Tracking tracking;
  private final KeyspaceNotifications notifications;
  private final ExpiryHold expiryHold;
  private final PubSub pubsub = new PubSub();
  private final ChannelSecurity security;
  private final Listener listener;
  private final KeyspaceCron cron;
  private volatile @Nullable ClusterLoop cluster;
  private final MemoryMeter memory;
  private final MemoryLimit memoryLimit;
  private final HugePages hugePages;
  private final ListSettings lists;
  private final RateSampler rates;
  private final TaskThread files = new TaskThread("redknot-file");
  private final Turn roleTurn;
  private final TaskThread roles = new TaskThread("redknot-role");
  private final Replication replication;
  private final Failover failover;
  private final Persister persister;
  private final String runId;
  private final long startMs;

  /** When the last tick was; the cron's thread's own. */
  private long tickNanos;

  private final Map<EventLoop, MigrationTargets> migrationTargets = new ConcurrentHashMap<>(0);
  private final Stopping stopping = new Stopping(this);

  /**
   * Makes a server that has not started.
   *
   * @throws ConfigFileException where a line of the configuration cannot be carried out
   */
  public Server(ServerConfig config, Clock clock) throws ConfigFileException {
    this(config, clock, Disk.REAL, ChannelSecurity.NONE);
  }

  /**
   * As {@link #Server(ServerConfig, Clock)}.
   *
   * @param disk where the data set is kept
   * @param security stands between its sockets and who speaks on them
   */
  public Server(ServerConfig config, Clock clock, Disk disk, ChannelSecurity security)
      throws ConfigFileException {
    this.security = security;
    this.config = config;
    this.clock = clock;
    this.startMs = clock.nowMs();
    SecureRandom random = new SecureRandom();
    this.runId = ReplicationId.random();
    this.shards = newShards(config, random);
    this.propagator = new Propagator(shards, config.lazyfreeLazyExpire);
    this.notifications = new KeyspaceNotifications(config.notifyKeyspaceEvents, pubsub);
    this.tracking =
        new Tracking(clients, config.trackingTableMaxKeys, new KeyHash(random.nextLong()));
    this.signals = new Signals(shards, notifications, tracking, this::attendSoon);
    this.expiryHold = new ExpiryHold(shards);
    CommandFamilies.register(table);
    renameCommands(config, table);
    table.seal();
    this.stats = new ServerStats(table.size());
    this.roleTurn = new Turn(clock, stats.addLoop());
    this.dispatcher = new Dispatcher(table, config, stats, slowLog, latencies, shards.count());
    this.memory = new MemoryMeter(shards, clients);
    this.clientEviction = new ClientEviction(clients, config.maxmemoryClients, config.maxmemory);
    this.memoryLimit = new MemoryLimit(memory, config.maxmemory, dispatcher.conditions());
    this.hugePages = new HugePages(config.redknotHugePages::get);
    this.lists = new ListSettings(config.listMaxListpackSize);
    this.rates = new RateSampler(clock.nanos());
    this.listener = new Listener(this);
    this.replication = new Replication(this);
    this.failover = new Failover(this);
    memory.count(() -> replication.bufferBytes() + tracking.sizeBytes());
    this.persister = new Persister(this, disk, files);
    listener.waitAt(persister.appendOnly().gate());
    this.cron =
        new KeyspaceCron(
            config,
            clock,
            shards,
            listener.anyLoop(),
            this::onCycle,
            () -> !dispatcher.pause().isPaused() && !persister.isWaiting());
  }

  /** Something that clients wait for has changed without a command. */
  private void attendSoon(int shard) {
    IoLoop loop = listener.anyIoLoop();
    loop.execute(() -> Dispatcher.attend(this, loop.turn(), shard));
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
      dispatcher.routeBy(new Router(loop::view, loop::awakeMs));
      loop.start();
    }
    new ConfigBindings(this).bind();
    // Before the first connection: no command may see a data set that is not all there. And a node
    // that has nothing to load has no reason to refuse any.
    boolean toLoad = persister.hasData();
    dispatcher.conditions().set(Condition.LOADING, toLoad);
    if (!config.clusterEnabled.get() && !config.replicaof.get().isNone()) {
      replication.follow(config.replicaof.get());
    }
    if (!toLoad) {
      persister.beginAppending();
    }
    listener.open();
    logListening();
    if (toLoad) {
      persister.load();
      persister.beginAppending();
    }
    startReplication();
    ClusterLoop loop = cluster;
    if (loop != null) {
      loop.dataLoaded();
    }
    dispatcher.conditions().set(Condition.LOADING, false);
    cron.start();
  }

  /** Whoever waits for this line can connect, as where redis-server shows the same words. */
  private void logListening() {
    LOG.info(
        "Running mode={}, port={}, PID: {}",
        config.clusterEnabled.get() ? "cluster" : "standalone",
        config.port.get(),
        ProcessHandle.current().pid());
  }

  /** With an append-only file the place in a history is not known. */
  private void startReplication() {
    LoadProgress loaded = persister.progress();
    String id = config.appendonly.get() ? "" : loaded.replicationId();
    replication.start(id, loaded.replicationOffset(), loaded.streamDatabase());
  }

  private ClusterLoop newClusterLoop() throws IOException, NodesConfException {
    ClusterOptions options = ClusterConfig.options(config, security);
    HeldWrites writes = new HeldWrites(this, this::onWritesHeld);
    ClusterReactions reactions = new ClusterReactions(this, writes, listener.anyLoop());
    return new ClusterLoop(
        new ClusterLoop.Parts(
            options, shards, replication, clock, reactions, stopping::requestAfterFailure));
  }

  private void onWritesHeld() {
    ClusterLoop loop = cluster;
    if (loop != null) {
      loop.writesHeldBack();
    }
  }

  /**
   * A command has run for a client, and is in the stream of changes as far as it belongs there:
   * what WAIT, WAITAOF and the reply wait for is where that ends.
   *
   * @param changed whether it has changed something
   */
  public void noteRun(Session session, boolean changed) {
    long appended = persister.appendOnly().appended();
    session.written(replication.offset(), appended);
    if (changed) {
      session.changed(appended);
    }
  }

  /** With every cycle of the cron, so that an idle node wakes up once for everything. */
  private long onCycle() {
    long commandsRun = stats.commandsProcessedEver();
    long nanos = clock.nanos();
    if (nanos - tickNanos >= TICK_NANOS_MIN) {
      tickNanos = nanos;
      dispatcher.pause().tick(clock.nowMs());
      expiryHold.follow(dispatcher.pause());
      rates.sample(stats, nanos);
      memoryLimit.tick(commandsRun);
      hugePages.tick();
      persister.tick(clock.nowMs());
      signals.limitTracking(FORGOTTEN_TRACKED_KEYS_MAX);
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
    persister.close();
  }

  /** How it comes to its end. */
  public Stopping stopping() {
    return stopping;
  }

  /** An event loop's connections to servers that take keys. */
  public MigrationTargets migrationTargets(EventLoop loop) {
    return migrationTargets.computeIfAbsent(
        loop, of -> new MigrationTargets(of, listener.transport(), security, clock));
  }

  /** What stands between its sockets and who speaks on them. */
  public ChannelSecurity security() {
    return security;
  }

  /** Number of connections to servers that took keys, which are kept for a while. */
  public int keptMigrationTargets() {
    return migrationTargets.values().stream().mapToInt(MigrationTargets::keptCount).sum();
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

  /** Whether expired keys may be removed. */
  public ExpiryHold expiryHold() {
    return expiryHold;
  }

  /** The stream of changes. */
  public Propagator propagator() {
    return propagator;
  }

  /** Who is told what happens to keys. */
  public Signals signals() {
    return signals;
  }

  /** Clients that track keys. */
  public Tracking tracking() {
    return tracking;
  }

  /** Messages about what happens to keys. */
  public KeyspaceNotifications notifications() {
    return notifications;
  }

  /** Who listens to channels. */
  public PubSub pubsub() {
    return pubsub;
  }

  /** What is done for the keys from time to time. */
  public KeyspaceCron cron() {
    return cron;
  }

  public ClientRegistry clients() {
    return clients;
  }

  /** The guard of {@code maxmemory-clients}. */
  public ClientEviction clientEviction() {
    return clientEviction;
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

  /** Who follows this node, and whom it follows. */
  public Replication replication() {
    return replication;
  }

  /** FAILOVER, outside of a cluster. */
  public Failover failover() {
    return failover;
  }

  /** Runs what reads and writes files, one after the other. */
  public Executor files() {
    return files;
  }

  /**
   * Runs what changes this node's role, one after the other: it takes the locks of all shards, for
   * which one slow command may make it wait.
   */
  public Executor roles() {
    return roles;
  }

  /** What the commands share that the thread for roles runs. */
  public Turn roleTurn() {
    return roleTurn;
  }

  /** When the server was started, in milliseconds since 1970. */
  public long startMs() {
    return startMs;
  }
}
