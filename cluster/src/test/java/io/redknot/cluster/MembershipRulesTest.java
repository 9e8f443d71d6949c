package io.redknot.cluster;

import static io.redknot.cluster.CoreRig.id;
import static io.redknot.cluster.CoreRig.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.cluster.store.NodesConf;
import io.redknot.cluster.store.NodesConfException;
import io.redknot.cluster.wire.BusBody;
import io.redknot.cluster.wire.BusFormat;
import io.redknot.cluster.wire.BusHeader;
import io.redknot.cluster.wire.BusMessage;
import io.redknot.cluster.wire.MessageType;
import io.redknot.cluster.wire.NodeFlags;
import io.redknot.cluster.wire.PingExtension;
import java.util.List;
import org.junit.jupiter.api.Test;

class MembershipRulesTest {
  @Test
  void viewsFollowMessagesWithinTicksAndNothingWithinSeconds() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.run(2000);
    int published = 0;
    for (int i = 0; i < 20; i++) {
      ClusterView before = rig.view();
      rig.tick();
      published += rig.view() == before ? 0 : 1;
    }
    assertTrue(published >= 2 && published < 15, "published " + published);
    long received = rig.view().received(MessageType.PONG);
    rig.say('b').broadcastPong();
    rig.tick();
    assertEquals(received + 1, rig.view().received(MessageType.PONG));
  }

  @Test
  void freshNodeIsAPrimaryWithoutSlotsAndSavedDurably() {
    CoreRig rig = new CoreRig();
    NodeView self = rig.view().myself();
    assertEquals(NodeFlags.MYSELF | NodeFlags.PRIMARY, self.flags());
    assertEquals(0, self.configEpoch());
    assertFalse(rig.view().isOk());
    assertTrue(rig.fsynced());
  }

  @Test
  void meetIsSaidOnceAndAReconnectSaysPing() {
    CoreRig rig = new CoreRig();
    rig.admin(new AdminRequest.Meet(ip('a'), "1", null));
    rig.tick();
    assertEquals(1, rig.sentTo('a', MessageType.MEET).size());
    rig.breakLink('a');
    rig.forget();
    rig.tick();
    assertEquals(0, rig.sent(MessageType.MEET).size());
    assertEquals(1, rig.sentTo('a', MessageType.PING).size());
  }

  @Test
  void pongCompletesTheHandshakeUnderTheRealName() {
    CoreRig rig = new CoreRig();
    rig.admin(new AdminRequest.Meet(ip('a'), "1", null));
    rig.tick();
    assertTrue(rig.view().nodes().get(1).has(NodeFlags.HANDSHAKE));
    rig.say('a').pong();
    assertEquals(NodeFlags.PRIMARY, rig.node('a').flags());
  }

  @Test
  void handshakeNobodyAnswersExpiresAfterTheTimeout() {
    CoreRig rig = new CoreRig();
    rig.admin(new AdminRequest.Meet(ip('a'), "1", null));
    for (int i = 0; i < 10; i++) {
      rig.tick();
    }
    assertEquals(2, rig.view().nodes().size());
    rig.tick();
    assertEquals(1, rig.view().nodes().size());
  }

  @Test
  void handshakeWithAKnownNodeIsDropped() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.admin(new AdminRequest.Meet("10.0.0.200", "1", null));
    rig.tick();
    assertEquals(4, rig.view().nodes().size());
    rig.say((char) 200).from('a').pong();
    assertEquals(3, rig.view().nodes().size());
    assertEquals("10.0.0.200", rig.node('a').address().ip());
  }

  @Test
  void secondMeetOfTheSameAddressChangesNothing() {
    CoreRig rig = new CoreRig();
    rig.admin(new AdminRequest.Meet(ip('a'), "1", null));
    assertEquals(AdminReply.OK, rig.admin(new AdminRequest.Meet(ip('a'), "1", null)));
    assertEquals(2, rig.view().nodes().size());
  }

  @Test
  void meetFromAStrangerTeachesOurAddressAndIsAnswered() {
    CoreRig rig = new CoreRig();
    rig.say('x').meet();
    assertEquals(ip(CoreRig.ME), rig.view().myself().address().ip());
    assertEquals(1, rig.sent(MessageType.PONG).size());
    assertTrue(rig.view().nodes().get(1).has(NodeFlags.HANDSHAKE));
    assertFalse(rig.knows('x'), "its name is not trusted before it answered on our link");
  }

  @Test
  void pingFromAStrangerIsAnsweredAndOtherwiseIgnored() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('x').epochs(99, 99).about('y', NodeFlags.PRIMARY).ping();
    assertEquals(1, rig.sent(MessageType.PONG).size());
    assertEquals(3, rig.view().nodes().size());
    assertEquals(3, rig.view().currentEpoch());
  }

  @Test
  void announcedAddressIsNotOverruledByMeet() {
    CoreRig rig = new CoreRig(s -> s.announceIp("192.0.2.1"));
    rig.say('x').meet();
    assertEquals("192.0.2.1", rig.view().myself().address().ip());
  }

  @Test
  void handshakeNodesAreNeitherSavedNorGossiped() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.connects = false;
    rig.admin(new AdminRequest.Meet("10.9.9.9", "1", null));
    rig.admin(new AdminRequest.SaveConfig());
    assertFalse(rig.persisted.getLast().text().contains("10.9.9.9"));
    for (int i = 0; i < 20; i++) {
      rig.say('a').ping();
    }
    for (BusMessage pong : rig.sent(MessageType.PONG)) {
      BusBody.Gossip gossip = (BusBody.Gossip) pong.body();
      assertTrue(gossip.entries().stream().noneMatch(e -> e.ip().equals("10.9.9.9")));
    }
  }

  @Test
  void nodesAreLearnedFromGossipOfKnownNodes() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('a').about('n', NodeFlags.PRIMARY).ping();
    assertEquals(ip('n'), rig.node('n').address().ip());
    rig.tick();
    assertEquals(1, rig.sentTo('n', MessageType.PING).size());
  }

  @Test
  void nodesWithoutAddressAndForgottenOnesAreNotLearned() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.admin(new AdminRequest.Forget(id('b')));
    rig.say('a')
        .about('b', NodeFlags.PRIMARY)
        .about('n', NodeFlags.PRIMARY | NodeFlags.NOADDR)
        .ping();
    assertFalse(rig.knows('b'));
    assertFalse(rig.knows('n'));
    rig.run(Membership.BLACKLIST_MS + 100);
    rig.say('a').about('b', NodeFlags.PRIMARY).ping();
    assertTrue(rig.knows('b'), "after a minute it may come back");
  }

  @Test
  void forgettingIsGossipedWithItsRemainingTime() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.admin(new AdminRequest.Forget(id('b')));
    assertEquals(AdminReply.OK, rig.admin(new AdminRequest.Forget(id('b'))));
    rig.forget();
    rig.nowMs += 10_500;
    rig.say('a').ping();
    BusBody.Gossip gossip = (BusBody.Gossip) rig.sent(MessageType.PONG).get(0).body();
    assertTrue(
        gossip.extensions().contains(new PingExtension.ForgottenNode(id('b'), 49)),
        gossip.toString());
  }

  @Test
  void forgottenNodeIsRemovedButNeverOurselvesOrOurPrimary() {
    CoreRig rig = CoreRig.replica();
    rig.say('b')
        .adding(new PingExtension.ForgottenNode(id('d'), 60))
        .adding(new PingExtension.ForgottenNode(id('a'), 60))
        .adding(new PingExtension.ForgottenNode(id(CoreRig.ME), 60))
        .ping();
    assertFalse(rig.knows('d'));
    assertTrue(rig.knows('a'));
    assertTrue(rig.knows(CoreRig.ME));
  }

  @Test
  void namesComeFromExtensionsAndVanishWithThem() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('a')
        .adding(new PingExtension.Hostname("host-a"))
        .adding(new PingExtension.Nodename("first"))
        .ping();
    assertEquals("host-a", rig.node('a').hostname());
    assertEquals("first", rig.node('a').nodename());
    rig.say('a').ping();
    assertEquals("", rig.node('a').hostname());
  }

  private static List<PingExtension> answeredWith(CoreRig rig) {
    BusMessage pong = rig.sent(MessageType.PONG).getLast();
    assertTrue((pong.header().messageFlags() & BusFormat.FLAG_EXTENSIONS) != 0);
    assertTrue((pong.header().flags() & NodeFlags.EXTENSIONS) != 0);
    return assertInstanceOf(BusBody.Gossip.class, pong.body()).extensions();
  }

  @Test
  void onlyHostnamesGoToWhoKnowsNoOtherExtensions() {
    CoreRig rig =
        new CoreRig(
            settings -> settings.announceHostname("me.example"),
            CoreRig.line(CoreRig.ME, "myself,master", '-', 1, "0-5460"),
            CoreRig.line('a', "master", '-', 2, "5461-16383"));
    rig.run(100);
    PingExtension hostname = new PingExtension.Hostname("me.example");
    PingExtension shard = new PingExtension.ShardId(rig.view().myself().shardId());
    PingExtension theirs = new PingExtension.Hostname("a.example");
    rig.say('a').bare().ping();
    assertEquals(List.of(hostname), answeredWith(rig));
    rig.say('a').bare().adding(theirs).announcingExtensions().ping();
    assertEquals(List.of(hostname), answeredWith(rig));
    rig.say('a').announcingExtensions().ping();
    assertEquals(List.of(hostname, shard), answeredWith(rig));
    rig.say('a').bare().adding(theirs).announcingExtensions().ping();
    assertEquals(List.of(hostname), answeredWith(rig));
    rig.say('a').bare().announcingExtensions().ping();
    assertEquals(List.of(hostname, shard), answeredWith(rig));
    rig.say('a').bare().ping();
    rig.say('a').bare().adding(theirs).understandingExtensions().ping();
    assertEquals(List.of(hostname, shard), answeredWith(rig));
  }

  @Test
  void nodenameIsKeptUntilTheSenderKnowsThatItIsUnderstood() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('a').adding(new PingExtension.Nodename("first")).ping();
    rig.say('a').bare().announcingExtensions().ping();
    assertEquals("first", rig.node('a').nodename());
    rig.say('a').ping();
    assertEquals("", rig.node('a').nodename());
  }

  @Test
  void replicaAdoptsTheShardOfItsPrimary() {
    CoreRig rig = CoreRig.replica();
    rig.say('a').bare().adding(new PingExtension.ShardId(id('9'))).ping();
    assertEquals(id('9'), rig.view().myself().shardId());
  }

  @Test
  void replicaWithAnotherShardThanItsPrimaryIsPutRight() {
    String line = CoreRig.line('a', "slave", CoreRig.ME, 1, "").replace(id(CoreRig.ME), id('9'));
    CoreRig rig =
        new CoreRig(
            CoreRig.line(CoreRig.ME, "myself,master", '-', 1, ""),
            line.replace(" " + id('9') + " ", " " + id(CoreRig.ME) + " "));
    assertEquals(id(CoreRig.ME), rig.node('a').shardId());
    rig.run(100);
    rig.say('a').bare().adding(new PingExtension.ShardId(id('9'))).ping();
    rig.tick();
    assertEquals(id(CoreRig.ME), rig.node('a').shardId());
  }

  @Test
  void senderWithoutShardIdGetsTheOneOfItsPrimary() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('n').from('a').about('n', NodeFlags.REPLICA).ping();
    rig.say('n').bare().asReplicaOf('b').ping();
    assertEquals(rig.node('b').shardId(), rig.node('n').shardId());
  }

  @Test
  void newAddressOfANodeIsTakenFromItsPing() {
    CoreRig rig = CoreRig.threePrimaries();
    Long old = rig.outboundTo('a');
    rig.say('a').announcing("10.7.7.7").ping();
    assertEquals("10.7.7.7", rig.node('a').address().ip());
    assertTrue(rig.closed.stream().anyMatch(c -> old != null && c.linkId() == old));
  }

  @Test
  void replicaFollowsItsPrimaryToANewAddress() {
    CoreRig rig = CoreRig.replica();
    rig.say('a').announcing("10.7.7.7").ping();
    ClusterEvent.ReplicateFrom from = (ClusterEvent.ReplicateFrom) rig.events.getLast();
    assertEquals("10.7.7.7", from.address().ip());
  }

  @Test
  void anotherNodeAtAnAddressMakesTheOldOneAddressless() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('a').from('z').pong();
    assertTrue(rig.node('a').has(NodeFlags.NOADDR));
    assertEquals("", rig.node('a').address().ip());
  }

  @Test
  void failingNodeIsSoughtAtTheAddressOthersTell() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('a').fail('b');
    rig.say('a').about('b', NodeFlags.PRIMARY, "10.8.8.8", 0).ping();
    assertEquals("10.8.8.8", rig.node('b').address().ip());
  }

  @Test
  void acceptedLinkBelongsToItsLatestSpeaker() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('a').ping();
    long first = rig.inboundOf('a');
    long second = rig.core.onAccepted(rig.nowMs, ip('a'), ip(CoreRig.ME));
    BusMessage again = rig.sent(MessageType.PONG).get(0);
    rig.forget();
    rig.core.onMessage(rig.nowMs, second, asFrom('a', again), rig.facts);
    rig.drain();
    assertEquals(first, rig.closed.get(0).linkId());
    assertEquals(2 + 1, rig.view().links().size());
  }

  private static BusMessage asFrom(char name, BusMessage m) {
    BusHeader h = m.header();
    return new BusMessage(
        MessageType.PING,
        new BusHeader(id(name), 0, 0, 0, h.slots(), "", "", 1, 0, 10001, h.flags(), true, 0),
        m.body());
  }

  @Test
  void roleFollowsTheHeader() {
    CoreRig rig = CoreRig.threePrimaries();
    rig.say('a').bare().asReplicaOf('b').owning(10923, 16383).epochs(3, 3).ping();
    assertTrue(rig.node('a').isReplica());
    assertEquals('-', rig.owner(5461));
    assertEquals(rig.view().find(id('b')), rig.node('a').primaryIndex());
    assertEquals(rig.node('b').shardId(), rig.node('a').shardId());
    rig.say('a').asPrimary().epochs(3, 2).owning(5461, 10922).ping();
    assertTrue(rig.node('a').isPrimary());
    assertEquals('a', rig.owner(5461));
  }

  @Test
  void replicaOfAReplicaMovesUpToThePrimary() {
    CoreRig rig = CoreRig.replica();
    rig.say('a').asReplicaOf('b').owning(5461, 10922).epochs(3, 2).ping();
    rig.tick();
    assertEquals(rig.view().find(id('b')), rig.view().myself().primaryIndex());
    assertTrue(rig.events.contains(new ClusterEvent.BecameReplica(id('b'))));
  }

  @Test
  void messagesOfALinkThatIsGoneAreIgnored() {
    CoreRig rig = CoreRig.threePrimaries();
    BusMessage message = rig.sent.isEmpty() ? null : rig.sent.get(0).message();
    rig.say('a').ping();
    message = message == null ? rig.sent.get(0).message() : message;
    rig.core.onMessage(rig.nowMs, 9999, message, rig.facts);
    rig.core.onLinkDown(rig.nowMs, 9999);
    assertTrue(rig.core.drain().actions().isEmpty());
  }

  @Test
  void replicaIsInTheShardOfItsPrimaryWhateverItSays() throws NodesConfException {
    CoreRig rig = CoreRig.replica();
    rig.say('d').asReplicaOf('a').bare().adding(new PingExtension.ShardId(id('f'))).ping();
    assertEquals(rig.node('a').shardId(), rig.node('d').shardId());
    rig.say('a').bare().adding(new PingExtension.ShardId(id('e'))).ping();
    for (char member : new char[] {'a', 'd', CoreRig.ME}) {
      assertEquals(id('e'), rig.node(member).shardId());
    }
    // Such a file is refused if a replica's shard differs from its primary's.
    assertEquals(5, NodesConf.parse(rig.persisted.getLast().text(), false).nodes().size());
  }
}
