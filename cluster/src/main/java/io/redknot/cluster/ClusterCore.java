package io.redknot.cluster;

import io.redknot.cluster.LogLine.Level;
import io.redknot.cluster.store.NodesConf;
import io.redknot.cluster.store.SavedCluster;
import io.redknot.cluster.wire.BusBody;
import io.redknot.cluster.wire.BusFormat;
import io.redknot.cluster.wire.BusMessage;
import io.redknot.cluster.wire.MessageType;
import io.redknot.cluster.wire.NodeFlags;
import io.redknot.cluster.wire.Payload;
import io.redknot.cluster.wire.SlotSet;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One node of the cluster as a pure state machine. It is told what happened ({@code on...}), and
 * says with {@link #drain} what has to be done about it. It has no clock, socket, file or thread;
 * times are unix milliseconds given by the caller.
 *
 * <p>After every event the caller drains, and carries the outbox out in its order before the next
 * event is given: that is what keeps promises on disk before they are on the wire.
 */
public final class ClusterCore {
  private final CoreContext ctx;
  private final Rules rules;
  private final MessageHandler messages;
  private final Ticker ticker;
  private final AdminRequests admin;
  private final ViewBuilder views = new ViewBuilder();

  /**
   * A node that continues what was saved, or a fresh one.
   *
   * @param saved what nodes.conf held, or null for a fresh node
   * @param random also the source of ids; on a real node it must be unpredictable
   */
  public ClusterCore(
      long nowMs, @Nullable SavedCluster saved, ClusterSettings settings, RandomGenerator random) {
    ClusterState state =
        saved == null ? new ClusterState(random, nowMs) : new ClusterState(saved, random, nowMs);
    ctx = new CoreContext(state, settings, random, nowMs);
    rules = new Rules(ctx);
    messages = new MessageHandler(ctx, rules);
    ticker = new Ticker(ctx, rules);
    admin = new AdminRequests(ctx, rules);
    applySettings();
    ctx.pending().view();
  }

  /** To be called every 100 ms. */
  public void onTick(long nowMs, LocalFacts facts) {
    ctx.time(nowMs);
    ctx.facts = facts;
    ticker.tick();
    ctx.pending().saveWhatWaits();
    settle();
  }

  /**
   * A connection was accepted on the bus port.
   *
   * @param peerIp normal form, see {@link io.redknot.cluster.wire.IpText}
   * @param localIp the local address of the connection, same form
   * @return the id of the link
   */
  public long onAccepted(long nowMs, String peerIp, String localIp) {
    ctx.time(nowMs);
    ctx.eventful = true;
    return ctx.links.accept(peerIp, localIp, nowMs).id;
  }

  /** A connection asked for by {@link LinkAction.Connect} is open. */
  public void onLinkUp(long nowMs, long linkId, String localIp, LocalFacts facts) {
    begin(nowMs, facts);
    BusLink link = ctx.links.find(linkId);
    ClusterNode node = link == null ? null : link.node;
    if (link != null && node != null && !link.up) {
      link.up = true;
      link.localIp = localIp;
      rules.processes.onSignOfLife(node);
      rules.messenger.greet(link, node);
    }
    settle();
  }

  /** A connection that was open has been closed by the peer. Unknown ids are ignored. */
  public void onLinkDown(long nowMs, long linkId) {
    ctx.time(nowMs);
    ctx.eventful = true;
    BusLink link = ctx.links.find(linkId);
    if (link != null) {
      ClusterNode node = link.node;
      ctx.links.remove(link);
      if (node != null) {
        rules.processes.onLost(node);
      }
    }
  }

  /**
   * A connection asked for by {@link LinkAction.Connect} cannot be had. Unknown ids are ignored.
   *
   * @param refused whether the peer's host said that nobody listens there
   */
  public void onNotConnected(long nowMs, long linkId, boolean refused) {
    ctx.time(nowMs);
    ctx.eventful = true;
    BusLink link = ctx.links.find(linkId);
    if (link != null) {
      ClusterNode node = link.node;
      ctx.links.remove(link);
      if (node != null) {
        Ticker.startWaiting(node, nowMs);
        rules.processes.onNotConnected(node, refused);
      }
    }
  }

  /** A message arrived. Messages of links that are closed already are ignored. */
  public void onMessage(long nowMs, long linkId, BusMessage message, LocalFacts facts) {
    begin(nowMs, facts);
    BusLink link = ctx.links.find(linkId);
    if (link != null) {
      messages.handle(link, message);
    }
    settle();
  }

  /** The decoder skipped a message; it still counts as received. */
  public void onIgnored(long nowMs, long linkId, @Nullable MessageType type, String reason) {
    ctx.time(nowMs);
    ctx.eventful = true;
    if (type != null) {
      ctx.state.received[type.code()]++;
    }
    ctx.log(Level.WARNING, "Ignored a bus message on link " + linkId + ": " + reason);
  }

  /**
   * The replica processed more of the stream. Needed only while a manual failover waits for the
   * last write, and there only to lose less time than until the next tick.
   */
  public void onReplicationProgress(long nowMs, LocalFacts facts) {
    begin(nowMs, facts);
    rules.manual.step();
    settle();
  }

  /**
   * What {@link ClusterEvent.PauseWrites} asked for is done. Whoever waits for the offset is told
   * it at once instead of with the next tick.
   */
  public void onWritesHeldBack(long nowMs, LocalFacts facts) {
    begin(nowMs, facts);
    ClusterNode waiting = rules.manual.replica();
    BusLink link = waiting == null ? null : waiting.outbound;
    if (link != null && link.up) {
      rules.messenger.ping(link, MessageType.PING);
    }
    settle();
  }

  /** The configuration changed. */
  public void onSettings(long nowMs, ClusterSettings settings, LocalFacts facts) {
    begin(nowMs, facts);
    ctx.settings = settings;
    applySettings();
    ctx.pending().health();
    settle();
  }

  /** A CLUSTER subcommand. */
  public AdminReply onAdmin(long nowMs, AdminRequest request, LocalFacts facts) {
    begin(nowMs, facts);
    AdminReply reply = admin.handle(request);
    settle();
    return reply;
  }

  /**
   * The dataset is loaded. A primary claims slots that nobody owns but it has keys of; keys in a
   * slot of another node make the slot one that is being imported.
   */
  public void onDataLoaded(long nowMs, LocalFacts facts) {
    begin(nowMs, facts);
    for (int slot = 0; ctx.self().isPrimary() && slot < BusFormat.SLOTS; slot++) {
      ClusterNode owner = ctx.state.slots.owner(slot);
      boolean open = owner != ctx.self() && !ctx.state.slots.importing.containsKey(slot);
      if (open && facts.keysInSlot(slot) > 0) {
        claimLoaded(slot, owner);
      }
    }
    settle();
  }

  private void claimLoaded(int slot, @Nullable ClusterNode owner) {
    if (owner == null) {
      ctx.log(Level.WARNING, "Keys in unassigned slot " + slot + ": taking the slot");
      ctx.state.assign(slot, ctx.self());
    } else {
      ctx.log(Level.WARNING, "Keys in slot " + slot + " of node " + owner + ": importing it");
      ctx.state.slots.importing.put(slot, owner);
    }
    ctx.pending().save();
    ctx.pending().health();
  }

  /** PUBLISH goes to every node, SPUBLISH to those of this shard. */
  public void onPublish(
      long nowMs, boolean sharded, Payload channel, Payload message, LocalFacts facts) {
    begin(nowMs, facts);
    BusBody body = new BusBody.Publish(channel, message);
    if (sharded) {
      String shard = ctx.self().shardId;
      rules.messenger.broadcast(MessageType.PUBLISHSHARD, body, node -> node.shardId.equals(shard));
    } else {
      rules.messenger.broadcast(MessageType.PUBLISH, body, node -> true);
    }
    settle();
  }

  /** The consequences since the last call, which are then forgotten. */
  public Outbox drain() {
    rules.membership.announceSource();
    SlotSet lost = ctx.state.slots.takeLost();
    if (lost != null) {
      ctx.events.add(new ClusterEvent.SlotsLost(lost));
    }
    Pending pending = ctx.pending();
    Outbox.Persist persist =
        pending.wantsSave()
            ? new Outbox.Persist(NodesConf.format(ctx.state.toSaved()), pending.wantsFsync())
            : null;
    ClusterView view = null;
    if (pending.wantsView()) {
      view = views.build(ctx);
      ctx.eventful = false;
    }
    Outbox outbox =
        new Outbox(
            persist,
            view,
            List.copyOf(ctx.actions),
            List.copyOf(ctx.events),
            List.copyOf(ctx.logs));
    ctx.actions.clear();
    ctx.events.clear();
    ctx.logs.clear();
    pending.drained();
    return outbox;
  }

  private void begin(long nowMs, LocalFacts facts) {
    ctx.eventful = true;
    ctx.time(nowMs);
    ctx.facts = facts;
    rules.stalls.onEvent();
  }

  /** Work that several steps of one event may have asked for. */
  private void settle() {
    if (ctx.pending().takeElection()) {
      rules.manual.step();
      rules.election.step();
    }
    if (ctx.pending().takeHealth()) {
      rules.health.update();
    }
  }

  private void applySettings() {
    ClusterNode self = ctx.self();
    ClusterSettings settings = ctx.settings;
    String ip = settings.announceIp().isEmpty() ? self.address.ip() : settings.announceIp();
    self.address = settings.announced().withIp(ip);
    self.hostname = settings.announceHostname();
    self.nodename = settings.announceNodename();
    self.clear(NodeFlags.NOFAILOVER);
    self.set(settings.replicaNoFailover() ? NodeFlags.NOFAILOVER : 0);
    ctx.pending().save();
  }
}
