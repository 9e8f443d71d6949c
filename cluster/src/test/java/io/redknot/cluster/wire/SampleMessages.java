package io.redknot.cluster.wire;

import java.util.List;

/** Messages with recognizable values in every field. */
final class SampleMessages {
  static final String ALICE = "a".repeat(40);
  static final String BOB = "b".repeat(40);
  static final String CAROL = "0123456789abcdef0123456789abcdef01234567";

  private SampleMessages() {}

  static BusHeader header() {
    return new BusHeader(
        ALICE,
        7,
        5,
        1234567890123L,
        SlotSet.of(0, 1, 9, 16383),
        "",
        "192.168.1.20",
        7000,
        7443,
        17000,
        NodeFlags.MYSELF | NodeFlags.PRIMARY,
        false,
        0);
  }

  static BusMessage ping(PingExtension... extensions) {
    return new BusMessage(
        MessageType.PING, header(), new BusBody.Gossip(List.of(), List.of(extensions)));
  }

  static BusMessage gossip() {
    GossipEntry entry =
        new GossipEntry(
            CAROL, 1700000000L, 4000000000L, "2001:db8::1", 7001, 0, 17001, NodeFlags.REPLICA);
    return new BusMessage(
        MessageType.PONG,
        header(),
        new BusBody.Gossip(
            List.of(entry),
            List.of(
                new PingExtension.Hostname("h7"),
                new PingExtension.Nodename("my-node-name"),
                new PingExtension.ForgottenNode(BOB, 59),
                new PingExtension.ShardId(CAROL),
                new PingExtension.OpenSlot(16383, true, ALICE),
                new PingExtension.OpenSlot(0, false, BOB))));
  }

  static List<BusMessage> oneOfEach() {
    BusHeader header = header();
    BusBody publish = new BusBody.Publish(Payload.of("chan"), Payload.of("hello"));
    return List.of(
        ping(),
        gossip(),
        new BusMessage(MessageType.MEET, header, new BusBody.Gossip(List.of(), List.of())),
        new BusMessage(MessageType.FAIL, header, new BusBody.Fail(BOB)),
        new BusMessage(MessageType.PUBLISH, header, publish),
        new BusMessage(MessageType.AUTH_REQUEST, header, BusBody.Empty.INSTANCE),
        new BusMessage(MessageType.AUTH_ACK, header, BusBody.Empty.INSTANCE),
        new BusMessage(
            MessageType.UPDATE, header, new BusBody.Update(9, BOB, SlotSet.range(100, 200))),
        new BusMessage(MessageType.MFSTART, header, BusBody.Empty.INSTANCE),
        new BusMessage(
            MessageType.MODULE,
            header,
            new BusBody.Module(0x0102030405060708L, 3, Payload.of("xyz"))),
        new BusMessage(MessageType.PUBLISHSHARD, header, publish));
  }
}
