package io.redknot.server.tool;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A cluster's state for a person: who is there, who serves what, who copies whom, and whether that
 * is healthy.
 */
final class ClusterReport {
  private static final int ANSWER_TIMEOUT_MS = 2000;

  private final List<Member> members = new ArrayList<>();
  private final Set<String> troubles = new LinkedHashSet<>();

  private record Member(NodeAddress address, NodeLine line, String detail) {}

  private ClusterReport() {}

  /** Asks every node once. Nodes that do not answer count as troubles, not as errors. */
  static ClusterReport of(List<NodeAddress> addresses) {
    ClusterReport report = new ClusterReport();
    Map<String, NodeAddress> ownerships = new HashMap<>();
    int slots = 0;
    for (NodeAddress address : addresses) {
      try (RespClient node = RespClient.connect(address, ANSWER_TIMEOUT_MS)) {
        NodeView view = NodeView.of(node);
        report.add(node, view);
        ownerships.putIfAbsent(view.ownership(), address);
        slots = Math.max(slots, view.slotsOwnedByAll());
      } catch (IOException e) {
        report.troubles.add(e.getMessage());
      }
    }
    if (ownerships.size() > 1) {
      report.troubles.add("the nodes do not agree who owns which slots");
    }
    if (!ownerships.isEmpty() && slots < ClusterPlan.SLOTS) {
      report.troubles.add(
          "%d of %d slots have no owner".formatted(ClusterPlan.SLOTS - slots, ClusterPlan.SLOTS));
    }
    return report;
  }

  private void add(RespClient node, NodeView view) throws IOException {
    NodeAddress address = node.address();
    if (!view.stateOk()) {
      troubles.add(address + " says cluster_state is not ok");
    }
    for (NodeLine line : view.nodes()) {
      if (line.failing()) {
        troubles.add(line.address() + " is failing in the eyes of its peers");
      }
    }
    boolean replica = view.myself().replica();
    boolean inSync = !replica || inSync(node);
    String detail =
        node.ask("DBSIZE") + " keys" + (inSync ? "" : ", still to copy its primary's data");
    members.add(new Member(address, view.myself(), detail));
  }

  /** Whether a replica is connected to its primary and has the whole data set. */
  private static boolean inSync(RespClient replica) throws IOException {
    return NodeView.field(replica.ask("INFO", "replication"), "master_link_status").equals("up");
  }

  boolean healthy() {
    return troubles.isEmpty();
  }

  /** Whether one node at least answered. */
  boolean anybodyThere() {
    return !members.isEmpty();
  }

  List<String> troubles() {
    return List.copyOf(troubles);
  }

  void print(PrintStream out) {
    for (Member member : members) {
      if (!member.line().replica()) {
        print(out, "", "primary", member);
        printReplicasOf(out, member.line().id());
      }
    }
    for (Member member : members) {
      if (member.line().replica() && !hasPrimaryHere(member)) {
        print(out, "", "replica", member);
      }
    }
    troubles.forEach(trouble -> out.println("! " + trouble));
    long replicas = members.stream().filter(member -> member.line().replica()).count();
    out.printf(
        "%s: %d primaries, %d replicas%n",
        healthy() ? "ok" : "not ok", members.size() - replicas, replicas);
  }

  private void printReplicasOf(PrintStream out, String primaryId) {
    for (Member member : members) {
      if (member.line().replica() && member.line().primaryId().equals(primaryId)) {
        print(out, "  ", "replica", member);
      }
    }
  }

  private boolean hasPrimaryHere(Member replica) {
    return members.stream()
        .anyMatch(
            other ->
                !other.line().replica() && other.line().id().equals(replica.line().primaryId()));
  }

  private static void print(PrintStream out, String indent, String role, Member member) {
    List<String> slots = member.line().slots();
    String shown = slots.isEmpty() ? "-" : String.join(",", slots);
    out.printf("%-24s %s  %-14s %s%n", indent + member.address(), role, shown, member.detail());
  }
}
