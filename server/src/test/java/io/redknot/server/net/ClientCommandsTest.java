package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.dispatch.ClientPause;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** CLIENT and the commands of a connection, over a socket. */
class ClientCommandsTest {
  private RunningServer server;
  private RawClient client;
  private RawClient other;

  @BeforeEach
  void start() {
    server = RunningServer.start("--databases", "4");
    client = server.connect();
    other = server.connect();
    assertEquals("+PONG\r\n", client.ask("ping"));
    assertEquals("+PONG\r\n", other.ask("ping"));
  }

  @AfterEach
  void stop() {
    client.close();
    other.close();
    server.close();
  }

  private static String id(RawClient of) {
    String reply = of.ask("client", "id");
    return reply.substring(1, reply.length() - 2);
  }

  @Test
  void idsRiseAndAreNotUsedAgain() {
    // Both connected at the start, and either may have been accepted first.
    long second = Math.max(Long.parseLong(id(client)), Long.parseLong(id(other)));
    long third;
    try (RawClient next = server.connect()) {
      third = Long.parseLong(id(next));
      assertTrue(third > second);
    }
    try (RawClient fourth = server.connect()) {
      assertTrue(Long.parseLong(id(fourth)) > third);
    }
  }

  @Test
  void manyWhoWereHeldBackGoOnInTheOrderInWhichTheyCame() {
    ClientPause pause = server.server().dispatcher().pause();
    assertEquals("+OK\r\n", other.ask("client", "pause", "1000000", "write"));
    List<RawClient> held = new ArrayList<>();
    StringBuilder wanted = new StringBuilder("*300\r\n");
    for (int i = 0; i < 300; i++) {
      held.add(server.connect().command("rpush", "l", Integer.toString(i)));
      int count = i + 1;
      Eventually.await("it to be held back", () -> pause.waitingCount() == count);
      wanted.append('$').append(Integer.toString(i).length()).append("\r\n");
      wanted.append(i).append("\r\n");
    }
    assertEquals("+OK\r\n", other.ask("client", "unpause"));
    for (int i = 0; i < 300; i++) {
      assertEquals(":" + (i + 1) + "\r\n", held.get(i).reply());
    }
    assertEquals(wanted.toString(), other.ask("lrange", "l", "0", "-1"));
    held.forEach(RawClient::close);
  }

  @Test
  void whoHasHeardThatItMayQuitIsNoLongerThere() {
    for (int i = 0; i < 200; i++) {
      try (RawClient leaving = server.connect()) {
        assertTrue(leaving.ask("subscribe", "news").endsWith(":1\r\n"));
        assertEquals("+OK\r\n", leaving.ask("quit"));
        assertEquals(":0\r\n", other.ask("publish", "news", "x"));
      }
    }
  }

  @Test
  void infoHasTheFieldsOfRedisInTheirOrder() {
    client.ask("client", "setname", "me");
    client.ask("client", "setinfo", "LIB-NAME", "lib");
    client.ask("select", "3");
    Pattern fields =
        Pattern.compile(
            "id=\\d+ addr=127\\.0\\.0\\.1:\\d+ laddr=127\\.0\\.0\\.1:\\d+ fd=-?\\d+ name=me"
                + " age=\\d+ idle=0 flags=N db=3 sub=0 psub=0 ssub=0 multi=-1 qbuf=26"
                + " qbuf-free=\\d+"
                + " argv-mem=10 multi-mem=0 rbs=\\d+ rbp=\\d+ obl=0 oll=0 omem=0 tot-mem=\\d+"
                + " events=r cmd=client\\|info user=default redir=-1 resp=2"
                + " lib-name=lib lib-ver=\n");
    String info = client.askText("client", "info");
    assertTrue(fields.matcher(info).matches(), info);
  }

  @Test
  void listShowsAllOrThoseAskedFor() {
    String all = client.askText("client", "list");
    assertEquals(2, all.lines().count());
    assertTrue(all.contains("addr=" + client.address()) && all.contains(other.address()));
    String one = client.askText("client", "list", "id", id(other), "999");
    assertTrue(one.startsWith("id=" + id(other) + " ") && one.lines().count() == 1, one);
    assertEquals(2, client.askText("client", "list", "type", "normal").lines().count());
    assertEquals("", client.askText("client", "list", "type", "pubsub"));
    assertEquals("-ERR Unknown client type 'x'\r\n", client.ask("client", "list", "type", "x"));
    assertEquals("-ERR Invalid client ID\r\n", client.ask("client", "list", "id", "x"));
    assertEquals("-ERR syntax error\r\n", client.ask("client", "list", "id"));
  }

  @Test
  void killByAddressEndsTheOtherConnection() {
    assertEquals("+OK\r\n", client.ask("client", "kill", other.address()));
    assertEquals("", other.readToEnd());
    assertEquals("-ERR No such client\r\n", client.ask("client", "kill", other.address()));
  }

  @Test
  void killOfOneselfAnswersFirst() {
    assertEquals("+OK\r\n", client.ask("client", "kill", client.address()));
    assertEquals("", client.readToEnd());
  }

  @Test
  void killFiltersAreAllToHold() {
    String id = id(other);
    assertEquals(":0\r\n", client.ask("client", "kill", "id", id, "type", "pubsub"));
    assertEquals(":0\r\n", client.ask("client", "kill", "addr", client.address()));
    assertEquals(":1\r\n", client.ask("client", "kill", "id", id, "user", "default"));
    assertEquals("", other.readToEnd());
    assertEquals(":1\r\n", client.ask("client", "kill", "type", "normal", "skipme", "no"));
    assertEquals("", client.readToEnd());
  }

