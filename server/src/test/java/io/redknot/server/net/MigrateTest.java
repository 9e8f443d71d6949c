package io.redknot.server.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.rdb.DumpPayload;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** MIGRATE to a server that answers when the test says so. */
class MigrateTest {
  private static final String FOREVER_MS = "60000";

  /** So many thousands of fields do not fit into the buffers of a connection. */
  private static final int LARGE_BATCHES = 300;

  /** A server of which the test reads the requests and writes the replies. */
  private static final class Target implements AutoCloseable {
    private final ServerSocket listener;
    private @Nullable Socket socket;
    private @Nullable BufferedReader in;

    /** The value of the last key. */
    private byte[] payload = {};

    Target() throws IOException {
      listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    String port() {
      return Integer.toString(listener.getLocalPort());
    }

    /** Takes the next connection. */
    void accept() throws IOException {
      Socket accepted = listener.accept();
      socket = accepted;
      in = new BufferedReader(new InputStreamReader(accepted.getInputStream(), ISO_8859_1));
    }

    /** The next request, without what only the value's encoding decides. */
    List<String> request() throws IOException {
      BufferedReader in = Objects.requireNonNull(this.in);
      int count = Integer.parseInt(in.readLine().substring(1));
      List<String> words = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int length = Integer.parseInt(in.readLine().substring(1));
        char[] word = new char[length];
        for (int read = 0; read < length; ) {
          read += in.read(word, read, length - read);
        }
        in.readLine();
        words.add(new String(word));
      }
      if (words.getFirst().startsWith("RESTORE")) {
        payload = words.remove(3).getBytes(ISO_8859_1);
      }
      return words;
    }

    void reply(String line) throws IOException {
      connected().getOutputStream().write((line + "\r\n").getBytes(ISO_8859_1));
    }

    void hangUp() throws IOException {
      connected().close();
    }

    private Socket connected() {
      return Objects.requireNonNull(socket);
    }

    @Override
    public void close() {
      try {
        listener.close();
        if (socket != null) {
          socket.close();
        }
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }
  }

  private RunningServer server;
  private RawClient client;
  private RawClient other;
  private Target target;

  @BeforeEach
  void start() throws IOException {
    server = RunningServer.start();
    client = server.connect();
    other = server.connect();
    target = new Target();
  }

  @AfterEach
  void stop() {
    target.close();
    other.close();
    client.close();
    server.close();
  }

  private void migrate(String key, String... options) {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("migrate", "127.0.0.1", target.port(), key, "0", FOREVER_MS));
    words.addAll(List.of(options));
    client.command(words.toArray(String[]::new));
  }

  /** Waits until the second command, beside MIGRATE, is held back. */
  private void awaitSecondWaiting() {
    Eventually.await(
        "the change to wait",
        () ->
            server.server().clients().all().stream()
                    .filter(each -> each.suspension() != null)
                    .count()
                == 2);
  }

  @Test
  void aKeyOnItsWayIsReadableAndWhatWouldChangeItRunsWhenItHasGone() throws IOException {
    other.ask("set", "k", "v");
    other.ask("set", "another", "v");
    migrate("k");
    target.accept();
    assertEquals(List.of("RESTORE", "k", "0"), target.request());
    assertEquals("$1\r\nv\r\n", other.ask("get", "k"));
    assertEquals("+OK\r\n", other.ask("set", "another", "w"), "other keys do not wait");
    other.command("append", "k", "new").command("get", "k");
    awaitSecondWaiting();
    target.reply("+OK");
    assertEquals("+OK\r\n", client.reply());
    assertEquals(":3\r\n", other.reply(), "it finds no key");
    assertEquals("$3\r\nnew\r\n", other.reply());
  }

  @Test
  void aTransactionThatWouldChangeAKeyOnItsWayRunsWhenItHasGone() throws IOException {
    other.ask("set", "k", "v");
    migrate("k");
    target.accept();
    target.request();
    other.ask("multi");
    other.ask("set", "another", "w");
    other.ask("append", "k", "new");
    other.command("exec");
    awaitSecondWaiting();
    target.reply("+OK");
    assertEquals("+OK\r\n", client.reply());
    assertEquals("*2\r\n+OK\r\n:3\r\n", other.reply());
  }

