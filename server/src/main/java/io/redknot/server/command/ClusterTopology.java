package io.redknot.server.command;

import io.redknot.cluster.ClusterView;
import io.redknot.cluster.EndpointType;
import io.redknot.cluster.LinkView;
import io.redknot.cluster.NodeView;
import io.redknot.cluster.wire.NodeFlags;
import io.redknot.protocol.RespWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The topology as clients ask for it: CLUSTER SLOTS, SHARDS and LINKS. */
final class ClusterTopology {
  private ClusterTopology() {}

  /** Ranges of slots with one owner, each with its primary and the replicas that have data. */
  static void slots(ClusterView view, RespWriter out) {
    int[] ranges = view.ownedRanges();
    out.array(ranges.length / 3);
    for (int i = 0; i < ranges.length; i += 3) {
      int primary = ranges[i + 2];
      List<Integer> replicas = servingReplicas(view, primary);
      out.array(3 + replicas.size());
      out.integer(ranges[i]);
      out.integer(ranges[i + 1]);
      slotNode(view, primary, out);
      for (int replica : replicas) {
        slotNode(view, replica, out);
      }
    }
  }

  /** A replica that fails, or that has received nothing yet, is not offered to clients. */
  private static List<Integer> servingReplicas(ClusterView view, int primary) {
    List<Integer> serving = new ArrayList<>();
    for (int replica : view.replicasOf(primary)) {
      NodeView node = view.nodes().get(replica);
      if (!node.has(NodeFlags.FAIL) && node.replicationOffset() != 0) {
        serving.add(replica);
      }
    }
    return serving;
  }

  private static void slotNode(ClusterView view, int index, RespWriter out) {
    NodeView node = view.nodes().get(index);
    EndpointType type = view.settings().preferredEndpoint();
    out.array(4);
    if (type == EndpointType.UNKNOWN) {
      out.nullBulk();
    } else {
      out.bulk(view.endpoint(index));
    }
    out.integer(view.clientPort(index, false));
    out.bulk(node.id());
    boolean ip = type != EndpointType.IP;
    boolean hostname = type != EndpointType.HOSTNAME && !node.hostname().isEmpty();
    out.map((ip ? 1 : 0) + (hostname ? 1 : 0));
    if (ip) {
      out.bulk("ip");
      out.bulk(node.address().ip());
    }
    if (hostname) {
      out.bulk("hostname");
      out.bulk(node.hostname());
    }
  }

  /** Nodes by the shard that they form, with the shard's slots. */
  static void shards(ClusterView view, RespWriter out) {
    Map<String, List<Integer>> shards = new LinkedHashMap<>();
    for (int i = 0; i < view.nodes().size(); i++) {
      shards.computeIfAbsent(view.nodes().get(i).shardId(), id -> new ArrayList<>()).add(i);
    }
    out.array(shards.size());
    for (List<Integer> members : shards.values()) {
      out.map(2);
      out.bulk("slots");
      shardSlots(view, members, out);
      out.bulk("nodes");
      out.array(members.size());
      for (int member : members) {
        shardNode(view, member, out);
      }
    }
  }

  private static void shardSlots(ClusterView view, List<Integer> members, RespWriter out) {
    for (int member : members) {
      NodeView node = view.nodes().get(member);
      if (!node.slots().isEmpty()) {
        int[] ranges = node.slots().ranges();
        out.array(ranges.length);
        for (int bound : ranges) {
          out.integer(bound);
        }
        return;
      }
    }
    out.array(0);
  }

  private static void shardNode(ClusterView view, int index, RespWriter out) {
    NodeView node = view.nodes().get(index);
    int port = node.address().tcpPort();
    int tlsPort = node.address().tlsPort();
    out.map(6 + (port != 0 ? 1 : 0) + (tlsPort != 0 ? 1 : 0) + (node.hostname().isEmpty() ? 0 : 1));
    field("id", node.id(), out);
    if (port != 0) {
      out.bulk("port");
      out.integer(port);
    }
    if (tlsPort != 0) {
      out.bulk("tls-port");
      out.integer(tlsPort);
    }
    field("ip", node.address().ip(), out);
    field("endpoint", view.endpoint(index), out);
    if (!node.hostname().isEmpty()) {
      field("hostname", node.hostname(), out);
    }
    field("role", node.isReplica() ? "replica" : "master", out);
    out.bulk("replication-offset");
    // What this node announces says whether it has keys; a stream of its own it has none yet.
    out.integer(node.isMyself() ? 0 : node.replicationOffset());
    field("health", health(node), out);
  }

  private static String health(NodeView node) {
    if (node.has(NodeFlags.FAIL)) {
      return "fail";
    }
    return node.isReplica() && node.replicationOffset() == 0 ? "loading" : "online";
  }

  private static void field(String name, String value, RespWriter out) {
    out.bulk(name);
    out.bulk(value);
  }

  /** The connections of the bus that belong to a node. */
  static void links(ClusterView view, RespWriter out) {
    out.array(view.links().size());
    for (LinkView link : view.links()) {
      out.map(6);
      field("direction", link.outbound() ? "to" : "from", out);
      field("node", link.nodeId(), out);
      out.bulk("create-time");
      out.integer(link.createdMs());
      field("events", link.sendBufferBytes() > 0 ? "rw" : "r", out);
      out.bulk("send-buffer-allocated");
      out.integer(link.sendBufferBytes());
      out.bulk("send-buffer-used");
      out.integer(link.sendBufferBytes());
    }
  }
}
