package io.redknot.cluster;

import io.redknot.cluster.wire.PingExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps slots on the move where a node is replaced. A primary tells its replicas which of its slots
 * are leaving or coming, so that the one that takes over goes on to send clients after keys that
 * have left, and to answer for those that have come.
 *
 * <p>Redis 7.0 does not tell it: its replicas answer for a key that has left as if there were none.
 */
final class OpenSlots {
  private final CoreContext ctx;
  private final Messenger messenger;

  /** What this node's primary has said last, and who that was. */
  private List<PingExtension.OpenSlot> ofPrimary = List.of();

  private @Nullable ClusterNode primary;

  OpenSlots(CoreContext ctx, Messenger messenger) {
    this.ctx = ctx;
    this.messenger = messenger;
  }

  /** What a primary has to tell its replicas. */
  static List<PingExtension.OpenSlot> of(SlotMap slots) {
    List<PingExtension.OpenSlot> open = new ArrayList<>();
    slots.migrating.forEach((slot, to) -> open.add(new PingExtension.OpenSlot(slot, true, to.id)));
    slots.importing.forEach(
        (slot, from) -> open.add(new PingExtension.OpenSlot(slot, false, from.id)));
    int told = Math.min(open.size(), PingExtension.OpenSlot.TOLD_MAX);
    return open.subList(0, told);
  }

  /** An administrator has opened or closed a slot. */
  void tell() {
    messenger.broadcastPong(node -> node.extended && isMyReplica(ctx, node));
  }

  static boolean isMyReplica(CoreContext ctx, ClusterNode node) {
    return node.isReplica() && node.primary == ctx.self();
  }

  /** All that a node says of itself; it names every slot that is open. */
  void read(ClusterNode sender, List<PingExtension> said) {
    if (sender == ctx.self().primary) {
      primary = sender;
      ofPrimary =
          said.stream()
              .filter(PingExtension.OpenSlot.class::isInstance)
              .map(PingExtension.OpenSlot.class::cast)
              .toList();
    }
  }

  /** This node has just taken the slots of its primary over. */
  void takeUp(ClusterNode old) {
    SlotMap slots = ctx.state.slots;
    List<PingExtension.OpenSlot> said = old == primary ? ofPrimary : List.of();
    for (PingExtension.OpenSlot open : said) {
      ClusterNode peer = ctx.state.find(open.peerId());
      boolean mine = slots.owner(open.slot()) == ctx.self();
      if (peer != null && peer != ctx.self() && mine == open.isLeaving()) {
        (mine ? slots.migrating : slots.importing).put(open.slot(), peer);
      }
    }
    ofPrimary = List.of();
  }

  /** A node has taken the last slot of another one of its shard: moves go on with it. */
  void replace(ClusterNode old, ClusterNode successor) {
    if (old != successor && old.shardId.equals(successor.shardId)) {
      replace(ctx.state.slots.migrating, old, successor);
      replace(ctx.state.slots.importing, old, successor);
    }
  }

  private void replace(
      SortedMap<Integer, ClusterNode> peers, ClusterNode old, ClusterNode successor) {
    if (peers.containsValue(old)) {
      peers.replaceAll((_, peer) -> peer == old ? successor : peer);
      ctx.pending().save();
    }
  }
}
