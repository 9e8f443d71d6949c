package io.redknot.cluster;

import io.redknot.cluster.wire.SlotSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Applies another primary's claim on slots: the strictly greater config epoch wins. */
final class SlotClaims {
  private final CoreContext ctx;
  private final Membership membership;
  private final Messenger messenger;
  private final OpenSlots openSlots;

  SlotClaims(CoreContext ctx, Membership membership, Messenger messenger, OpenSlots openSlots) {
    this.ctx = ctx;
    this.membership = membership;
    this.messenger = messenger;
    this.openSlots = openSlots;
  }

  /** What one claim changed here. */
  private static final class Outcome {
    int takenFromUs;
    final long[] dirty = new long[SlotSet.WORDS];
    boolean anyDirty;
    final Map<ClusterNode, Integer> taken = new HashMap<>(2);
  }

  /** Takes over what the claim is entitled to, and follows the claimer if it took our all. */
  void apply(ClusterNode claimer, long epoch, SlotSet claim) {
    ClusterNode self = ctx.self();
    if (claimer == self) {
      return;
    }
    ClusterNode ourPrimary = self.isPrimary() ? self : self.primary;
    Outcome outcome = rebind(claimer, epoch, claim, ourPrimary);
    outcome.taken.forEach((owner, slots) -> noteTaken(claimer, epoch, owner, slots));
    boolean emptied = ourPrimary != null && ourPrimary.slotCount() == 0;
    boolean mayFollow =
        ctx.settings.allowReplicaMigration() || outcome.takenFromUs == claim.count();
    ClusterNode above = self.primary == null ? null : self.primary.primary;
    if (outcome.takenFromUs > 0 && emptied && mayFollow) {
      ctx.notice("Node " + claimer + " took over the last slot; becoming its replica");
      membership.becomeReplicaOf(claimer);
    } else if (self.isReplica() && above != null && above != self) {
      ctx.notice("Our primary became a replica of " + above + "; following that one");
      membership.becomeReplicaOf(above);
    } else if (outcome.anyDirty) {
      ctx.events.add(new ClusterEvent.DeleteKeysInSlots(SlotSet.ofWords(outcome.dirty)));
    }
  }

  private void noteTaken(ClusterNode claimer, long epoch, ClusterNode owner, int slots) {
    if (owner.slotCount() == 0) {
      ctx.note(
          FailoverEvent.Kind.TOOK_OVER,
          claimer,
          slots + " slots, the last of node " + owner + ", config epoch " + epoch);
      openSlots.replace(owner, claimer);
    }
  }

  private Outcome rebind(
      ClusterNode claimer, long epoch, SlotSet claim, @Nullable ClusterNode ourPrimary) {
    Outcome outcome = new Outcome();
    ctx.state.slots.markClaimed(claimer, claim);
    for (int i = 0; i < SlotSet.WORDS; i++) {
      for (long rest = claim.word(i) & ~claimer.slotWord(i); rest != 0; rest &= rest - 1) {
        int slot = i * Long.SIZE + Long.numberOfTrailingZeros(rest);
        if (wins(slot, claimer, epoch)) {
          take(slot, claimer, ourPrimary, outcome);
        }
      }
    }
    return outcome;
  }

  private boolean wins(int slot, ClusterNode claimer, long epoch) {
    ClusterNode owner = ctx.state.slots.owner(slot);
    ClusterNode source = ctx.state.slots.importing.get(slot);
    // Only the administrator who is importing a slot may say whose it becomes, unless it stays in
    // the shard that it is imported from.
    boolean stays = source == owner && source != null && source.shardId.equals(claimer.shardId);
    if (source != null && !stays) {
      return false;
    }
    return owner == null || ctx.state.slots.isUnclaimed(slot) || owner.configEpoch < epoch;
  }

  private void take(
      int slot, ClusterNode claimer, @Nullable ClusterNode ourPrimary, Outcome outcome) {
    ClusterNode owner = ctx.state.slots.owner(slot);
    if (owner == ctx.self() && ctx.facts.keysInSlot(slot) > 0) {
      outcome.dirty[slot >> 6] |= 1L << slot;
      outcome.anyDirty = true;
    }
    if (owner != null) {
      outcome.taken.merge(owner, 1, Integer::sum);
    }
    if (owner != null && owner == ourPrimary) {
      outcome.takenFromUs++;
    }
    if (ctx.state.slots.migrating.get(slot) == claimer) {
      // The end of a move that an administrator leads, who says so in a moment. Neither of the two
      // is brought to the disk: the claimer tells it again to whoever has forgotten it.
      ctx.pending().saveLater();
    } else {
      ctx.pending().saveDurably();
    }
    ctx.state.assign(slot, claimer);
    ctx.pending().health();
  }

  /** Sends the claimer one newer owner of a slot it wrongly claims. */
  void correct(ClusterNode claimer, long epoch, SlotSet claim) {
    for (int i = 0; i < SlotSet.WORDS; i++) {
      for (long rest = claim.word(i) & ~claimer.slotWord(i); rest != 0; rest &= rest - 1) {
        int slot = i * Long.SIZE + Long.numberOfTrailingZeros(rest);
        ClusterNode owner = ctx.state.slots.isUnclaimed(slot) ? null : ctx.state.slots.owner(slot);
        if (owner != null && owner.configEpoch > epoch) {
          messenger.update(claimer, owner);
          return;
        }
      }
    }
  }
}
