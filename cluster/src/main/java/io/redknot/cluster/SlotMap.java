package io.redknot.cluster;

import io.redknot.cluster.wire.BusFormat;
import io.redknot.cluster.wire.SlotSet;
import java.util.Arrays;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who owns each slot, and which slots an administrator is moving.
 *
 * <p>Invariant: the owner table and the nodes' own bitmaps always say the same.
 */
final class SlotMap {
  private final @Nullable ClusterNode[] owners = new @Nullable ClusterNode[BusFormat.SLOTS];

  /** Slots whose owner left them out of its latest claim; anybody may take them. */
  private final long[] notClaimed = new long[SlotSet.WORDS];

  private final long[] lost = new long[SlotSet.WORDS];
  private final long[] changed = new long[SlotSet.WORDS];
  private boolean anyLost;
  private int assigned;
  private long version;

  final TreeMap<Integer, ClusterNode> migrating = new TreeMap<>();
  final TreeMap<Integer, ClusterNode> importing = new TreeMap<>();

  @Nullable ClusterNode owner(int slot) {
    return owners[slot];
  }

  boolean isUnclaimed(int slot) {
    return owners[slot] == null || (notClaimed[slot >> 6] >>> slot & 1) != 0;
  }

  private void markClaimed(int slot) {
    notClaimed[slot >> 6] &= ~(1L << slot);
  }

  /** What a node claims of the slots that are its own; the others it has left out. */
  void markClaimed(ClusterNode node, SlotSet claim) {
    for (int i = 0; i < SlotSet.WORDS; i++) {
      long owned = node.slotWord(i);
      notClaimed[i] = (notClaimed[i] & ~owned) | (owned & ~claim.word(i));
    }
  }

  /** Gives the slot to the node, taking it from whoever has it. */
  void assign(int slot, ClusterNode node) {
    unassign(slot);
    owners[slot] = node;
    node.setSlotBit(slot, true);
    changed[slot >> 6] |= 1L << slot;
    assigned++;
    version++;
  }

  void unassign(int slot) {
    ClusterNode owner = owners[slot];
    if (owner == null) {
      return;
    }
    owner.setSlotBit(slot, false);
    owners[slot] = null;
    markClaimed(slot);
    lost[slot >> 6] |= 1L << slot;
    changed[slot >> 6] |= 1L << slot;
    anyLost = true;
    assigned--;
    version++;
  }

  void unassignAll(ClusterNode node) {
    node.slots().forEach(this::unassign);
  }

  /** Drops every trace of a node that is being removed. */
  void forget(ClusterNode node) {
    unassignAll(node);
    migrating.values().removeIf(n -> n == node);
    importing.values().removeIf(n -> n == node);
  }

  /** The slots that a node still claims, which is what others may be told about it. */
  SlotSet claimedSlots(ClusterNode node) {
    long[] words = new long[SlotSet.WORDS];
    for (int i = 0; i < SlotSet.WORDS; i++) {
      words[i] = node.slots().word(i) & ~notClaimed[i];
    }
    return SlotSet.ofWords(words);
  }

  /** Whether the node owns slots that it left out of its latest claim. */
  boolean hasUnclaimed(ClusterNode node) {
    for (int i = 0; i < SlotSet.WORDS; i++) {
      if ((node.slots().word(i) & notClaimed[i]) != 0) {
        return true;
      }
    }
    return false;
  }

  int assigned() {
    return assigned;
  }

  /** Changes with every change of an owner. */
  long version() {
    return version;
  }

  /** Slots whose owner may have changed since the last call. */
  SlotSet takeChanged() {
    SlotSet slots = SlotSet.ofWords(changed);
    Arrays.fill(changed, 0);
    return slots;
  }

  /** Slots taken from an owner since the last call; null for none. */
  @Nullable SlotSet takeLost() {
    if (!anyLost) {
      return null;
    }
    SlotSet slots = SlotSet.ofWords(lost);
    Arrays.fill(lost, 0);
    anyLost = false;
    return slots;
  }
}
