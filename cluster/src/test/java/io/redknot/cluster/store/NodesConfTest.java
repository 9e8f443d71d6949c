package io.redknot.cluster.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.cluster.wire.NodeAddress;
import io.redknot.cluster.wire.NodeFlags;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NodesConfTest {
  private static final String A = "a".repeat(40);
  private static final String B = "b".repeat(40);
  private static final String C = "c".repeat(40);
  private static final String SHARD = "5".repeat(40);
  private static final String VARS = "vars currentEpoch 6 lastVoteEpoch 4\n";

  private static final String REDIS_72 =
      A
          + " 10.0.0.1:7000@17000,h1,tls-port=0,nodename=one,shard-id="
          + SHARD
          + " myself,master - 0 0 5 connected 0-5460 7000 [93->-"
          + B
          + "] [94-<-"
          + B
          + "]\n"
          + B
          + " 10.0.0.2:7000@17000,,tls-port=7443,shard-id="
          + "6".repeat(40)
          + " master,fail? - 1700000000000 1700000000001 3 disconnected 5461-6999\n"
          + C
          + " ::1:7000@17000,,tls-port=0,shard-id="
          + SHARD
          + " slave,nofailover "
          + A
          + " 0 1700000000001 5 connected\n"
          + VARS;

  private static final String REDIS_70 =
      A
          + " 127.0.0.1:7000@17000 myself,master - 0 0 1 connected 0-16383\n"
          + B
          + " 127.0.0.1:7001@17001,host.example.com slave "
          + A
          + " 0 1 1 connected\n"
          + VARS;

  private static SavedCluster parse(String text) throws NodesConfException {
    return NodesConf.parse(text, false);
  }

  private static String refusal(String text) {
    return String.valueOf(assertThrows(NodesConfException.class, () -> parse(text)).getMessage());
  }

  @Test
  void fileOfRedis72ComesBackByteForByte() throws NodesConfException {
    assertEquals(REDIS_72, NodesConf.format(parse(REDIS_72)));
  }

  @Test
  void fieldsOfRedis72AreUnderstood() throws NodesConfException {
    SavedCluster cluster = parse(REDIS_72);
    SavedNode first = cluster.nodes().get(0);
    assertEquals(new NodeAddress("10.0.0.1", 7000, 0, 17000), first.address());
    assertEquals("h1", first.hostname());
    assertEquals("one", first.nodename());
    assertEquals(SHARD, first.shardId());
    assertEquals(NodeFlags.MYSELF | NodeFlags.PRIMARY, first.flags());
    assertEquals(5462, first.slots().count());
    assertEquals(B, first.migrating().get(93));
    assertEquals(B, first.importing().get(94));
    assertEquals("::1", cluster.nodes().get(2).address().ip());
    assertEquals(7443, cluster.nodes().get(1).address().tlsPort());
    assertEquals(6, cluster.currentEpoch());
    assertEquals(4, cluster.lastVoteEpoch());
  }

  @Test
  void fileOfRedis70IsRead() throws NodesConfException {
    SavedCluster cluster = parse(REDIS_70);
    assertEquals("host.example.com", cluster.nodes().get(1).hostname());
    assertEquals("", cluster.nodes().get(1).shardId());
    assertEquals(A, cluster.nodes().get(1).primaryId());
    assertEquals(7000, NodesConf.parse(REDIS_70, true).nodes().get(0).address().tlsPort());
  }

  @Test
  void tcpPortAttributeMeansTheMainPortIsTls() throws NodesConfException {
    String text =
        A + " 1.2.3.4:7443@17000,,tcp-port=7000,shard-id=" + SHARD + " myself,master - 0 0 0 x\n";
    assertEquals(
        new NodeAddress("1.2.3.4", 7000, 7443, 17000), parse(text).nodes().get(0).address());
  }

  @Test
  void missingBusPortIsTheClientPortPlusTenThousand() throws NodesConfException {
    String text = A + " 1.2.3.4:7000 myself,master - 0 0 0 connected\n";
    assertEquals(17000, parse(text).nodes().get(0).address().busPort());
  }

  @Test
  void epochsOfNodesRaiseTheCurrentEpoch() throws NodesConfException {
    String text = A + " :0@0 myself,master - 0 0 9 connected\nvars currentEpoch 2 lastVoteEpoch 1";
    assertEquals(9, parse(text).currentEpoch());
  }

  @Test
  void emptyLinesAndUnknownVariablesAreSkipped() throws NodesConfException {
    assertEquals(
        7,
        parse("\n\n" + A + " :0@0 myself,master - 0 0 0 x\n\nvars later 1 currentEpoch 7\n\n")
            .currentEpoch());
  }

  @Test
  void namedButUnlistedNodesBecomePlaceholders() throws NodesConfException {
    SavedCluster cluster = parse(A + " :0@0 myself,slave " + B + " 0 0 0 connected\n");
    assertEquals(2, cluster.nodes().size());
    assertEquals(B, cluster.nodes().get(1).id());
    assertEquals("", cluster.nodes().get(1).address().ip());
  }

  @Test
  void damageIsNamedWithItsLine() {
    String good = A + " 1.2.3.4:7000@17000 myself,master - 0 0 0 connected";
    assertTrue(refusal("\n" + good + "\n" + B + " short").contains("line 3"));
    assertTrue(refusal(good.replace("myself", "yourself")).contains("yourself"));
    assertTrue(refusal(good.replace(A, "nobody")).contains("not a node id"));
    assertTrue(refusal(good + " 0-16384").contains("16384"));
    assertTrue(refusal(good + " 9-3").contains("9-3"));
    assertTrue(refusal(good + " 7 7").contains("two owners"));
    assertTrue(refusal(good + " [7->x-" + B + "]").contains("marker"));
    assertTrue(refusal(good.replace("7000", "70000")).contains("70000"));
    assertTrue(refusal(good.replace("@17000", "@17000,h,colour=red")).contains("colour=red"));
    assertTrue(refusal(good + "\nvars currentEpoch").contains("no value"));
    assertTrue(refusal(good + "\n" + good).contains("twice"));
    assertTrue(refusal("\"" + good).contains("quotes"));
  }

  @Test
  void exactlyOneNodeIsMyself() {
    assertTrue(refusal(A + " :0@0 master - 0 0 0 x\n").contains("0 nodes"));
    assertTrue(
        refusal(A + " :0@0 myself,master - 0 0 0 x\n" + B + " :0@0 myself,master - 0 0 0 x\n")
            .contains("2 nodes"));
  }

  @Test
  void randomDamageIsRefusedOrUnderstoodButNeverCrashes() {
    long seed = 99;
    Random random = new Random(seed);
    int refused = 0;
    for (int round = 0; round < 6_000; round++) {
      StringBuilder text = new StringBuilder(random.nextBoolean() ? REDIS_72 : REDIS_70);
      for (int i = 1 + random.nextInt(4); i > 0; i--) {
        damage(text, random);
      }
      try {
        assertTrue(parse(text.toString()).nodes().size() < 10, "seed " + seed + "/" + round);
      } catch (NodesConfException e) {
        refused++;
      }
    }
    assertTrue(refused > 300 && refused < 6_000, "seed " + seed + ": refused " + refused);
  }

  private static void damage(StringBuilder text, Random random) {
    String alphabet = "09afx -,:@[]<>=\"'\\\nmyselfmaster";
    int at = random.nextInt(text.length());
    switch (random.nextInt(3)) {
      case 0 -> text.deleteCharAt(at);
      case 1 -> text.insert(at, alphabet.charAt(random.nextInt(alphabet.length())));
      default -> text.setCharAt(at, alphabet.charAt(random.nextInt(alphabet.length())));
    }
  }
}