  @Test
  void killNamesWhatIsWrongWithAFilter() {
    String badId = "-ERR client-id should be greater than 0\r\n";
    assertEquals(badId, client.ask("client", "kill", "id", "0"));
    assertEquals("-ERR syntax error\r\n", client.ask("client", "kill", "id", "1", "skipme"));
    assertEquals("-ERR syntax error\r\n", client.ask("client", "kill", "foo", "1"));
    assertEquals("-ERR No such user 'x'\r\n", client.ask("client", "kill", "user", "x"));
  }

  @Test
  void repliesCanBeTurnedOffAndLeftOut() {
    client.command("client", "reply", "off").command("ping").command("nonsense");
    assertEquals("+OK\r\n", client.ask("client", "reply", "on"));
    client.command("client", "reply", "skip").command("echo", "not seen");
    assertEquals("$4\r\nseen\r\n", client.ask("echo", "seen"));
  }

  @Test
  void aPauseHoldsCommandsBackInOrderUntilItIsLifted() {
    assertEquals("+OK\r\n", client.ask("client", "pause", "100000", "all"));
    other.command("echo", "a").command("echo", "b");
    Eventually.await(
        "the other client to wait", () -> server.server().dispatcher().pause().waitingCount() == 1);
    // Whoever pauses is held back as well: it takes the server itself to go on.
    client.command("client", "unpause");
    server.server().dispatcher().pause().unpause(ClientPause.Purpose.CLIENT);
    assertEquals("$1\r\na\r\n$1\r\nb\r\n", other.reply() + other.reply());
    assertEquals("+OK\r\n", client.reply());
  }

  @Test
  void aPauseOfWritesLetsReadsPassAndEndsByItself() {
    assertEquals("+OK\r\n", client.ask("client", "pause", "100000", "write"));
    assertEquals("+PONG\r\n", other.ask("ping"));
    assertEquals("+OK\r\n", client.ask("client", "unpause"));
    assertEquals("+OK\r\n", client.ask("client", "pause", "1"));
    assertEquals("+PONG\r\n", other.ask("ping"));
  }

  @Test
  void unblockFindsNobodyWhoWaits() {
    assertEquals(":0\r\n", client.ask("client", "unblock", id(other)));
    assertEquals(":0\r\n", client.ask("client", "unblock", "12345"));
    assertEquals(
        "-ERR value is not an integer or out of range\r\n", client.ask("client", "unblock", "x"));
  }

  @Test
  void helloSwitchesTheProtocolOnlyWhereAllOfItIsRight() {
    String error = "-ERR Client names cannot contain spaces, newlines or special characters.\r\n";
    assertEquals(error, client.ask("hello", "3", "setname", "a b"));
    assertTrue(client.ask("hello").startsWith("*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n"));
    assertEquals("-NOPROTO unsupported protocol version\r\n", client.ask("hello", "4"));
    assertEquals(
        "-ERR Syntax error in HELLO option 'setname'\r\n", client.ask("hello", "3", "setname"));
    assertTrue(client.ask("hello", "3", "setname", "me").startsWith("%7\r\n"));
    assertEquals("$2\r\nme\r\n", client.ask("client", "getname"));
    assertEquals("+OK\r\n", client.ask("client", "setname", ""));
    assertEquals("_\r\n", client.ask("client", "getname"));
    assertEquals("+RESET\r\n", client.ask("reset"));
    assertEquals("$-1\r\n", client.ask("client", "getname"));
  }

  @Test
  void quitAnswersAndDropsWhatFollows() {
    assertEquals("+OK\r\n", client.command("quit").command("ping").readToEnd());
  }

  @Test
  void selectKnowsItsDatabases() {
    assertEquals("+OK\r\n", client.ask("select", "3"));
    assertEquals("-ERR DB index is out of range\r\n", client.ask("select", "4"));
    assertEquals("-ERR DB index is out of range\r\n", client.ask("select", "-1"));
    assertEquals(
        "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n",
        client.ask("select", "99999999999"));
    assertEquals("-ERR value is not an integer or out of range\r\n", client.ask("select", "x"));
  }

  @Test
  void unknownCommandsAreQuotedBackUpToALimit() {
    assertEquals(
        "-ERR unknown command 'foo', with args beginning with: 'a' 'b' \r\n",
        client.ask("foo", "a", "b"));
    assertEquals(
        "-ERR unknown command 'FOO  X', with args beginning with: \r\n", client.ask("FOO\r\nX"));
    String shown = "x".repeat(128);
    assertEquals(
        "-ERR unknown command '" + shown + "', with args beginning with: '" + shown + "' \r\n",
        client.ask("x".repeat(200), "x".repeat(200), "y"));
    assertEquals(
        "-ERR unknown subcommand 'foo'. Try CLIENT HELP.\r\n", client.ask("client", "foo"));
    assertEquals(
        "-ERR wrong number of arguments for 'client|id' command\r\n",
        client.ask("client", "id", "1"));
    assertEquals("-ERR wrong number of arguments for 'client' command\r\n", client.ask("client"));
    assertEquals(
        "-ERR wrong number of arguments for 'ping' command\r\n", client.ask("ping", "a", "b"));
  }
}
