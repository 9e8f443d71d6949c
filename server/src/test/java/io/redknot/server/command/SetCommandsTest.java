package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the differential test cannot pin down: what is left to chance, and walks in steps. */
class SetCommandsTest {
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

  /** Every second line of an array of bulk strings. */
  private List<String> elements(String... words) {
    String[] lines = client.command(words).reply().split("\r\n", -1);
    List<String> elements = new ArrayList<>();
    for (int i = 2; i < lines.length; i += 2) {
      elements.add(lines[i]);
    }
    return elements;
  }

  private Set<String> add(String prefix, int members) {
    String[] words = new String[members + 2];
    words[0] = "sadd";
    words[1] = "k";
    for (int i = 0; i < members; i++) {
      words[i + 2] = prefix + i;
    }
    assertEquals(":" + members, call(words));
    return new HashSet<>(Arrays.asList(words).subList(2, words.length));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "m", "long member that lies in a table, as it has over 64 bytes, has it"})
  void membersThatArePoppedAreGoneAndOthersStay(String prefix) {
    Set<String> left = add(prefix, 100);
    for (String count : new String[] {"1", "5", "60", "0"}) {
      List<String> popped = elements("spop", "k", count);
      assertEquals(Integer.parseInt(count), popped.size());
      popped.forEach(member -> assertTrue(left.remove(member), member));
      assertEquals(left, new HashSet<>(elements("smembers", "k")));
    }
    assertEquals(34, elements("spop", "k", "1000").size());
    assertEquals(":0", call("exists", "k"));
    assertEquals("*0", call("spop", "k", "3"));
    assertEquals("$-1", call("spop", "k"));
  }

  @Test
  void poppingTheLastMemberRemovesTheKey() {
    call("sadd", "k", "only");
    assertEquals("$4 only", call("spop", "k"));
    assertEquals(":0", call("exists", "k"));
  }

  @Test
  void countsOfPopsArePositive() {
    String error = "-ERR value is out of range, must be positive";
    for (String count : new String[] {"-1", "x", "", "1.0", "9223372036854775808"}) {
      assertEquals(error, call("spop", "k", count), count);
    }
    assertEquals("-ERR syntax error", call("spop", "k", "1", "2"));
    call("set", "s", "");
    assertTrue(call("spop", "s").startsWith("-WRONGTYPE"));
    assertTrue(call("spop", "s", "0").startsWith("-WRONGTYPE"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "m", "long member that lies in a table, as it has over 64 bytes, has it"})
  void picksAreDifferentMembersOrRepeatedOnes(String prefix) {
    Set<String> members = add(prefix, 100);
    for (int count : new int[] {1, 3, 30, 99, 100, 101}) {
      List<String> picked = elements("srandmember", "k", "" + count);
      assertEquals(Math.min(100, count), new HashSet<>(picked).size());
      assertTrue(members.containsAll(picked));
      List<String> repeated = elements("srandmember", "k", "-" + count);
      assertEquals(count, repeated.size());
      assertTrue(members.containsAll(repeated));
    }
  }

  @Test
  void walkInStepsMeetsEveryMemberOnce() {
    Set<String> members = add("m", 3000);
    List<String> seen = new ArrayList<>();
    String cursor = "0";
    int steps = 0;
    do {
      String reply = client.command("sscan", "k", cursor, "count", "50").reply();
      String[] lines = reply.split("\r\n", -1);
      cursor = lines[2];
      for (int i = 5; i < lines.length; i += 2) {
        seen.add(lines[i]);
      }
      steps++;
    } while (!cursor.equals("0"));
    assertEquals(members.size(), seen.size());
    assertEquals(members, new HashSet<>(seen));
    assertTrue(steps > 25 && steps <= 61, "steps of about 50: " + steps);
  }

  @Test
  void storedResultsLoseTypeAndExpiryOfTheTarget() {
    call("set", "target", "text", "ex", "1000");
    call("sadd", "a", "1", "2", "x");
    assertEquals(":3", call("sunionstore", "target", "a", "missing"));
    assertEquals(":-1", call("ttl", "target"));
    assertEquals(":0", call("sinterstore", "target", "a", "missing"));
    assertEquals(":0", call("exists", "target"));
  }
}
