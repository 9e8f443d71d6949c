package io.redknot.server.replication;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.redknot.server.ExpiryHold;
import io.redknot.server.Server;
import io.redknot.server.TaskThread;
import io.redknot.server.config.OutputBufferLimits;
import io.redknot.server.config.ReplicaSource;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.dispatch.Conditions.Condition;
import io.redknot.server.net.ConnectionHandler;
import io.redknot.server.persistence.CommitGate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's part in replication: which history its data set has, how far that has come, and who
 * follows it.
 *
 * <p>Any thread. Locks are taken in this order: that of who changes the role, {@link #whileStill},
 * those of the shards, this object's, the stream's, the backlog's. This object's is held for short
 * only, so that event loops may take it: who holds it waits for nothing.
 */
public final class Replication {
  private static final Logger LOG = LoggerFactory.getLogger(Replication.class);

  private static final String UNBLOCKED =
      "UNBLOCKED force unblock from blocking operation, instance state changed (master ->"
          + " replica?)";

  /** What became of a request for the stream. */
  public enum Admission {
    /** The stream goes on behind the reply. */
    CONTINUED,
    /** The whole data set comes first, when it is this replica's turn. */
    FULL
  }

  private final Server server;
  private final ServerConfig config;
  private final ReplicationBacklog backlog;
  private final BacklogSink sink;
  private final FullSyncs syncs;
  private final Heartbeat heartbeat;
  private final AckWaiters waiters;
  private final List<ReplicaLink> replicas = new CopyOnWriteArrayList<>();

  private final RoleLocks locks = new RoleLocks();
  private final ReplicationCounts counts = new ReplicationCounts();
  private final Executor loads = new TaskThread("redknot-load");
  private volatile History history = History.fresh();
  private volatile @Nullable PrimaryLink primary;

  /** Made for the first replica. */
  private volatile @Nullable DiskHold hold;

  private volatile boolean started;
  private final RoleConditions roleConditions;

  /** Since when this primary has had no replicas, as far as the heartbeat has seen; 0: it has. */
  @GuardedBy("this")
  private long aloneSinceMs;

  public Replication(Server server) {
    this.server = server;
    this.config = server.config();
    this.backlog = new ReplicationBacklog(config.replBacklogSize.get());
    this.roleConditions = new RoleConditions(config);
    this.sink = new BacklogSink(backlog, this::onStreamLost);
    this.syncs = new FullSyncs(server, this);
    this.waiters = new AckWaiters(server, this);
    this.heartbeat = new Heartbeat(server, this);
  }

  /** Which history the data set has. */
  public History history() {
    return history;
  }

  /** Begins another history, as if this were another data set. */
  public void changeId() {
    history = History.fresh();
  }

  /** Replicas would miss a change: they begin anew with the whole data set. */
  private void onStreamLost() {
    LOG.warn("A change is too large for the replication stream: replicas are synchronized anew");
    changeId();
    closeReplicas();
  }

  /** Bytes of the stream so far. */
  public long offset() {
    return backlog.end();
  }

  ReplicationBacklog backlog() {
    return backlog;
  }

  BacklogSink sink() {
    return sink;
  }

  FullSyncs syncs() {
    return syncs;
  }

  /** Who waits for replicas to have come so far. */
  public AckWaiters waiters() {
    return waiters;
  }

  /** Whether the stream's end is kept, and counted. */
  public boolean hasBacklog() {
    return backlog.isActive();
  }

  /** Offset of the oldest byte that is kept; 0: none is. */
  public long backlogFirstOffset() {
    return backlog.isActive() ? backlog.start() + 1 : 0;
  }

  /** Bytes that are kept for replicas that come back. */
  public long backlogLength() {
    return backlog.isActive() ? backlog.end() - backlog.start() : 0;
  }

  long backlogSize() {
    return config.replBacklogSize.get();
  }

  /** Bytes of memory that the stream takes, for all replicas together. */
  public long bufferBytes() {
    return backlog.heldBytes();
  }

  public void resizeBacklog() {
    backlog.size(config.replBacklogSize.get());
  }

  /** Everybody who has asked for the stream, in the order in which they came. */
  public List<ReplicaLink> replicas() {
    return replicas;
  }

  /** How often and how much. */
  public ReplicationCounts counts() {
    return counts;
  }

  /** The primary that this node follows; null: it is one itself. */
  public @Nullable PrimaryLink primary() {
    return primary;
  }

  /**
   * As a replica: how long ago the data set was known to be the primary's, in milliseconds; {@code
   * Long.MAX_VALUE} where it never was.
   */
  public long dataAgeMs() {
    PrimaryLink link = primary;
    return link == null ? Long.MAX_VALUE : link.dataAgeMs(nowMs());
  }

  /** Whether this node follows a primary. */
  public boolean isReplica() {
    return primary != null;
  }

  /** Runs loads of data sets, one after the other. */
  Executor loads() {
    return loads;
  }

  OutputBufferLimits.Limit outputLimit() {
    return config.clientOutputBufferLimit.get().replica();
  }

  long nowMs() {
    return server.clock().nowMs();
  }

  public ReplicaLink newLink(ConnectionHandler connection) {
    return new ReplicaLink(this, connection);
  }

  /**
   * Runs something while no command of a primary is half done: executed and not yet counted. To be
   * taken before the locks of shards.
   */
  public <T> T whileStill(Supplier<T> action) {
    return locks.whileStill(action);
  }

  /** As {@link #whileStill}, and nobody else changes the role. To be taken before that. */
  public <T> T whileRoleIsStill(Supplier<T> action) {
    return locks.whileRoleIsStill(action);
  }

  /** The locks that are taken for these. */
  public RoleLocks locks() {
    return locks;
  }

  /** What a snapshot says of its place in the history; all shards are locked. */
  public Map<String, String> savedFields() {
    Map<String, String> fields = new LinkedHashMap<>();
    if (backlog.isActive()) {
      PrimaryLink link = primary;
      int db = link == null ? Math.max(0, sink.selected()) : link.database();
      fields.put("repl-stream-db", Integer.toString(db));
      fields.put("repl-id", history.id());
      fields.put("repl-offset", Long.toString(offset()));
    }
    return fields;
  }

  /**
   * A replica asks for the stream.
   *
   * @param id of the history that it knows; null or {@code ?}: none
   * @param askedOffset of the first byte that it has not got
   */
  public synchronized Admission attach(ReplicaLink link, @Nullable String id, long askedOffset) {
    holdForDisk();
    String known = id == null || id.equals("?") ? null : id;
    Admission admission =
        known != null && goOn(link, known, askedOffset) ? Admission.CONTINUED : Admission.FULL;
    if (admission == Admission.CONTINUED) {
      counts.partialSyncs.increment();
    } else {
      if (known != null) {
        counts.partialRefusals.increment();
      }
      counts.fullSyncs.increment();
    }
    replicas.add(link);
    heartbeat.start();
    if (admission == Admission.FULL) {
      syncs.add(link, nowMs());
    }
    onReplicasChanged();
    return admission;
  }

  private void holdForDisk() {
    if (hold == null) {
      CommitGate gate = server.persister().appendOnly().gate();
      DiskHold made = new DiskHold(gate, server.propagator(), backlog, replicas);
      gate.add(made);
      hold = made;
    }
  }

  /** Up to which position the stream may be sent now. */
  long sendLimit() {
    DiskHold current = hold;
    return current == null ? Long.MAX_VALUE : current.limit();
  }

  private boolean goOn(ReplicaLink link, String id, long askedOffset) {
    if (!history.contains(id, askedOffset)) {
      LOG.info(
          "Partial resynchronization not accepted: {} asked for '{}', my replication IDs are '{}'"
              + " and '{}'",
          link,
          id,
          history.id(),
          history.previousId());
      return false;
    }
    long position = askedOffset - 1;
    if (!backlog.holds(position)) {
      LOG.info(
          "Unable to partial resync with {} for lack of backlog (it asked for offset {}).",
          link,
          askedOffset);
      return false;
    }
    link.onlineAt(position, nowMs());
    if (!backlog.add(link)) {
      return false;
    }
    // On the connection's event loop, so that what is sent comes behind the reply.
    link.startStream();
    LOG.info(
        "Partial resynchronization request from {} accepted: {} bytes from offset {}.",
        link,
        offset() - position,
        askedOffset);
    return true;
  }

  /**
   * This node follows a primary from now on; its data set becomes that of the primary, by what is
   * missing if they have a common past.
   */
  public void follow(ReplicaSource source) {
    follow(source, null);
  }

  /** As {@link #follow(ReplicaSource)}, of a replica that is to become the primary by that. */
  void follow(ReplicaSource source, @Nullable Failover failover) {
    locks.lockRole();
    try {
      changePrimary(source, failover);
    } finally {
      locks.unlockRole();
    }
  }

  private void changePrimary(ReplicaSource source, @Nullable Failover failover) {
    PrimaryLink before = primary;
    boolean known = before == null ? started : before.isKnown();
    PrimaryLink link =
        whileAllIsStill(
            () -> {
              if (before == null && known && failover == null && replicas.isEmpty()) {
                // Who has the history before, as its successor does, need not know this one.
                history = history.withoutEmpty(offset());
              }
              return changePrimary(before, source, known);
            });
    link.failover(failover);
    if (before == null) {
      waiters.endAll(UNBLOCKED);
      server.clients().unblockAll(UNBLOCKED);
    }
    onReplicasChanged();
    if (started) {
      heartbeat.start();
      link.start();
    }
  }

  /** Nothing changes meanwhile, neither the data set nor who follows. */
  private <T> T whileAllIsStill(Supplier<T> action) {
    return whileStill(
        () -> {
          server.shards().lockAll();
          try {
            synchronized (this) {
              return action.get();
            }
          } finally {
            server.shards().unlockAll();
          }
        });
  }

  public boolean isStarted() {
    return started;
  }

  /**
   * This node has loaded its own data: replication begins.
   *
   * @param savedId of the history that the data belongs to; empty: it is not known
   * @param savedOffset up to which the data has it
   * @param savedDatabase that the stream behind it goes on with
   */
  public void start(String savedId, long savedOffset, int savedDatabase) {
    locks.lockRole();
    try {
      PrimaryLink link = primary;
      boolean restored = savedId.length() == ReplicationId.LENGTH;
      if (restored && link != null) {
        begin(link, savedId, savedOffset);
        link.know(savedDatabase);
      } else if (restored) {
        continueSaved(savedId, savedOffset);
      }
      started = true;
      if (link != null) {
        heartbeat.start();
        link.start();
      }
    } finally {
      locks.unlockRole();
    }
  }

  /** Replicas that followed this node before it was restarted may go on. */
  private void continueSaved(String savedId, long savedOffset) {
    var _ =
        whileAllIsStill(
            () -> {
              history = History.of(savedId).continuedAs(ReplicationId.random(), savedOffset);
              backlog.begin(savedOffset);
              server.propagator().attach(sink);
              return history;
            });
    heartbeat.start();
  }

  private PrimaryLink changePrimary(
      @Nullable PrimaryLink before, ReplicaSource source, boolean known) {
    int database = before == null ? sink.selected() : before.database();
    if (before == null) {
      server.propagator().detach(sink);
      server.expiryHold().set(ExpiryHold.Reason.REPLICA, true);
    } else {
      before.end();
    }
    PrimaryLink link = new PrimaryLink(server, source, known, database);
    primary = link;
    // Who waits for a lock with a write finds out that it may not be executed any more.
    onLinkChanged();
    return link;
  }

  /** This node is a primary from now on; its data set goes on in a history of its own. */
  public void promote() {
    locks.lockRole();
    try {
      leavePrimary();
    } finally {
      roleConditions.endPromotion(server.dispatcher().conditions(), primary);
      locks.unlockRole();
    }
  }

  private void leavePrimary() {
    PrimaryLink before = primary;
    if (before == null) {
      return;
    }
    List<ReplicaLink> told = whileAllIsStill(() -> becomePrimary(before));
    server.persister().resumeAppending();
    // They come back and are told the new name.
    told.forEach(ReplicaLink::close);
    onReplicasChanged();
  }

  /** Who followed this node as a replica. */
  private List<ReplicaLink> becomePrimary(PrimaryLink before) {
    before.end();
    backlog.removeAll();
    // Before anybody sees the role: what is written because of it has to wait for the locks.
    roleConditions.update(server.dispatcher().conditions(), null);
    primary = null;
    // What is half loaded belongs to no history.
    history =
        before.isKnown() ? history.continuedAs(ReplicationId.random(), offset()) : History.fresh();
    server.expiryHold().set(ExpiryHold.Reason.REPLICA, false);
    sink.selected(BacklogSink.NONE);
    if (backlog.isActive()) {
      server.propagator().attach(sink);
    }
    return List.copyOf(replicas);
  }

  /** {@link #promote} is about to come: from now on commands are not refused as a replica does. */
  public void beginPromotion() {
    roleConditions.beginPromotion(server.dispatcher().conditions());
  }

  /**
   * Does something to the data set for a link whose primary this node follows, and goes on
   * following until it is done.
   *
   * @return false where it follows another one, or none
   */
  boolean whileFollowing(PrimaryLink link, Runnable action) {
    locks.lockRole();
    try {
      if (primary != link) {
        return false;
      }
      action.run();
      return true;
    } finally {
      locks.unlockRole();
    }
  }

  /** A primary's data set has been loaded: its history is this node's. */
  synchronized boolean begin(PrimaryLink link, String id, long offset) {
    if (primary != link) {
      return false;
    }
    history = History.of(id);
    backlog.begin(offset);
    return true;
  }

  /** The primary goes on with the stream, under the same name or another one. */
  synchronized boolean goOnAs(PrimaryLink link, @Nullable String id) {
    if (primary != link) {
      return false;
    }
    if (id != null && id.length() == ReplicationId.LENGTH && !id.equals(history.id())) {
      backlog.removeAll();
      history = history.continuedAs(id, offset());
      LOG.info("Master replication ID changed to {}", id);
      closeReplicas();
    }
    if (!backlog.isActive()) {
      backlog.begin(offset());
    }
    return true;
  }

  void closeReplicas() {
    replicas.forEach(ReplicaLink::close);
  }

  /** The link to the primary, or what is configured for it, has changed. */
  public void onLinkChanged() {
    roleConditions.update(server.dispatcher().conditions(), primary);
  }

  /**
   * From now on the stream is counted and kept. Before, changes were not: it is a new history. All
   * shards are locked.
   */
  synchronized void activate() {
    if (backlog.isActive() || isReplica()) {
      return;
    }
    history = History.fresh();
    backlog.begin(backlog.end());
    sink.selected(BacklogSink.NONE);
    server.propagator().attach(sink);
  }

  private void deactivate() {
    server.propagator().detach(sink);
    backlog.close();
    history = History.fresh();
  }

  void detached(ReplicaLink link) {
    backlog.remove(link);
    replicas.remove(link);
    syncs.detached(link);
    onReplicasChanged();
  }

  public void acknowledged(ReplicaLink link, long offset, long fsyncedOffset) {
    link.acknowledged(offset, fsyncedOffset, nowMs());
    waiters.onAck();
  }

  /** Replicas that acknowledge often enough to count for {@code min-replicas-to-write}. */
  public int goodReplicas() {
    long lagMax = config.minReplicasMaxLag.get();
    return (int) replicas.stream().filter(link -> link.isGood(nowMs(), lagMax)).count();
  }

  public boolean needsGoodReplicas() {
    return config.minReplicasToWrite.get() > 0 && config.minReplicasMaxLag.get() > 0;
  }

  /** Replicas came, went or fell silent, or were configured: writes may be refused now. */
  public void onReplicasChanged() {
    boolean few =
        !isReplica() && needsGoodReplicas() && goodReplicas() < config.minReplicasToWrite.get();
    server.dispatcher().conditions().set(Condition.FEW_REPLICAS, few);
    if (needsGoodReplicas()) {
      heartbeat.start();
    }
  }

  /** Asks all replicas how far they are; once for all who want to know at a time. */
  public void askForAcks() {
    heartbeat.askForAcks();
  }

  /** Gives the backlog back where nobody has been there for whom it is kept, for so long. */
  synchronized void freeBacklog(long now) {
    long ttlMs = TimeUnit.SECONDS.toMillis(config.replBacklogTtl.get());
    if (!replicas.isEmpty() || !backlog.isActive() || ttlMs == 0 || isReplica()) {
      aloneSinceMs = 0;
      return;
    }
    aloneSinceMs = aloneSinceMs == 0 ? now : aloneSinceMs;
    if (now - aloneSinceMs > ttlMs) {
      LOG.info(
          "Replication backlog freed after {} seconds without connected replicas.",
          config.replBacklogTtl.get());
      deactivate();
    }
  }
}
