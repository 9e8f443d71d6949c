package io.redknot.cluster;

import io.redknot.cluster.wire.BusFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** ADDSLOTS, DELSLOTS, FLUSHSLOTS and SETSLOT; on an error nothing has changed. */
final class SlotAdmin {
  private static final String BAD_SLOT = "Invalid or out of range slot";
  private static final String BAD_ACTION =
      "Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP";
  private static final int NO_SLOT = -1;

  private final CoreContext ctx;
  private final Rules rules;

  SlotAdmin(CoreContext ctx, Rules rules) {
    this.ctx = ctx;
    this.rules = rules;
  }

  AdminReply slots(List<String> words, boolean add) {
    for (String word : words) {
      if (parse(word) == NO_SLOT) {
        return AdminReply.error(BAD_SLOT);
      }
    }
    TreeSet<Integer> chosen = new TreeSet<>();
    for (String word : words) {
      String refusal = choose(parse(word), add, chosen);
      if (refusal != null) {
        return AdminReply.error(refusal);
      }
    }
    return change(chosen, add);
  }

  AdminReply ranges(List<String> bounds, boolean add) {
    TreeSet<Integer> chosen = new TreeSet<>();
    for (int i = 0; i + 1 < bounds.size(); i += 2) {
      int first = parse(bounds.get(i));
      int last = parse(bounds.get(i + 1));
      if (first == NO_SLOT || last == NO_SLOT) {
        return AdminReply.error(BAD_SLOT);
      }
      if (first > last) {
        return AdminReply.error(
            "start slot number " + first + " is greater than end slot number " + last);
      }
      for (int slot = first; slot <= last; slot++) {
        String refusal = choose(slot, add, chosen);
        if (refusal != null) {
          return AdminReply.error(refusal);
        }
      }
    }
    return change(chosen, add);
  }

  private @Nullable String choose(int slot, boolean add, Set<Integer> chosen) {
    boolean assigned = ctx.state.slots.owner(slot) != null;
    if (add && assigned) {
      return "Slot " + slot + " is already busy";
    }
    if (!add && !assigned) {
      return "Slot " + slot + " is already unassigned";
    }
    return chosen.add(slot) ? null : "Slot " + slot + " specified multiple times";
  }

  private AdminReply change(Set<Integer> chosen, boolean add) {
    for (int slot : chosen) {
      if (add) {
        ctx.state.slots.importing.remove(slot);
        ctx.state.assign(slot, ctx.self());
      } else {
        ctx.state.slots.unassign(slot);
      }
    }
    return saved();
  }

  AdminReply flush() {
    if (ctx.facts.keyCount() != 0) {
      return AdminReply.error("DB must be empty to perform CLUSTER FLUSHSLOTS.");
    }
    ctx.state.slots.unassignAll(ctx.self());
    return saved();
  }

  AdminReply setSlot(List<String> words) {
    if (ctx.self().isReplica()) {
      return AdminReply.error("Please use SETSLOT only with masters.");
    }
    int slot = parse(words.get(0));
    if (slot == NO_SLOT) {
      return AdminReply.error(BAD_SLOT);
    }
    String action = words.get(1).toUpperCase(Locale.ROOT);
    if (action.equals("STABLE") && words.size() == 2) {
      ctx.state.slots.migrating.remove(slot);
      ctx.state.slots.importing.remove(slot);
      rules.openSlots.tell();
      return saved();
    }
    if (words.size() != 3) {
      return AdminReply.error(BAD_ACTION);
    }
    return switch (action) {
      case "MIGRATING" -> migrating(slot, words.get(2));
      case "IMPORTING" -> importing(slot, words.get(2));
      case "NODE" -> node(slot, words.get(2));
      default -> AdminReply.error(BAD_ACTION);
    };
  }

  private AdminReply migrating(int slot, String id) {
    if (ctx.state.slots.owner(slot) != ctx.self()) {
      return AdminReply.error("I'm not the owner of hash slot " + slot);
    }
    ClusterNode target = ctx.state.find(id);
    if (target == null || !target.isPrimary()) {
      return badTarget(target, "I don't know about node " + id);
    }
    ctx.state.slots.migrating.put(slot, target);
    rules.openSlots.tell();
    return saved();
  }

  private AdminReply importing(int slot, String id) {
    if (ctx.state.slots.owner(slot) == ctx.self()) {
      return AdminReply.error("I'm already the owner of hash slot " + slot);
    }
    ClusterNode source = ctx.state.find(id);
    if (source == null || !source.isPrimary()) {
      return badTarget(source, "I don't know about node " + id);
    }
    ctx.state.slots.importing.put(slot, source);
    rules.openSlots.tell();
    return saved();
  }

  private static AdminReply badTarget(@Nullable ClusterNode node, String unknown) {
    return AdminReply.error(node == null ? unknown : "Target node is not a master");
  }

  private AdminReply node(int slot, String id) {
    ClusterNode self = ctx.self();
    ClusterNode target = ctx.state.find(id);
    if (target == null || !target.isPrimary()) {
      return badTarget(target, "Unknown node " + id);
    }
    boolean mine = ctx.state.slots.owner(slot) == self;
    int keys = ctx.facts.keysInSlot(slot);
    if (mine && target != self && keys > 0) {
      return AdminReply.error(
          "Can't assign hashslot "
              + slot
              + " to a different node while I still hold keys for this hash slot.");
    }
    if (keys == 0) {
      ctx.state.slots.migrating.remove(slot);
    }
    if (ctx.state.slots.owner(slot) != target) {
      ctx.state.assign(slot, target);
    }
    if (mine && target != self && self.slotCount() == 0 && ctx.settings.allowReplicaMigration()) {
      ctx.notice("Gave the last slot to node " + target + "; becoming its replica");
      rules.membership.becomeReplicaOf(target);
    }
    if (target == self && ctx.state.slots.importing.remove(slot) != null) {
      // Without a newer epoch the old owner's claim would win the slot back.
      rules.epochs.bumpWithoutConsensus();
      rules.messenger.broadcastPong(node -> true);
    } else {
      rules.openSlots.tell();
    }
    return saved();
  }

  private AdminReply saved() {
    ctx.pending().save();
    ctx.pending().health();
    return AdminReply.OK;
  }

  /** Redis's strict integers: no sign but minus, no leading zeros, no blanks. */
  private static int parse(String word) {
    if (word.isEmpty() || word.length() > 5 || (word.length() > 1 && word.charAt(0) == '0')) {
      return NO_SLOT;
    }
    int value = 0;
    for (int i = 0; i < word.length(); i++) {
      int digit = word.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return NO_SLOT;
      }
      value = value * 10 + digit;
    }
    return value < BusFormat.SLOTS ? value : NO_SLOT;
  }
}
