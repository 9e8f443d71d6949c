package io.redknot.server.tool;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * Finds what is wrong with the slots of a running cluster, and mends it: slots on the move that
 * nobody moves, slots without an owner or with several, and keys at nodes that do not own them.
 */
final class ClusterDoctor {
  private final LiveCluster cluster;
  private final SlotMover mover;
  private final PrintStream out;

  /** Slots of which a primary has keys that does not own them. */
  private final Map<Integer, List<Member>> strays = new LinkedHashMap<>();

  ClusterDoctor(LiveCluster cluster, SlotMover mover, PrintStream out) {
    this.cluster = cluster;
    this.mover = mover;
    this.out = out;
  }

  /** Looks at all nodes again; what is wrong in sentences, nothing where all is well. */
  List<String> troubles() throws IOException {
    cluster.refresh();
    findStrays();
    List<String> troubles = new ArrayList<>();
    cluster.unreachable().forEach(node -> troubles.add("a node does not answer: " + node));
    cluster.openSlots().forEach((slot, open) -> troubles.add(describe(slot, open)));
    BitSet uncovered = cluster.uncovered();
    if (!uncovered.isEmpty()) {
      troubles.add("no node owns these slots: " + SlotPlan.ranges(uncovered));
    }
    BitSet disputed = cluster.disputed();
    if (!disputed.isEmpty()) {
      troubles.add("several nodes own these slots: " + SlotPlan.ranges(disputed));
    }
    strays.forEach(
        (slot, at) -> troubles.add("keys of slot " + slot + " are at " + at + ", not its owner"));
    if (troubles.isEmpty() && !cluster.agrees()) {
      troubles.add("the nodes do not agree who owns which slots");
    }
    return troubles;
  }

  /** Whether {@link #troubles} has found nothing but slots on the move. */
  boolean onlyMoves() {
    return cluster.unreachable().isEmpty()
        && cluster.uncovered().isEmpty()
        && cluster.disputed().isEmpty()
        && strays.isEmpty()
        && !cluster.openSlots().isEmpty();
  }

  private static String describe(int slot, LiveCluster.OpenSlot open) {
    List<String> said = new ArrayList<>();
    open.migrating.keySet().forEach(member -> said.add("leaves " + member));
    open.importing.keySet().forEach(member -> said.add("comes to " + member));
    return "slot " + slot + " is on the move: " + String.join(", ", said);
  }

  /** Keys of a slot on the move may be at both of its nodes. */
  private void findStrays() throws IOException {
    strays.clear();
    SortedMap<Integer, LiveCluster.OpenSlot> open = cluster.openSlots();
    for (Member primary : cluster.primaries()) {
      List<Integer> others = new ArrayList<>();
      for (int slot = 0; slot < ClusterPlan.SLOTS; slot++) {
        if (!primary.slots().get(slot) && !open.containsKey(slot)) {
          others.add(slot);
        }
      }
      List<Integer> counts = primary.keysIn(others);
      for (int i = 0; i < others.size(); i++) {
        if (counts.get(i) > 0) {
          strays.computeIfAbsent(others.get(i), _ -> new ArrayList<>()).add(primary);
        }
      }
    }
  }

  /**
   * Mends what {@link #troubles} has found.
   *
   * @param limitMs time in which the nodes have to serve again once every slot has an owner
   * @throws FormingException where a person has to decide; what was mended before stays mended
   */
  void fix(long limitMs) throws IOException, FormingException, InterruptedException {
    if (!cluster.unreachable().isEmpty()) {
      throw new FormingException(
          "start the nodes that do not answer, or have the others forget them, before slots are"
              + " given away that they may own: "
              + cluster.unreachable());
    }
    for (int slot : cluster.uncovered().stream().toArray()) {
      cover(slot);
    }
    for (int slot : cluster.disputed().stream().toArray()) {
      settle(slot);
    }
    cluster.awaitServing(limitMs);
    for (Map.Entry<Integer, LiveCluster.OpenSlot> open : cluster.openSlots().entrySet()) {
      close(open.getKey(), open.getValue());
    }
    for (int slot : strays.keySet()) {
      gather(slot, onlyOwner(slot));
    }
  }

