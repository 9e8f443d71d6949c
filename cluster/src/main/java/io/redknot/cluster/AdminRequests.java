package io.redknot.cluster;

import io.redknot.cluster.AdminRequest.Failover.Mode;
import io.redknot.cluster.wire.BusBody;
import io.redknot.cluster.wire.IpText;
import io.redknot.cluster.wire.MessageType;
import io.redknot.cluster.wire.NodeFlags;
import io.redknot.cluster.wire.NodeIds;
import org.jspecify.annotations.Nullable;

/** Carries out CLUSTER subcommands; checks and their order are Redis's, and so are the errors. */
final class AdminRequests {
  private static final int PORT_MAX = 65535;

  private final CoreContext ctx;
  private final Rules rules;
  private final SlotAdmin slots;

  AdminRequests(CoreContext ctx, Rules rules) {
    this.ctx = ctx;
    this.rules = rules;
    this.slots = new SlotAdmin(ctx, rules);
  }

  AdminReply handle(AdminRequest request) {
    return switch (request) {
      case AdminRequest.Meet r -> meet(r);
      case AdminRequest.AddSlots r -> slots.slots(r.slots(), true);
      case AdminRequest.DelSlots r -> slots.slots(r.slots(), false);
      case AdminRequest.AddSlotsRange r -> slots.ranges(r.bounds(), true);
      case AdminRequest.DelSlotsRange r -> slots.ranges(r.bounds(), false);
      case AdminRequest.FlushSlots r -> slots.flush();
      case AdminRequest.SetSlot r -> slots.setSlot(r.words());
      case AdminRequest.SetConfigEpoch r -> setConfigEpoch(r.epoch());
      case AdminRequest.BumpEpoch r -> bumpEpoch();
      case AdminRequest.Forget r -> forget(r.nodeId());
      case AdminRequest.Replicate r -> replicate(r.nodeId());
      case AdminRequest.Reset r -> reset(r.hard());
      case AdminRequest.SaveConfig r -> saveConfig();
      case AdminRequest.CountFailureReports r -> countFailureReports(r.nodeId());
      case AdminRequest.Failover r -> failover(r.mode());
    };
  }

  private AdminReply meet(AdminRequest.Meet request) {
    Long port = integer(request.port());
    if (port == null) {
      return AdminReply.error("Invalid base port specified: " + request.port());
    }
    String typedBus = request.busPort();
    Long bus = Long.valueOf(port + ClusterSettings.BUS_PORT_INCREMENT);
    if (typedBus != null) {
      bus = integer(typedBus);
      if (bus == null) {
        return AdminReply.error("Invalid bus port specified: " + typedBus);
      }
    }
    String ip = IpText.normalize(request.ip());
    if (ip == null || !isPort(port) || !isPort(bus)) {
      return AdminReply.error(
          "Invalid node address specified: " + request.ip() + ":" + request.port());
    }
    rules.handshakes.meet(ip, port.intValue(), bus.intValue());
    return AdminReply.OK;
  }

  private static boolean isPort(long port) {
    return port > 0 && port <= PORT_MAX;
  }

