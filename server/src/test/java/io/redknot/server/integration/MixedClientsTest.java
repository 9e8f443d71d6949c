package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What clients listen to and wait for in a cluster of nodes of both kinds. */
class MixedClientsTest {
  private static final int FIRST_OF_REDIS = 6000;
  private static final int FIRST_OF_SECOND = 12_000;
  private static final int MESSAGES = 50;

  @RegisterExtension private final Nodes nodes = Nodes.forTest();

  private NodeProcess redknot;
  private NodeProcess redis;
  private List<NodeProcess> all = List.of();

  @BeforeEach
  void join() throws IOException {
    all = nodes.startAll(List.of(NodeKind.REDKNOT, NodeKind.REDIS, NodeKind.REDKNOT));
    redknot = all.get(0);
    redis = all.get(1);
    int[] bounds = {0, FIRST_OF_REDIS, FIRST_OF_SECOND, 16384};
    for (int i = 0; i < all.size(); i++) {
      String first = Integer.toString(bounds[i]);
      all.get(i).text("CLUSTER", "ADDSLOTSRANGE", first, Integer.toString(bounds[i + 1] - 1));
    }
    Joined.meet(all);
    Topology.awaitAgreement(all);
  }

  @Test
  void whatOneNodePublishesIsHeardOnAllInItsOrder() throws IOException {
    int round = 0;
    for (NodeProcess publisher : all) {
      for (NodeProcess listener : all) {
        // What the last round published may still be on its way to this node.
        String channel = "news" + round++;
        try (RespConnection client = new RespConnection(listener.port());
            RespConnection pattern = new RespConnection(listener.port())) {
          client.ask("SUBSCRIBE", channel);
          pattern.ask("PSUBSCRIBE", channel + "*");
          for (int i = 0; i < MESSAGES; i++) {
            publisher.ask("PUBLISH", channel, "" + i);
          }
          for (int i = 0; i < MESSAGES; i++) {
            assertEquals("*[$message, $" + channel + ", $" + i + "]", client.read().toString());
            assertEquals(
                "*[$pmessage, $" + channel + "*, $" + channel + ", $" + i + "]",
                pattern.read().toString());
          }
        }
      }
    }
  }

  private void move(int slot, NodeProcess source, NodeProcess target) throws IOException {
    String number = Integer.toString(slot);
    target.text("CLUSTER", "SETSLOT", number, "IMPORTING", source.id());
    source.text("CLUSTER", "SETSLOT", number, "MIGRATING", target.id());
    target.text("CLUSTER", "SETSLOT", number, "NODE", target.id());
    source.text("CLUSTER", "SETSLOT", number, "NODE", target.id());
  }

  @Test
  void shardChannelsEndWithTheirSlotAndGoOnWhereItIs() throws IOException {
    for (NodeProcess source : List.of(redknot, redis)) {
      NodeProcess target = source == redis ? redknot : redis;
      int slot = source == redis ? FIRST_OF_REDIS + 7 : 7;
      String channel = "{" + Slots.tagIn(slot) + "}x";
      try (RespConnection before = new RespConnection(source.port());
          RespConnection after = new RespConnection(target.port())) {
        before.ask("SSUBSCRIBE", channel);
        assertEquals(":1", source.ask("SPUBLISH", channel, "1").toString());
        assertEquals("*[$smessage, $" + channel + ", $1]", before.read().toString());
        move(slot, source, target);
        assertEquals("*[$sunsubscribe, $" + channel + ", :0]", before.read().toString());
        String moved = "-MOVED " + slot + " " + target.address();
        assertEquals(moved, before.ask("SSUBSCRIBE", channel).toString());
        after.ask("SSUBSCRIBE", channel);
        assertEquals(":1", target.ask("SPUBLISH", channel, "2").toString());
        assertEquals("*[$smessage, $" + channel + ", $2]", after.read().toString());
      }
    }
  }

  @Test
  void whoWaitsForAKeyIsSentAfterItsSlot() throws IOException {
    int slot = 11;
    String key = "{" + Slots.tagIn(slot) + "}list";
    try (RespConnection client = new RespConnection(redknot.port())) {
      client.send("BLPOP", key, "0");
      Waiting.until(
          "the client to wait",
          () -> redknot.text("INFO", "clients").contains("blocked_clients:1"));
      move(slot, redknot, redis);
      assertEquals("-MOVED " + slot + " " + redis.address(), client.read().toString());
      assertEquals(":1", redis.ask("RPUSH", key, "x").toString());
    }
  }
}
