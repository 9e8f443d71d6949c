package io.redknot.server.integration;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The cluster as one node tells it, without what may differ from node to node. */
final class Topology {
  private Topology() {}

  /**
   * A line of CLUSTER NODES.
   *
   * @param flags without {@code myself}
   * @param slots without marks of migration
   */
  record Line(
      String id,
      String address,
      Set<String> flags,
      String primaryId,
      String epoch,
      List<String> slots) {
    static Line parse(String line) {
      String[] words = line.split(" ", -1);
      TreeSet<String> flags = new TreeSet<>(Arrays.asList(words[2].split(",", -1)));
      flags.remove("myself");
      List<String> slots =
          Arrays.stream(words).skip(8).filter(word -> !word.startsWith("[")).toList();
      return new Line(words[0], words[1], flags, words[3], words[6], slots);
    }

    boolean is(String flag) {
      return flags.contains(flag);
    }
  }

  /** CLUSTER NODES by id. */
  static Map<String, Line> nodes(NodeProcess node) throws IOException {
    return node.text("CLUSTER", "NODES")
        .lines()
        .map(Line::parse)
        .collect(Collectors.toMap(Line::id, line -> line, (a, b) -> b, TreeMap::new));
  }

  /** CLUSTER SLOTS; replicas of a range in no order. */
  static Set<String> slots(NodeProcess node) throws IOException {
    TreeSet<String> ranges = new TreeSet<>();
    for (Reply range : node.ask("CLUSTER", "SLOTS").items()) {
      List<Reply> words = range.items();
      TreeSet<String> replicas = new TreeSet<>();
      words.stream().skip(3).forEach(replica -> replicas.add(replica.toString()));
      ranges.add(words.subList(0, 3) + " " + replicas);
    }
    return ranges;
  }

  /** CLUSTER SHARDS; shards and their nodes in no order, and without replication offsets. */
  static Set<String> shards(NodeProcess node) throws IOException {
    TreeSet<String> shards = new TreeSet<>();
    for (Reply shard : node.ask("CLUSTER", "SHARDS").items()) {
      Map<String, Reply> fields = shard.fields();
      TreeSet<String> members = new TreeSet<>();
      for (Reply member : require(fields, "nodes").items()) {
        Map<String, Reply> told = new TreeMap<>(member.fields());
        told.remove("replication-offset");
        members.add(told.toString());
      }
      shards.add(require(fields, "slots") + " " + members);
    }
    return shards;
  }

  private static Reply require(Map<String, Reply> fields, String name) {
    Reply value = fields.get(name);
    if (value == null) {
      throw new AssertionError("no " + name + " in " + fields);
    }
    return value;
  }

  /** Where the nodes differ in what they tell; empty where they all agree and serve. */
  static String disagreement(Collection<NodeProcess> nodes) throws IOException {
    List<String> found = new ArrayList<>();
    NodeProcess first = nodes.iterator().next();
    for (NodeProcess node : nodes) {
      if (!node.stateOk()) {
        found.add(node + " has cluster_state " + node.clusterInfo("cluster_state"));
      }
      differ(found, first, node, "NODES", nodes(first).values(), nodes(node).values());
      differ(found, first, node, "SLOTS", slots(first), slots(node));
      differ(found, first, node, "SHARDS", shards(first), shards(node));
      differ(
          found,
          first,
          node,
          "current epoch",
          List.of(first.clusterInfo("cluster_current_epoch")),
          List.of(node.clusterInfo("cluster_current_epoch")));
    }
    return String.join("\n", found);
  }

  private static void differ(
      List<String> found,
      NodeProcess first,
      NodeProcess node,
      String what,
      Collection<?> a,
      Collection<?> b) {
    if (!a.toString().equals(b.toString())) {
      found.add(what + " of " + first + ": " + a + "\n    of " + node + ": " + b);
    }
  }

  /** Waits until all nodes agree on everything, count as many members, and serve. */
  static void awaitAgreement(Collection<NodeProcess> nodes) {
    Waiting.untilNothing(
        nodes.size() + " nodes agree",
        () -> {
          int known = nodes(nodes.iterator().next()).size();
          return known == nodes.size()
              ? disagreement(nodes)
              : known + " nodes are known instead of " + nodes.size();
        });
  }

  /** Waits until every one of the nodes shows, or no longer shows, a flag of a node. */
  static void awaitFlag(Collection<NodeProcess> nodes, String id, String flag, boolean wanted) {
    Waiting.untilNothing(
        flag + " of " + id + " is " + wanted,
        () -> {
          for (NodeProcess node : nodes) {
            Line line = nodes(node).get(id);
            if (line == null || line.is(flag) != wanted) {
              return node + " says " + line;
            }
          }
          return "";
        });
  }

  /** The first of the nodes that follows a primary, by what it says itself. */
  static NodeProcess replicaOf(NodeProcess primary, List<NodeProcess> all) throws IOException {
    for (NodeProcess node : all) {
      Topology.Line line = Topology.nodes(node).get(node.id());
      if (line != null && line.primaryId().equals(primary.id())) {
        return node;
      }
    }
    throw new AssertionError("no replica of " + primary);
  }

  /** Waits until all who are asked know a node as a primary with slots, and serve. */
  static void awaitPrimary(NodeProcess node, Collection<NodeProcess> asked) throws IOException {
    String id = node.id();
    Waiting.untilNothing(
        node + " serves the slots",
        () -> {
          for (NodeProcess other : asked) {
            Line line = nodes(other).get(id);
            if (line == null || !line.is("master") || line.slots().isEmpty() || !other.stateOk()) {
              return other + " says " + line;
            }
          }
          return "";
        });
  }

  /** Waits until a replica has all that its primary has sent. */
  static void awaitLinked(NodeProcess replica) {
    Waiting.until(
        replica + " is in step with its primary",
        () -> replica.text("INFO", "replication").contains("master_link_status:up"));
  }
}
