package io.redknot.cluster;

import io.redknot.cluster.wire.BusHeader;

/** Rules that raise epochs. No epoch of this node ever falls, except by CLUSTER RESET HARD. */
final class Epochs {
  private final CoreContext ctx;

  Epochs(CoreContext ctx) {
    this.ctx = ctx;
  }

  /** Takes over the epochs a header announces. That of a replica is its primary's: not saved. */
  void observe(ClusterNode sender, BusHeader header) {
    long currentEpoch = header.currentEpoch();
    long configEpoch = header.configEpoch();
    if (currentEpoch > ctx.state.currentEpoch) {
      ctx.state.currentEpoch = currentEpoch;
      ctx.pending().saveDurably();
    }
    if (configEpoch > sender.configEpoch) {
      sender.configEpoch = configEpoch;
      if (sender.isPrimary() || header.saysPrimary()) {
        ctx.pending().saveDurably();
      }
    }
  }

  /**
   * Gives this node a config epoch above all others without asking anybody; false when it has one
   * already.
   */
  boolean bumpWithoutConsensus() {
    ClusterNode self = ctx.self();
    if (self.configEpoch != 0 && self.configEpoch == ctx.state.maxEpoch()) {
      return false;
    }
    ctx.state.currentEpoch = ctx.state.maxEpoch() + 1;
    self.configEpoch = ctx.state.currentEpoch;
    ctx.pending().saveDurably();
    ctx.notice("Took config epoch " + self.configEpoch + " without a vote");
    return true;
  }

  /**
   * Two primaries with one config epoch could claim a slot forever without either giving way; the
   * one with the smaller id moves to a new epoch.
   */
  void resolveCollision(ClusterNode sender, long configEpoch) {
    ClusterNode self = ctx.self();
    boolean collides = self.isPrimary() && sender.isPrimary() && configEpoch == self.configEpoch;
    if (!collides || sender.id.compareTo(self.id) <= 0) {
      return;
    }
    ctx.state.currentEpoch++;
    self.configEpoch = ctx.state.currentEpoch;
    ctx.pending().saveDurably();
    ctx.notice(
        "Config epoch collision with node " + sender + ", moved to epoch " + self.configEpoch);
  }
}
