package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.redknot.cluster.store.NodesConfException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExpireCommandsTest {
  private LiveNode node;
  private LiveClient client;

  @BeforeEach
  void start(@TempDir Path directory) throws IOException, NodesConfException {
    node = new LiveNode(directory);
    node.server().cron().expiryActive(false);
    client = node.connect();
    node.set(0, "a", "1");
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    node.close();
  }

  @Test
  void timesToLiveAreToldInBothUnitsAndRounded() {
    assertEquals(":-2", client.call("TTL", "none"));
    assertEquals(":-2", client.call("PEXPIRETIME", "none"));
    assertEquals(":-1", client.call("PTTL", "a"));
    assertEquals(":-1", client.call("EXPIRETIME", "a"));
    assertEquals(":1", client.call("PEXPIREAT", "a", "9999999999499"));
    assertEquals(":9999999999499", client.call("PEXPIRETIME", "a"));
    assertEquals(":9999999999", client.call("EXPIRETIME", "a"));
    client.call("PEXPIREAT", "a", "9999999999500");
    assertEquals(":10000000000", client.call("EXPIRETIME", "a"));
    client.call("EXPIRE", "a", "100");
    assertEquals(":100", client.call("TTL", "a"));
  }

  @Test
  void aKeyIsGoneOnceItsTimeHasPassed() {
    client.call("EXPIRE", "a", "10");
    node.passMs(9000);
    assertEquals(":1", client.call("EXISTS", "a"));
    node.passMs(1500);
    assertEquals(":1", client.call("DBSIZE"));
    assertEquals(":0", client.call("EXISTS", "a"));
    assertEquals(":0", client.call("DBSIZE"));
    assertEquals(":-2", client.call("TTL", "a"));
  }

  @Test
  void aTimeInThePastDeletesTheKey() {
    assertEquals(":1", client.call("EXPIREAT", "a", "-1"));
    assertEquals(":0", client.call("DBSIZE"));
    assertEquals(1, node.changes());
    node.set(0, "a", "1");
    assertEquals(":1", client.call("EXPIRE", "a", "0"));
    assertEquals(":0", client.call("DBSIZE"));
    assertEquals(":0", client.call("EXPIRE", "a", "0"));
  }

  @Test
  void optionsCompareWithTheTimeThatIsThere() {
    assertEquals(":0", client.call("PEXPIREAT", "a", "9000000000000", "XX"));
    assertEquals(":0", client.call("PEXPIREAT", "a", "9000000000000", "GT"));
    assertEquals(":1", client.call("PEXPIREAT", "a", "9000000000000", "LT"));
    assertEquals(":0", client.call("PEXPIREAT", "a", "9000000000001", "NX"));
    assertEquals(":0", client.call("PEXPIREAT", "a", "9000000000000", "GT"));
    assertEquals(":0", client.call("PEXPIREAT", "a", "9000000000000", "lt"));
    assertEquals(":1", client.call("PEXPIREAT", "a", "9000000000002", "gt", "xx"));
    assertEquals(":0", client.call("PEXPIREAT", "a", "9000000000003", "LT", "XX"));
    assertEquals(":9000000000002", client.call("PEXPIRETIME", "a"));
    assertEquals(2, node.changes());
  }

  @Test
  void optionsAreCheckedBeforeTheNumberAndTheKey() {
    String notCompatible = " at the same time are not compatible";
    assertEquals("-ERR Unsupported option FOO", client.call("EXPIRE", "none", "x", "NX", "FOO"));
    assertEquals(
        "-ERR NX and XX, GT or LT options" + notCompatible,
        client.call("EXPIRE", "none", "x", "NX", "GT"));
    assertEquals(
        "-ERR GT and LT options" + notCompatible, client.call("EXPIRE", "a", "x", "GT", "LT"));
    assertEquals(
        "-ERR value is not an integer or out of range", client.call("EXPIRE", "none", "x"));
  }

  @Test
  void timesThatOverflowAreRefused() {
    String max = "9223372036854775807";
    String invalid = "-ERR invalid expire time in '";
    assertEquals(invalid + "expire' command", client.call("EXPIRE", "a", max));
    assertEquals(invalid + "pexpire' command", client.call("PEXPIRE", "a", max));
    assertEquals(invalid + "expireat' command", client.call("EXPIREAT", "a", "9223372036854776"));
    assertEquals(":1", client.call("PEXPIREAT", "a", max));
    assertEquals(":" + max, client.call("PEXPIRETIME", "a"));
    assertEquals(":1", client.call("PEXPIREAT", "a", "-9223372036854775808"));
  }

  @Test
  void persistTakesTheTimeAway() {
    assertEquals(":0", client.call("PERSIST", "a"));
    client.call("EXPIRE", "a", "10");
    assertEquals(":1", client.call("PERSIST", "a"));
    assertEquals(":-1", client.call("TTL", "a"));
    assertEquals(":0", client.call("PERSIST", "none"));
    assertEquals(2, node.changes());
  }
}