  /** Finishes the moves that were begun, and only those; how many they were. */
  int finishMoves() throws IOException, FormingException {
    SortedMap<Integer, LiveCluster.OpenSlot> open = cluster.openSlots();
    for (Map.Entry<Integer, LiveCluster.OpenSlot> slot : open.entrySet()) {
      close(slot.getKey(), slot.getValue());
    }
    cluster.refresh();
    return open.size();
  }

  private void cover(int slot) throws IOException {
    Member owner = richest(slot, cluster.primaries());
    out.println("slot " + slot + " had no owner: " + owner + " takes it");
    stable(slot);
    String number = Integer.toString(slot);
    try {
      owner.client().ask("CLUSTER", "ADDSLOTS", number);
    } catch (ReplyException busy) {
      // In its eyes the slot belongs to one who does not say so itself.
      owner.client().ask("CLUSTER", "DELSLOTS", number);
      owner.client().ask("CLUSTER", "ADDSLOTS", number);
    }
    owner.client().ask("CLUSTER", "BUMPEPOCH");
    owner.refresh();
  }

  /** Of several owners the one with most keys stays; the others' keys follow by {@link #gather}. */
  private void settle(int slot) throws IOException {
    List<Member> owners = cluster.owners(slot);
    Member owner = richest(slot, owners);
    out.println("slot " + slot + " had the owners " + owners + ": " + owner + " keeps it");
    for (Member other : owners) {
      if (other != owner) {
        other.client().ask("CLUSTER", "DELSLOTS", Integer.toString(slot));
        other.setSlot(slot, "IMPORTING", owner.id());
        other.refresh();
      }
    }
    owner.client().ask("CLUSTER", "BUMPEPOCH");
  }

  private static Member richest(int slot, List<Member> among) throws IOException {
    Map<Member, Integer> keys = new LinkedHashMap<>();
    for (Member member : among) {
      keys.put(member, member.keysIn(slot));
    }
    return among.stream()
        .max(
            Comparator.<Member>comparingInt(keys::get)
                .thenComparingInt(member -> -member.slots().cardinality()))
        .orElseThrow();
  }

  /** Ends the move of a slot: to where it was going if both nodes know of it, or back. */
  private void close(int slot, LiveCluster.OpenSlot open) throws IOException, FormingException {
    Member owner = onlyOwner(slot);
    String toId = open.migrating.get(owner);
    boolean isPlain = open.migrating.size() + open.importing.size() == 2;
    for (Map.Entry<Member, String> taker : open.importing.entrySet()) {
      Member to = taker.getKey();
      if (isPlain && to.id().equals(toId) && taker.getValue().equals(owner.id())) {
        out.println("slot " + slot + " goes on from " + owner + " to " + to);
        mover.move(slot, owner, to, Progress.none());
        return;
      }
    }
    out.println("slot " + slot + " stays at " + owner);
    gather(slot, owner);
  }

  private Member onlyOwner(int slot) throws FormingException {
    List<Member> owners = cluster.owners(slot);
    if (owners.size() != 1) {
      throw new FormingException(
          "slot " + slot + " has " + owners.size() + " owners; 'fix' settles that first");
    }
    return owners.getFirst();
  }

  /** Brings all keys of a slot to its owner, and ends whatever was begun with it. */
  private void gather(int slot, Member owner) throws IOException, FormingException {
    for (Member other : cluster.primaries()) {
      int keys = other == owner ? 0 : other.keysIn(slot);
      if (keys > 0) {
        out.println("slot " + slot + ": " + keys + " keys go from " + other + " to " + owner);
        // What a node does not own it may send only while it imports it.
        other.setSlot(slot, "IMPORTING", owner.id());
        mover.gatherKeys(slot, other, owner);
      }
    }
    stable(slot);
  }

  private void stable(int slot) throws IOException {
    for (Member primary : cluster.primaries()) {
      primary.setSlot(slot, "STABLE");
    }
  }
}
