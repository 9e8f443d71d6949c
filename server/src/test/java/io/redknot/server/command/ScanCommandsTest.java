package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.cluster.store.NodesConfException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScanCommandsTest {
  @TempDir private Path directory;
  private LiveNode node;
  private LiveClient client;

  @BeforeEach
  void start() throws IOException, NodesConfException {
    node = new LiveNode(directory);
    node.server().cron().expiryActive(false);
    client = node.connect();
  }

  /** Takes a cluster of one node in place of the server that is alone. */
  private void replace(boolean byCluster) throws IOException, NodesConfException {
    if (byCluster) {
      stop();
      node = LiveNode.cluster(directory);
      node.server().cron().expiryActive(false);
      client = node.connect();
    }
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    node.close();
  }

  private List<String> scanAll(String... options) {
    List<String> found = new ArrayList<>();
    String cursor = "0";
    do {
      List<String> words = new ArrayList<>(List.of("SCAN", cursor));
      words.addAll(List.of(options));
      LiveClient.Page page = client.scan(words.toArray(new String[0]));
      cursor = page.cursor();
      assertTrue(Long.parseLong(cursor) >= 0, cursor);
      found.addAll(page.keys());
    } while (!cursor.equals("0"));
    return found;
  }

  private Set<String> fill(int count) {
    Set<String> names = new TreeSet<>();
    for (int i = 0; i < count; i++) {
      // Every second key in one slot, so that slots of very different size are walked.
      String name = i % 2 == 0 ? "key:" + i : "{tag}" + i;
      node.set(0, name, "v");
      names.add(name);
    }
    return names;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyKeyIsFoundOnceWhateverTheCount(boolean cluster) throws IOException, NodesConfException {
    replace(cluster);
    Set<String> names = fill(3000);
    for (String count : List.of("1", "10", "127", "100000", "9223372036854775807")) {
      List<String> found = scanAll("COUNT", count);
      assertEquals(names.size(), found.size(), count);
      assertEquals(names, new TreeSet<>(found));
    }
    assertEquals(names, new TreeSet<>(client.list("KEYS", "*")));
    assertEquals(":3000", client.call("DBSIZE"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void keysThatStayAreFoundWhileOthersComeAndGo(boolean cluster)
      throws IOException, NodesConfException {
    replace(cluster);
    Set<String> staying = fill(2000);
    AtomicBoolean stop = new AtomicBoolean();
    CompletableFuture<Integer> churn =
        CompletableFuture.supplyAsync(() -> churn(stop, cluster ? 1 : 2));
    try {
      for (int round = 0; round < 20; round++) {
        Map<String, Integer> seen = new HashMap<>();
        scanAll("COUNT", "7").forEach(key -> seen.merge(key, 1, Integer::sum));
        for (String key : staying) {
          assertEquals(1, seen.getOrDefault(key, 0), key);
        }
      }
    } finally {
      stop.set(true);
    }
    assertTrue(churn.join() > 0);
  }

  /** Lets tables grow and shrink: adds and deletes a thousand keys, again and again. */
  private int churn(AtomicBoolean stop, int seed) {
    Random random = new Random(seed);
    int changes = 0;
    try (LiveClient second = node.connect()) {
      while (!stop.get()) {
        for (int i = 0; i < 1000; i++) {
          node.set(0, (random.nextBoolean() ? "{tag}x" : "x") + i, "v");
        }
        for (int i = 0; i < 1000; i++) {
          changes += second.call("DEL", "x" + i).equals(":1") ? 1 : 0;
          changes += second.call("DEL", "{tag}x" + i).equals(":1") ? 1 : 0;
        }
      }
    } catch (IOException failure) {
      throw new java.io.UncheckedIOException(failure);
    }
    return changes;
  }

  @Test
  void matchAndTypeFilterWhatIsReturned() {
    fill(100);
    assertEquals(
        Set.of("key:4", "key:40", "key:42", "key:44", "key:46", "key:48"),
        new HashSet<>(scanAll("MATCH", "key:4*")));
    assertEquals(100, scanAll("TYPE", "STRING", "COUNT", "1000").size());
    assertEquals(0, scanAll("type", "nothing").size());
  }

  @Test
  void anyCursorIsAccepted() {
    fill(500);
    Random random = new Random(7);
    for (int i = 0; i < 500; i++) {
      String cursor = Long.toUnsignedString(random.nextLong() >>> random.nextInt(64));
      assertEquals(2, client.list("SCAN", cursor).size(), cursor);
    }
    assertEquals("[0, []]", client.call("SCAN", "18446744073709551615"));
    assertEquals(500, client.scan("SCAN", "", "COUNT", "1000").keys().size());
    assertEquals(500, client.scan("SCAN", "0\0x", "COUNT", "1000").keys().size());
    for (String bad : List.of("x", "1x", "-", "18446744073709551616", " 1", "1 ")) {
      assertEquals("-ERR invalid cursor", client.call("SCAN", bad), bad);
    }
  }

  @Test
  void scanRefusesWhatRedisRefuses() {
    assertEquals("-ERR syntax error", client.call("SCAN", "0", "COUNT"));
    assertEquals("-ERR syntax error", client.call("SCAN", "0", "COUNT", "0"));
    assertEquals("-ERR syntax error", client.call("SCAN", "0", "BOGUS", "1"));
    assertEquals(
        "-ERR value is not an integer or out of range", client.call("SCAN", "0", "COUNT", "x"));
  }

  @Test
  void expiredKeysAreNeitherScannedNorListedNorDrawn() {
    for (int i = 0; i < 300; i++) {
      node.set(0, "gone:" + i, "v");
      client.call("PEXPIRE", "gone:" + i, "100");
    }
    node.set(0, "stays", "v");
    node.passMs(1000);
    assertEquals(":301", client.call("DBSIZE"));
    for (int i = 0; i < 50; i++) {
      assertEquals("stays", client.call("RANDOMKEY"));
    }
    assertEquals(List.of("stays"), scanAll());
    assertEquals(List.of("stays"), client.list("KEYS", "*"));
    // Whoever meets them removes them.
    assertEquals(":1", client.call("DBSIZE"));
  }

  @Test
  void keysLeavesExpiredKeysWhereTheyAreAndScanRemovesThem() {
    for (int i = 0; i < 20; i++) {
      node.set(0, "{tag}gone:" + i, "v");
      client.call("PEXPIRE", "{tag}gone:" + i, "100");
    }
    node.set(0, "stays", "v");
    node.passMs(1000);
    assertEquals(List.of("stays"), client.list("KEYS", "*"));
    assertEquals(List.of(), client.list("KEYS", "{tag}*"));
    assertEquals(":21", client.call("DBSIZE"));
    assertEquals(List.of("stays"), scanAll());
    assertEquals(":1", client.call("DBSIZE"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void keysWithAHashTagBeforeTheFirstWildcardAreFound(boolean cluster)
      throws IOException, NodesConfException {
    replace(cluster);
    Set<String> names = fill(1000);
    names.removeIf(name -> !name.startsWith("{tag}"));
    assertEquals(names, new TreeSet<>(client.list("KEYS", "{tag}*")));
    assertEquals(Set.of("{tag}1"), new TreeSet<>(client.list("KEYS", "{tag}1")));
    assertEquals(names, new TreeSet<>(client.list("KEYS", "{ta[g]}*")));
    assertEquals(names, new TreeSet<>(client.list("KEYS", "{t*")));
    node.set(0, "{}{tag}", "v");
    node.set(0, "a}b{tag}", "v");
    assertEquals(List.of("{}{tag}"), client.list("KEYS", "{}{tag}*"));
    assertEquals(List.of("a}b{tag}"), client.list("KEYS", "a}b{tag}*"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void randomKeyDrawsEveryKeyAboutEquallyOften(boolean cluster)
      throws IOException, NodesConfException {
    replace(cluster);
    assertEquals("nil", client.call("RANDOMKEY"));
    Set<String> names = fill(20);
    Map<String, Integer> drawn = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      drawn.merge(client.call("RANDOMKEY"), 1, Integer::sum);
    }
    assertEquals(names, new TreeSet<>(drawn.keySet()));
    // Each is expected 1000 times with a standard deviation of 31.
    drawn.forEach((key, times) -> assertTrue(times > 750 && times < 1250, key + " " + times));
  }
}
