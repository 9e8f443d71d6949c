package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Slots with keys of every type go from primary to primary, of both kinds, by redis-cli. */
class ReshardTest {
  private static final int SLOTS = 12;

  /** Elements of the large values: their payloads have more than a megabyte. */
  private static final int LARGE = 40_000;

  private static final int BATCH = 1000;
  private static final String EXPIRY = "PEXPIRETIME";

  @RegisterExtension private final Nodes nodes = Nodes.forTest();

  private static void fill(NodeProcess node) throws IOException {
    for (int slot = 0; slot < SLOTS; slot++) {
      String tag = "{" + Slots.tagIn(slot) + "}";
      node.text("SET", tag + "string", "value of " + slot);
      node.text("SET", tag + "expiring", "value", "PXAT", "4102444800000");
      assertEquals(3, node.ask("RPUSH", tag + "list", "a", "1", "c").number());
      assertEquals(2, node.ask("HSET", tag + "hash", "f", "v", "g", "w").number());
      assertEquals(3, node.ask("SADD", tag + "set", "1", "2", "3").number());
      assertEquals(2, node.ask("ZADD", tag + "sorted", "1.5", "a", "-2", "b").number());
      node.text("XADD", tag + "stream", "1-1", "f", "v");
      assertEquals(1, node.ask("PFADD", tag + "loglog", "a").number());
    }
    String tag = "{" + Slots.tagIn(0) + "}";
    for (int i = 0; i < LARGE; i += BATCH) {
      List<String> hash = new ArrayList<>(List.of("HSET", tag + "largehash"));
      List<String> sorted = new ArrayList<>(List.of("ZADD", tag + "largesorted"));
      for (int k = i; k < i + BATCH; k++) {
        hash.addAll(List.of("field" + k, "value of the field " + k));
        sorted.addAll(List.of(Integer.toString(k), "a member of the set " + k));
      }
      assertEquals(BATCH, node.ask(hash.toArray(String[]::new)).number());
      assertEquals(BATCH, node.ask(sorted.toArray(String[]::new)).number());
    }
  }

  /** All keys of the slots, with what they hold, however the node keeps it. */
  private static Map<String, String> content(NodeProcess node) throws IOException {
    Map<String, String> content = new TreeMap<>();
    for (int slot = 0; slot < SLOTS; slot++) {
      String tag = "{" + Slots.tagIn(slot) + "}";
      read(node, content, "GET", tag + "string");
      // Redis tells other nodes how long a key has still to live, so that it may live a bit longer.
      read(node, content, EXPIRY, tag + "expiring");
      content.computeIfPresent(EXPIRY + " " + tag + "expiring", (_, at) -> at.substring(0, 8));
      read(node, content, "LRANGE", tag + "list", "0", "-1");
      read(node, content, "HMGET", tag + "hash", "f", "g", "none");
      read(node, content, "SMISMEMBER", tag + "set", "1", "2", "3", "4");
      read(node, content, "ZRANGE", tag + "sorted", "0", "-1", "WITHSCORES");
      read(node, content, "XRANGE", tag + "stream", "-", "+");
      read(node, content, "PFCOUNT", tag + "loglog");
      read(node, content, "CLUSTER", "COUNTKEYSINSLOT", Integer.toString(slot));
    }
    String tag = "{" + Slots.tagIn(0) + "}";
    read(node, content, "ZRANGE", tag + "largesorted", "39000", "-1", "WITHSCORES");
    read(node, content, "HLEN", tag + "largehash");
    read(node, content, "HGET", tag + "largehash", "field" + (LARGE - 1));
    return content;
  }

  private static void read(NodeProcess node, Map<String, String> content, String... command)
      throws IOException {
    content.put(String.join(" ", command), node.ask(command).toString());
  }

  private static void assertContent(Map<String, String> expected, NodeProcess node)
      throws IOException {
    Map<String, String> different = content(node);
    different.entrySet().removeAll(expected.entrySet());
    assertEquals(Map.of(), different, node::toString);
  }

  /** Has redis-cli give the first slots of a primary to another one. */
  static void move(NodeProcess from, NodeProcess to, int slots, List<NodeProcess> all)
      throws Exception {
    RedisCli.cluster(
        "reshard",
        all.getFirst().address(),
        "--cluster-from",
        from.id(),
        "--cluster-to",
        to.id(),
        "--cluster-slots",
        Integer.toString(slots),
        "--cluster-yes");
    Topology.awaitAgreement(all);
  }

  @Test
  void slotsGoRoundAmongRedknotAndRedisAndNothingIsLost() throws Exception {
    List<NodeProcess> all =
        nodes.startAll(List.of(NodeKind.REDKNOT, NodeKind.REDKNOT, NodeKind.REDIS));
    SixNodes.form(all, 0);
    fill(all.getFirst());
    Map<String, String> before = content(all.getFirst());
    for (int i = 0; i < all.size(); i++) {
      NodeProcess from = all.get(i);
      NodeProcess to = all.get((i + 1) % all.size());
      move(from, to, SLOTS, all);
      assertContent(before, to);
      assertEquals(0, from.ask("DBSIZE").number(), from::toString);
    }
    String check = RedisCli.cluster("check", all.getLast().address());
    assertTrue(check.contains("[OK] All 16384 slots covered."), check);
  }

  @Test
  void aNewPrimaryGetsItsShareAndGivesItBackBeforeItGoes() throws Exception {
    List<NodeProcess> all =
        nodes.startAll(List.of(NodeKind.REDKNOT, NodeKind.REDKNOT, NodeKind.REDKNOT));
    SixNodes.form(all, 0);
    fill(all.getFirst());
    Map<String, String> before = content(all.getFirst());
    long keys = all.getFirst().ask("DBSIZE").number();
    NodeProcess added = nodes.start(NodeKind.REDKNOT);
    RedisCli.cluster("add-node", added.address(), all.getFirst().address());
    List<NodeProcess> four = new ArrayList<>(all);
    four.add(added);
    Topology.awaitAgreement(four);
    move(all.getFirst(), added, SLOTS, four);
    assertContent(before, added);
    move(added, all.get(1), SLOTS, four);
    RedisCli.cluster("del-node", all.getFirst().address(), added.id());
    Topology.awaitAgreement(all);
    assertContent(before, all.get(1));
    assertEquals(keys, all.get(1).ask("DBSIZE").number());
  }

  @Test
  void aSlotThatIsHalfMovedIsMendedByRedisCli() throws Exception {
    List<NodeProcess> all =
        nodes.startAll(List.of(NodeKind.REDKNOT, NodeKind.REDKNOT, NodeKind.REDIS));
    SixNodes.form(all, 0);
    fill(all.getFirst());
    Map<String, String> before = content(all.getFirst());
    NodeProcess from = all.getFirst();
    NodeProcess to = all.get(1);
    to.text("CLUSTER", "SETSLOT", "0", "IMPORTING", from.id());
    from.text("CLUSTER", "SETSLOT", "0", "MIGRATING", to.id());
    String key = "{" + Slots.tagIn(0) + "}string";
    from.text("MIGRATE", "127.0.0.1", Integer.toString(to.port()), key, "0", "5000");
    assertEquals("-ASK 0 " + to.address(), from.ask("GET", key).toString());
    RedisCli.cluster("fix", from.address());
    Topology.awaitAgreement(all);
    assertContent(before, from);
    String check = RedisCli.cluster("check", all.getLast().address());
    assertTrue(check.contains("[OK] All 16384 slots covered."), check);
  }
}