  @Test
  void aCommandThatWaitedDoesNotChangeAKeyOnItsWay() throws IOException {
    try (RawClient pusher = server.connect()) {
      pusher.ask("rpush", "to", "old");
      other.command("blmove", "from", "to", "left", "right", "0");
      Eventually.await(
          "the command to wait",
          () ->
              server.server().clients().all().stream().anyMatch(each -> each.suspension() != null));
      migrate("to");
      target.accept();
      target.request();
      assertEquals(":1\r\n", pusher.ask("rpush", "from", "element"));
      assertEquals(":1\r\n", pusher.ask("llen", "from"));
      target.reply("+OK");
      assertEquals("+OK\r\n", client.reply());
      assertEquals("$7\r\nelement\r\n", other.reply());
      assertEquals(
          "*1\r\n$7\r\nelement\r\n",
          pusher.ask("lrange", "to", "0", "-1"),
          "not gone with the key");
    }
  }

  @Test
  void aNodeThatHasBecomeAReplicaRemovesNothing() throws IOException {
    other.ask("set", "k", "v");
    migrate("k");
    target.accept();
    target.request();
    assertEquals("+OK\r\n", other.ask("replicaof", "127.0.0.1", target.port()));
    target.reply("+OK");
    Eventually.await("the move to end", () -> !server.server().dispatcher().movingKeys().isAny());
    assertEquals("$1\r\nv\r\n", other.ask("get", "k"));
  }

  @Test
  void whoListensIsToldThatTheKeyWasRemoved() throws IOException {
    other.ask("set", "k", "v");
    other.ask("config", "set", "notify-keyspace-events", "KEA");
    other.ask("subscribe", "__keyevent@0__:del");
    migrate("k");
    target.accept();
    target.request();
    target.reply("+OK");
    assertEquals("+OK\r\n", client.reply());
    assertEquals("*3\r\n$7\r\nmessage\r\n$18\r\n__keyevent@0__:del\r\n$1\r\nk\r\n", other.reply());
  }

  @Test
  void whoWatchesAKeyThatGoesIsTold() throws IOException {
    other.ask("set", "k", "v");
    other.ask("watch", "k");
    migrate("k");
    target.accept();
    target.request();
    target.reply("+OK");
    assertEquals("+OK\r\n", client.reply());
    other.ask("multi");
    other.ask("ping");
    assertEquals("*-1\r\n", other.ask("exec"));
  }

  @Test
  void aKeyThatWasRefusedStaysAndTheChangeThatWaitedIsMade() throws IOException {
    other.ask("set", "k", "v");
    migrate("k");
    target.accept();
    target.request();
    other.command("append", "k", "w");
    awaitSecondWaiting();
    target.reply("-BUSYKEY Target key name already exists.");
    assertEquals(
        "-ERR Target instance replied with error: BUSYKEY Target key name already exists.\r\n",
        client.reply());
    assertEquals(":2\r\n", other.reply());
    assertEquals("$2\r\nvw\r\n", other.ask("get", "k"));
  }

  @Test
  void onlyTheKeysThatWereTakenAreRemoved() throws IOException {
    for (String key : List.of("a", "b", "c")) {
      other.ask("set", key, "v");
    }
    migrate("", "keys", "a", "b", "none", "c");
    target.accept();
    for (String key : List.of("a", "b", "c")) {
      assertEquals(List.of("RESTORE", key, "0"), target.request());
    }
    target.reply("+OK");
    target.reply("-ERR no");
    target.reply("+OK");
    assertEquals("-ERR Target instance replied with error: ERR no\r\n", client.reply());
    assertEquals("*1\r\n$1\r\nb\r\n", other.ask("keys", "*"));
  }

  @Test
  void whatWasNotAnsweredWhenTheConnectionBreaksStays() throws IOException {
    other.ask("set", "a", "v");
    other.ask("set", "b", "v");
    migrate("", "keys", "a", "b");
    target.accept();
    target.request();
    target.request();
    target.reply("+OK");
    Eventually.await("the move", () -> server.server().dispatcher().movingKeys().isAny());
    target.hangUp();
    assertEquals("-IOERR error or timeout reading to target instance\r\n", client.reply());
    assertEquals("*1\r\n$1\r\nb\r\n", other.ask("keys", "*"));
    assertFalse(server.server().dispatcher().movingKeys().isAny());
  }

