package io.redknot.server.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What transactions and watches are told while their slot moves, by nodes of each kind. */
class TransactionRedirectTest {
  @RegisterExtension static final Nodes NODES = Nodes.forClass();

  private static final String EXECABORT =
      "-EXECABORT Transaction discarded because of previous errors.";

  private static final Map<NodeKind, List<NodeProcess>> PAIRS = new EnumMap<>(NodeKind.class);

  @BeforeAll
  static void startPairs() throws IOException {
    for (NodeKind kind : NodeKind.values()) {
      List<NodeProcess> pair = NODES.startAll(Collections.nCopies(2, kind));
      pair.get(0).text("CLUSTER", "ADDSLOTSRANGE", "0", "8191");
      pair.get(1).text("CLUSTER", "ADDSLOTSRANGE", "8192", "16383");
      Joined.meet(pair);
      PAIRS.put(kind, pair);
    }
    PAIRS.values().forEach(Topology::awaitAgreement);
  }

  /** A slot of the first node of a pair, on its way to the second. */
  private record Move(NodeProcess from, NodeProcess to, int slot) {
    static Move of(NodeKind kind, int slot) {
      List<NodeProcess> pair = Objects.requireNonNull(PAIRS.get(kind));
      return new Move(pair.get(0), pair.get(1), slot);
    }

    String key(String name) {
      return "{" + Slots.tagIn(slot) + "}" + name;
    }

    String ask() {
      return "-ASK " + slot + " " + to.address();
    }

    String moved() {
      return "-MOVED " + slot + " " + to.address();
    }

    private void set(NodeProcess node, String... words) throws IOException {
      String[] command = new String[words.length + 3];
      command[0] = "CLUSTER";
      command[1] = "SETSLOT";
      command[2] = Integer.toString(slot);
      System.arraycopy(words, 0, command, 3, words.length);
      assertEquals("OK", node.text(command));
    }

    void begin() throws IOException {
      set(to, "IMPORTING", from.id());
      set(from, "MIGRATING", to.id());
    }

    void end() throws IOException {
      set(to, "NODE", to.id());
      set(from, "NODE", to.id());
    }
  }

  private static void assertTells(RespConnection client, String... commandsAndReplies)
      throws IOException {
    for (int i = 0; i < commandsAndReplies.length; i += 2) {
      String command = commandsAndReplies[i];
      assertEquals(commandsAndReplies[i + 1], client.line(command), command);
    }
  }

  @ParameterizedTest
  @EnumSource
  void commandIsRedirectedWhenItIsQueued(NodeKind kind) throws IOException {
    Move move = Move.of(kind, 100);
    String here = move.key("here");
    String gone = move.key("gone");
    String tryAgain = "-TRYAGAIN Multiple keys request during rehashing of slot";
    try (RespConnection from = move.from().connect();
        RespConnection to = move.to().connect()) {
      assertTells(from, "SET " + here + " 1", "+OK");
      move.begin();
      assertTells(from, "MULTI", "+OK", "GET " + gone, move.ask());
      assertTells(from, "GET " + here, "+QUEUED", "EXEC", EXECABORT);
      assertTells(from, "MULTI", "+OK", "MGET " + gone + " " + here, tryAgain, "EXEC", EXECABORT);
      assertTells(from, "MULTI", "+OK", "GET " + here, "+QUEUED", "EXEC", "*[$1]");
      assertTells(from, "WATCH " + gone, move.ask());
      // Asked for before MULTI it holds for all of the transaction, and within it for none.
      String back = "-MOVED 100 " + move.from().address();
      assertTells(to, "ASKING", "+OK", "MULTI", "+OK", "SET " + gone + " 1", "+QUEUED");
      assertTells(to, "INCR " + gone, "+QUEUED", "EXEC", "*[+OK, :2]", "GET " + gone, back);
      assertTells(to, "MULTI", "+OK", "ASKING", "+QUEUED", "SET " + gone + " 1", back);
      assertTells(to, "DISCARD", "+OK");
    }
  }

