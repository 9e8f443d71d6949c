package io.redknot.cluster;

import static io.redknot.cluster.CoreRig.id;

import io.redknot.cluster.wire.BusBody;
import io.redknot.cluster.wire.BusFormat;
import io.redknot.cluster.wire.BusHeader;
import io.redknot.cluster.wire.BusMessage;
import io.redknot.cluster.wire.GossipEntry;
import io.redknot.cluster.wire.MessageType;
import io.redknot.cluster.wire.NodeFlags;
import io.redknot.cluster.wire.PingExtension;
import io.redknot.cluster.wire.SlotSet;
import java.util.ArrayList;
import java.util.List;

/** A message of a scripted peer; says by default what the core already believes about it. */
final class Speech {
  private final CoreRig rig;
  private final char name;
  private final List<GossipEntry> entries = new ArrayList<>();
  private final List<PingExtension> extensions = new ArrayList<>();
  private String sender;
  private long currentEpoch;
  private long configEpoch;
  private long offset;
  private SlotSet slots = SlotSet.EMPTY;
  private String primary = "";
  private String ip = "";
  private int flags = NodeFlags.MYSELF | NodeFlags.PRIMARY;
  private int messageFlags;

  Speech(CoreRig rig, char name) {
    this.rig = rig;
    this.name = name;
    this.sender = id(name);
    if (rig.knows(name)) {
      NodeView known = rig.node(name);
      configEpoch = known.configEpoch();
      slots = known.slots();
      if (known.primaryIndex() != ClusterView.NONE) {
        NodeView holder = rig.view().nodes().get(known.primaryIndex());
        primary = holder.id();
        slots = holder.slots();
      }
      extensions.add(new PingExtension.ShardId(known.shardId()));
    }
  }

  Speech from(char other) {
    sender = id(other);
    return this;
  }

  Speech epochs(long current, long config) {
    currentEpoch = current;
    configEpoch = config;
    return this;
  }

  Speech owning(int first, int last) {
    slots = SlotSet.range(first, last);
    return this;
  }

  Speech owning(SlotSet set) {
    slots = set;
    return this;
  }

  Speech asReplicaOf(char other) {
    primary = id(other);
    flags = NodeFlags.MYSELF | NodeFlags.REPLICA;
    return this;
  }

  Speech asPrimary() {
    primary = "";
    return this;
  }

  Speech at(long replicationOffset) {
    offset = replicationOffset;
    return this;
  }

  Speech announcing(String address) {
    ip = address;
    return this;
  }

  Speech paused() {
    messageFlags |= BusFormat.FLAG_PAUSED;
    return this;
  }

  Speech forced() {
    messageFlags |= BusFormat.FLAG_FORCE_ACK;
    return this;
  }

  /** With the flag that extensions may follow. */
  Speech announcingExtensions() {
    messageFlags |= BusFormat.FLAG_EXTENSIONS;
    return this;
  }

  Speech understandingExtensions() {
    flags |= NodeFlags.EXTENSIONS;
    return this;
  }

  Speech noFailover() {
    flags |= NodeFlags.NOFAILOVER;
    return this;
  }

  Speech about(char other, int otherFlags) {
    return about(other, otherFlags, CoreRig.ip(other), 0);
  }

  Speech about(char other, int otherFlags, String address, long pongSeconds) {
    entries.add(new GossipEntry(id(other), 0, pongSeconds, address, 1, 0, 10001, otherFlags));
    return this;
  }

  Speech adding(PingExtension extension) {
    extensions.add(extension);
    return this;
  }

  Speech bare() {
    extensions.clear();
    return this;
  }

  void ping() {
    gossip(MessageType.PING, false);
  }

  /** A PING on the core's own link: the answer to MFSTART. */
  void pingBack() {
    gossip(MessageType.PING, true);
  }

  void meet() {
    gossip(MessageType.MEET, false);
  }

  /** A PONG on the core's own link, as the answer to its ping. */
  void pong() {
    gossip(MessageType.PONG, true);
  }

  /** A PONG that nobody asked for. */
  void broadcastPong() {
    gossip(MessageType.PONG, false);
  }

  private void gossip(MessageType type, boolean onOwnLink) {
    rig.hear(name, onOwnLink, message(type, new BusBody.Gossip(entries, extensions)));
  }

  void say(MessageType type) {
    rig.hear(name, false, message(type, BusBody.Empty.INSTANCE));
  }

  void fail(char other) {
    rig.hear(name, false, message(MessageType.FAIL, new BusBody.Fail(id(other))));
  }

  void update(char other, long epoch, SlotSet claim) {
    rig.hear(name, false, message(MessageType.UPDATE, new BusBody.Update(epoch, id(other), claim)));
  }

  void publish(MessageType type, BusBody.Publish body) {
    rig.hear(name, false, message(type, body));
  }

  private BusMessage message(MessageType type, BusBody body) {
    BusHeader header =
        new BusHeader(
            sender,
            currentEpoch,
            configEpoch,
            offset,
            slots,
            primary,
            ip,
            1,
            0,
            10001,
            flags,
            true,
            messageFlags);
    return new BusMessage(type, header, body);
  }
}
