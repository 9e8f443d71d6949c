package io.redknot.cluster.wire;

import java.util.List;

/** The part of a message that follows the header. */
public sealed interface BusBody {

  /** No body: AUTH_REQUEST, AUTH_ACK, MFSTART. */
  record Empty() implements BusBody {
    public static final Empty INSTANCE = new Empty();
  }

  /** Gossip about other nodes: PING, PONG, MEET. */
  record Gossip(List<GossipEntry> entries, List<PingExtension> extensions) implements BusBody {
    public Gossip {
      entries = List.copyOf(entries);
      extensions = List.copyOf(extensions);
    }
  }

  /** The node that a quorum holds for failed. */
  record Fail(String nodeId) implements BusBody {}

  /** A message for subscribers: PUBLISH, PUBLISHSHARD. */
  record Publish(Payload channel, Payload message) implements BusBody {}

  /** The slots of another node, sent to one whose claim is outdated. */
  record Update(long configEpoch, String nodeId, SlotSet slots) implements BusBody {}

  /** A module's message; the id is kept in the byte order it arrived in. */
  record Module(long moduleId, int kind, Payload payload) implements BusBody {}
}
