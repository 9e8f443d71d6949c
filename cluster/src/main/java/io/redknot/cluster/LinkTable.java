package io.redknot.cluster;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All connections of the bus by id, and which node each belongs to. */
final class LinkTable {
  private final Map<Long, BusLink> links = new LinkedHashMap<>();
  private @Nullable List<BusLink> copy;
  private long lastId;

  BusLink connect(ClusterNode node, long nowMs) {
    BusLink link = new BusLink(++lastId, false, node.address.ip(), "", nowMs);
    link.node = node;
    node.outbound = link;
    return add(link);
  }

  BusLink accept(String peerIp, String localIp, long nowMs) {
    BusLink link = new BusLink(++lastId, true, peerIp, localIp, nowMs);
    return add(link);
  }

  private BusLink add(BusLink link) {
    links.put(link.id, link);
    copy = null;
    return link;
  }

  @Nullable BusLink find(long id) {
    return links.get(id);
  }

  /** Forgets the link on both sides. */
  void remove(BusLink link) {
    links.remove(link.id);
    copy = null;
    ClusterNode node = link.node;
    if (node != null) {
      node.outbound = node.outbound == link ? null : node.outbound;
      node.inbound = node.inbound == link ? null : node.inbound;
      link.node = null;
    }
  }

  /** A copy, so that links may be removed while walking; the same one until there is a change. */
  List<BusLink> all() {
    List<BusLink> all = copy;
    if (all == null) {
      all = List.copyOf(links.values());
      copy = all;
    }
    return all;
  }
}