  private static @Nullable Long integer(String word) {
    try {
      boolean plain = !word.startsWith("+") && (word.length() == 1 || !word.startsWith("0"));
      return plain ? Long.valueOf(word) : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private AdminReply setConfigEpoch(String word) {
    Long epoch = integer(word);
    if (epoch == null) {
      return AdminReply.error("value is not an integer or out of range");
    }
    if (epoch < 0) {
      return AdminReply.error("Invalid config epoch specified: " + epoch);
    }
    if (ctx.state.nodes().size() > 1) {
      return AdminReply.error(
          "The user can assign a config epoch only when the node does not know any other node.");
    }
    if (ctx.self().configEpoch != 0) {
      return AdminReply.error("Node config epoch is already non-zero");
    }
    ctx.self().configEpoch = epoch;
    ctx.state.currentEpoch = Math.max(ctx.state.currentEpoch, epoch);
    ctx.pending().save();
    ctx.pending().health();
    return AdminReply.OK;
  }

  private AdminReply bumpEpoch() {
    String verb = rules.epochs.bumpWithoutConsensus() ? "BUMPED " : "STILL ";
    return new AdminReply.Text(verb + ctx.self().configEpoch);
  }

  private AdminReply forget(String id) {
    ClusterNode node = ctx.state.find(id);
    if (node == null) {
      return ctx.state.isBlacklisted(id, ctx.nowMs) ? AdminReply.OK : unknownNode(id);
    }
    if (node == ctx.self()) {
      return AdminReply.error("I tried hard but I can't forget myself...");
    }
    if (node == ctx.self().primary) {
      return AdminReply.error("Can't forget my master!");
    }
    rules.membership.blacklist(id, Membership.BLACKLIST_MS);
    rules.membership.remove(node);
    ctx.pending().save();
    ctx.pending().health();
    return AdminReply.OK;
  }

  private static AdminReply unknownNode(String id) {
    return AdminReply.error("Unknown node " + id);
  }

  private AdminReply replicate(String id) {
    ClusterNode self = ctx.self();
    ClusterNode primary = ctx.state.find(id);
    if (primary == null) {
      return unknownNode(id);
    }
    if (primary == self) {
      return AdminReply.error("Can't replicate myself");
    }
    if (primary.isReplica()) {
      return AdminReply.error("I can only replicate a master, not a replica.");
    }
    boolean busy = self.slotCount() != 0 || ctx.facts.keyCount() != 0;
    if (self.isPrimary() && busy) {
      return AdminReply.error("To set a master the node must be empty and without assigned slots.");
    }
    rules.membership.becomeReplicaOf(primary);
    return AdminReply.OK;
  }

  private AdminReply reset(boolean hard) {
    ClusterNode self = ctx.self();
    if (self.isPrimary() && ctx.facts.keyCount() != 0) {
      return AdminReply.error("CLUSTER RESET can't be called with master nodes containing keys");
    }
    if (self.isReplica()) {
      rules.membership.promote(self);
      ctx.events.add(new ClusterEvent.BecamePrimary());
      ctx.events.add(new ClusterEvent.FlushAllData());
    }
    rules.manual.reset();
    rules.election.abandon();
    ctx.state.slots.migrating.clear();
    ctx.state.slots.importing.clear();
    ctx.state.slots.unassignAll(self);
    for (ClusterNode node : ctx.state.nodesCopy()) {
      if (node != self) {
        rules.membership.remove(node);
      }
    }
    ctx.state.blacklist.clear();
    if (hard) {
      startOver(self);
    }
    ctx.pending().saveDurably();
    ctx.pending().health();
    return AdminReply.OK;
  }

  private void startOver(ClusterNode self) {
    ctx.state.currentEpoch = 0;
    ctx.state.lastVoteEpoch = 0;
    self.configEpoch = 0;
    self.shardId = NodeIds.random(ctx.random);
    ctx.state.rename(self, NodeIds.random(ctx.random));
    ctx.notice("Hard reset: this node is now " + self.id);
  }

  private AdminReply saveConfig() {
    ctx.pending().saveDurably();
    return AdminReply.OK;
  }

  private AdminReply countFailureReports(String id) {
    ClusterNode node = ctx.state.find(id);
    return node == null ? unknownNode(id) : new AdminReply.Count(rules.failures.reports(node));
  }

  private AdminReply failover(Mode mode) {
    ClusterNode self = ctx.self();
    ClusterNode primary = self.primary;
    if (self.isPrimary()) {
      return AdminReply.error("You should send CLUSTER FAILOVER to a replica");
    }
    if (primary == null) {
      return AdminReply.error("I'm a replica but my master is unknown to me");
    }
    boolean gone = primary.has(NodeFlags.FAIL) || !primary.isReachable();
    if (mode == Mode.DEFAULT && gone) {
      return AdminReply.error("Master is down or failed, please use CLUSTER FAILOVER FORCE");
    }
    rules.manual.reset();
    if (mode == Mode.TAKEOVER) {
      rules.epochs.bumpWithoutConsensus();
      rules.election.takeOver();
      return AdminReply.OK;
    }
    rules.election.abandon();
    rules.manual.startAsReplica(mode == Mode.FORCE);
    if (mode == Mode.DEFAULT) {
      rules.messenger.sendTo(primary, MessageType.MFSTART, BusBody.Empty.INSTANCE);
    }
    return AdminReply.OK;
  }
}
