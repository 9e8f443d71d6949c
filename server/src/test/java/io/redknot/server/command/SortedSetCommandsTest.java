package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the differential test cannot pin down: 7.2's own, encodings, scans of changing sets. */
class SortedSetCommandsTest {
  private static RunningServer running;
  private RawClient client;

  @BeforeAll
  static void start() {
    running = RunningServer.start();
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  @BeforeEach
  void connect() {
    client = running.connect();
    call("flushall");
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  private String call(String... words) {
    return client.command(words).reply().replace("\r\n", " ").trim();
  }

  private String encoding(String key) {
    return client.askText("object", "encoding", key);
  }

  private void fill(int members) {
    List<String> words = new ArrayList<>(List.of("zadd", "k"));
    for (int i = 0; i < members; i++) {
      words.add(Integer.toString(i));
      words.add("m" + i);
    }
    call(words.toArray(new String[0]));
  }

  @Test
  void rankComesWithTheScoreWhereThatIsAskedFor() {
    call("zadd", "k", "1", "a", "0.1", "b");
    assertEquals("*2 :1 $1 1", call("zrank", "k", "a", "withscore"));
    assertEquals("*2 :1 $3 0.1", call("zrevrank", "k", "b", "WITHSCORE"));
    assertEquals("*-1", call("zrank", "k", "c", "withscore"));
    assertEquals("*-1", call("zrank", "none", "c", "withscore"));
    assertEquals("-ERR syntax error", call("zrank", "k", "a", "withscores"));
    assertEquals(
        "-ERR wrong number of arguments for 'zrank' command",
        call("zrank", "k", "a", "withscore", "x"));
    client.ask("hello", "3");
    assertEquals("*2 :1 ,1", call("zrank", "k", "a", "withscore"));
    assertEquals("_", call("zrank", "k", "c", "withscore"));
  }

  @Test
  void scoresHaveAsFewDigitsAsTheyNeed() {
    call("zadd", "k", "0.1", "a", "1e17", "b", "1e21", "c", "-1e-7", "d");
    assertEquals("$3 0.1", call("zscore", "k", "a"));
    assertEquals("$18 100000000000000000", call("zscore", "k", "b"));
    assertEquals("$5 1e+21", call("zscore", "k", "c"));
    assertEquals("$5 -1e-7", call("zscore", "k", "d"));
    assertEquals("$19 0.30000000000000004", call("zincrby", "k", "0.2", "a"));
    client.ask("hello", "3");
    assertEquals("*2 ,0.30000000000000004 ,1e+21", call("zmscore", "k", "a", "c"));
  }

  @Test
  void setBecomesLargeBeyondItsLimits() {
    fill(128);
    assertEquals("listpack", encoding("k"));
    call("zadd", "k", "5", "m128");
    assertEquals("skiplist", encoding("k"));
    call("zremrangebyrank", "k", "1", "-1");
    assertEquals("skiplist", encoding("k"));
    call("zunionstore", "u", "1", "k");
    assertEquals("listpack", encoding("u"));
    call("zadd", "u", "5", "x".repeat(64));
    assertEquals("listpack", encoding("u"));
    call("zadd", "u", "5", "x".repeat(65));
    assertEquals("skiplist", encoding("u"));
    assertEquals(":3", call("zcard", "u"));
  }

  @Test
  void commandWithManyMembersMakesLargeSetAtOnce() {
    List<String> words = new ArrayList<>(List.of("zadd", "k"));
    for (int i = 0; i < 129; i++) {
      words.addAll(List.of("1", "same"));
    }
    assertEquals(":1", call(words.toArray(new String[0])));
    assertEquals("skiplist", encoding("k"));
  }

  @Test
  void scanFindsWhateverStaysWhileTheRestChanges() {
    fill(3000);
    Set<String> found = new HashSet<>();
    String cursor = "0";
    int next = 3000;
    do {
      String[] page = client.ask("zscan", "k", cursor, "count", "50").split("\r\n", -1);
      cursor = page[2];
      for (int i = 5; i < page.length; i += 4) {
        assertTrue(found.add(page[i]) || Integer.parseInt(page[i].substring(1)) >= 1000, page[i]);
      }
      for (int i = 0; i < 40; i++) {
        call("zadd", "k", "0", "m" + next);
        call("zrem", "k", "m" + (1000 + (next * 7) % 2000));
        next++;
      }
    } while (!cursor.equals("0"));
    for (int i = 0; i < 1000; i++) {
      assertTrue(found.contains("m" + i), "m" + i);
    }
  }

  @Test
  void failedIncrementChangesNothing() {
    call("zadd", "k", "inf", "a");
    long before = running.server().shards().shard(0).stats().changes;
    assertEquals("-ERR resulting score is not a number (NaN)", call("zincrby", "k", "-inf", "a"));
    assertEquals("-ERR value is not a valid float", call("zadd", "k", "1", "b", "x", "c"));
    assertEquals(":1", call("zcard", "k"));
    assertEquals(before, running.server().shards().shard(0).stats().changes);
  }

  @Test
  void storedResultTakesTheTimeToLiveAway() {
    fill(3);
    call("set", "d", "x", "ex", "1000");
    assertEquals(":3", call("zrangestore", "d", "k", "0", "-1"));
    assertEquals(":-1", call("ttl", "d"));
    call("expire", "d", "1000");
    assertEquals(":0", call("zinterstore", "d", "2", "k", "none"));
    assertEquals(":0", call("exists", "d"));
  }

  @Test
  void commonMembersOfSetAndSortedSetAreFound() {
    fill(3);
    call("sadd", "s", "m1", "m2", "7");
    assertEquals("*2 $2 m1 $2 m2", call("zinter", "2", "k", "s"));
    assertEquals("*4 $2 m1 $1 2 $2 m2 $1 3", call("zinter", "2", "s", "k", "withscores"));
    assertEquals("*1 $2 m0", call("zdiff", "2", "k", "s"));
    assertEquals(":4", call("zunionstore", "u", "2", "s", "k"));
    assertEquals(":2", call("zintercard", "2", "s", "k"));
  }
}