  @Test
  void aConnectionIsUsedAgainAndMadeAnewWhereItWasClosed() throws IOException {
    other.ask("set", "a", "v");
    other.ask("set", "b", "v");
    other.ask("set", "c", "v");
    migrate("a");
    target.accept();
    target.request();
    target.reply("+OK");
    assertEquals("+OK\r\n", client.reply());
    migrate("b");
    target.request();
    target.reply("+OK");
    assertEquals("+OK\r\n", client.reply());
    assertTrue(other.askText("info", "stats").contains("migrate_cached_sockets:1"));
    target.hangUp();
    migrate("c");
    target.accept();
    assertEquals(List.of("RESTORE", "c", "0"), target.request());
    target.reply("+OK");
    assertEquals("+OK\r\n", client.reply());
  }

  @Test
  void theOtherServerIsToldThePasswordTheDatabaseAndTheOptions() throws IOException {
    other.ask("set", "k", "v");
    client.command(
        "migrate",
        "127.0.0.1",
        target.port(),
        "k",
        "3",
        FOREVER_MS,
        "copy",
        "replace",
        "auth2",
        "user",
        "secret");
    target.accept();
    assertEquals(List.of("AUTH", "user", "secret"), target.request());
    assertEquals(List.of("SELECT", "3"), target.request());
    assertEquals(List.of("RESTORE", "k", "0", "REPLACE"), target.request());
    assertEquals("+OK\r\n", other.ask("set", "k", "w"), "what is only copied may change");
    target.reply("+OK");
    target.reply("+OK");
    target.reply("+OK");
    assertEquals("+OK\r\n", client.reply());
    assertEquals("$1\r\nw\r\n", other.ask("get", "k"));
  }

  @Test
  void theTimeAtWhichAKeyExpiresGoesWithIt() throws IOException {
    other.ask("set", "k", "v", "pxat", "4102444800000");
    migrate("k");
    target.accept();
    assertEquals(List.of("RESTORE", "k", "4102444800000", "ABSTTL"), target.request());
    target.reply("+OK");
    assertEquals("+OK\r\n", client.reply());
  }

  @Test
  void aServerThatDoesNotAnswerIsGivenUp() throws IOException {
    other.ask("set", "k", "v");
    client.command("migrate", "127.0.0.1", target.port(), "k", "0", "40");
    target.accept();
    target.request();
    assertEquals("-IOERR error or timeout reading to target instance\r\n", client.reply());
    assertEquals("$1\r\nv\r\n", other.ask("get", "k"));
  }

  @Test
  void aLargeValueIsSentAsTheOtherServerTakesItBehindTheSmallOnes() throws IOException {
    for (int batch = 0; batch < LARGE_BATCHES; batch++) {
      List<String> words = new ArrayList<>(List.of("hset", "large"));
      for (int i = 0; i < 1000; i++) {
        words.addAll(List.of("field " + batch + "," + i, "value of the field " + i));
      }
      assertEquals(":1000\r\n", other.ask(words.toArray(String[]::new)));
    }
    other.ask("set", "small", "v");
    migrate("", "keys", "large", "small");
    target.accept();
    assertEquals("+OK\r\n", other.ask("set", "another", "w"), "nobody reads yet");
    other.command("hset", "large", "new", "v");
    awaitSecondWaiting();
    assertEquals(List.of("RESTORE", "small", "0"), target.request());
    assertEquals(List.of("RESTORE", "large", "0"), target.request());
    byte[] payload = target.payload;
    assertTrue(payload.length > LARGE_BATCHES * 20_000, () -> payload.length + " bytes");
    assertNotNull(DumpPayload.checked(payload, 0, payload.length));
    target.reply("+OK");
    target.reply("+OK");
    assertEquals("+OK\r\n", client.reply());
    assertEquals(":1\r\n", other.reply());
    assertEquals(":1\r\n", other.ask("hlen", "large"));
  }
}
