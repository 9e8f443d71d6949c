package io.redknot.cluster;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All connections of the bus by id, and which node each belongs to. */
final class LinkTable {
  private final Map<Long, BusLink> links = new LinkedHashMap<>();
  private long lastId;

  BusLink connect(ClusterNode node, long nowMs) {
    BusLink link = new BusLink(++lastId, false, node.address.ip(), "", nowMs);
    link.node = node;
    node.outbound = link;
    links.put(link.id, link);
    return link;
  }

  BusLink accept(String peerIp, String localIp, long nowMs) {
    BusLink link = new BusLink(++lastId, true, peerIp, localIp, nowMs);
    links.put(link.id, link);
    return link;
  }

  @Nullable BusLink find(long id) {
    return links.get(id);
  }

  /** Forgets the link on both sides. */
  void remove(BusLink link) {
    links.remove(link.id);
    ClusterNode node = link.node;
    if (node != null) {
      node.outbound = node.outbound == link ? null : node.outbound;
      node.inbound = node.inbound == link ? null : node.inbound;
      link.node = null;
    }
  }

  /** A copy, so that links may be removed while walking. */
  List<BusLink> all() {
    return new ArrayList<>(links.values());
  }
}