  @ParameterizedTest
  @EnumSource
  void transactionIsRedirectedWhoseKeysAreGoneAtItsEnd(NodeKind kind) throws IOException {
    Move move = Move.of(kind, 101);
    String here = move.key("here");
    String gone = move.key("gone");
    try (RespConnection from = move.from().connect();
        RespConnection before = move.from().connect()) {
      assertTells(from, "SET " + here + " 1", "+OK", "MULTI", "+OK");
      assertTells(from, "GET " + here, "+QUEUED", "SET " + gone + " 1", "+QUEUED");
      assertTells(before, "MULTI", "+OK", "SET " + gone + " 1", "+QUEUED");
      move.begin();
      assertEquals("-TRYAGAIN Multiple keys request during rehashing of slot", from.line("EXEC"));
      assertTells(from, "EXEC", "-ERR EXEC without MULTI", "MULTI", "+OK");
      assertTells(from, "GET " + here, "+QUEUED", "DEL " + here, "+QUEUED", "EXEC", "*[$1, :1]");
      move.end();
      assertTells(before, "EXEC", move.moved(), "EXEC", "-ERR EXEC without MULTI");
      assertTells(from, "MULTI", "+OK", "GET " + here, move.moved(), "EXEC", EXECABORT);
      assertEquals("$-1", move.to().ask("GET", gone).toString());
    }
  }

  @ParameterizedTest
  @EnumSource
  void keyThatLeavesWithItsSlotIsNoLongerWhatWasWatched(NodeKind kind) throws IOException {
    Move move = Move.of(kind, 102);
    String here = move.key("here");
    try (RespConnection from = move.from().connect();
        RespConnection other = move.from().connect()) {
      assertTells(from, "SET " + here + " 1", "+OK", "WATCH " + here, "+OK");
      move.begin();
      assertEquals(":1", other.line("DEL " + here));
      move.end();
      assertTells(from, "MULTI", "+OK", "PING", "+QUEUED", "EXEC", "*-1");
      assertTells(from, "WATCH " + here, move.moved(), "MULTI", "+OK", "EXEC", "*[]");
    }
  }

  /** The other node claims a slot with all that is in it. Redis 7.0 tells this nobody, 7.2 does. */
  @Test
  void keysThatAreLostWithTheirSlotAreGoneForWhoWatchedOrReadThem() throws IOException {
    Move move = Move.of(NodeKind.REDKNOT, 103);
    String key = move.key("lost");
    try (RespConnection told = move.from().connect();
        RespConnection reader = move.from().connect();
        RespConnection watcher = move.from().connect()) {
      String id = told.line("CLIENT ID").substring(1);
      told.line("SUBSCRIBE __redis__:invalidate");
      assertTells(reader, "SET " + key + " 1", "+OK");
      assertTells(reader, "CLIENT TRACKING ON REDIRECT " + id, "+OK", "GET " + key, "$1");
      assertTells(watcher, "WATCH " + key, "+OK", "MULTI", "+OK", "PING", "+QUEUED");
      move.set(move.to(), "IMPORTING", move.from().id());
      move.set(move.to(), "NODE", move.to().id());
      assertEquals("*[$message, $__redis__:invalidate, *[$" + key + "]]", told.read().toString());
      assertTells(watcher, "EXEC", "*-1");
    }
  }

  /** They are not deleted: the slot's new owner has them, or is to have them. */
  @ParameterizedTest
  @EnumSource
  void onlyKeysThatMigrateSendsAwayAreToldAsDeleted(NodeKind kind) throws IOException {
    Move claimed = Move.of(kind, 104);
    Move migrated = Move.of(kind, 105);
    NodeProcess from = claimed.from();
    String key = migrated.key("sent");
    from.text("CONFIG", "SET", "notify-keyspace-events", "Eg");
    try (RespConnection told = from.connect();
        RespConnection client = from.connect()) {
      told.line("SUBSCRIBE __keyevent@0__:del");
      assertTells(client, "SET " + claimed.key("lost") + " 1", "+OK", "SET " + key + " 1", "+OK");
      claimed.set(claimed.to(), "IMPORTING", from.id());
      claimed.set(claimed.to(), "NODE", claimed.to().id());
      Waiting.until(
          "the lost key is gone", () -> from.text("CLUSTER", "COUNTKEYSINSLOT", "104").equals("0"));
      migrated.begin();
      String there = "127.0.0.1 " + migrated.to().port();
      assertTells(client, "MIGRATE " + there + " " + key + " 0 10000", "+OK");
      assertEquals("*[$message, $__keyevent@0__:del, $" + key + "]", told.read().toString());
    }
  }
}
