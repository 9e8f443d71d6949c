package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.redknot.protocol.Args;
import io.redknot.server.dispatch.ReplayClient;
import io.redknot.server.net.RunningServer;
import io.redknot.server.replication.RecordedStream;
import io.redknot.server.replication.StreamCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The stream of what random commands did, executed on another node, gives the same data set. */
final class StreamReplayTest {
  private static final int SEQUENCES = 50;
  private static final int DATABASES = 4;

  /** What expires within this is waited for. */
  private static final long SOON_MS = 10_000;

  private static RunningServer origin;
  private static RunningServer copy;
  private static RawConnection toOrigin;
  private static RawConnection toCopy;
  private static ReplayClient replay;
  private static int replayed;
  private static boolean pendingIsExact;
  private static final RecordedStream STREAM = new RecordedStream();

  @BeforeAll
  static void start() throws IOException {
    List<String> options = new ArrayList<>(DifferentialTest.OPTIONS);
    options.addAll(List.of("--enable-debug-command", "yes"));
    origin = RunningServer.start(options.toArray(String[]::new));
    copy = RunningServer.start(options.toArray(String[]::new));
    origin.server().propagator().attach(STREAM);
    toOrigin = new RawConnection(origin.port());
    toCopy = new RawConnection(copy.port());
    // A key is removed where the stream says so, and by nobody else.
    toOrigin.call("DEBUG", "SET-ACTIVE-EXPIRE", "0");
    toCopy.call("DEBUG", "SET-ACTIVE-EXPIRE", "0");
    replay = ReplayClient.ofFile(copy.server());
  }

  @AfterAll
  static void stop() throws IOException {
    toOrigin.close();
    toCopy.close();
    origin.close();
    copy.close();
  }

  static Stream<List<Family>> families() {
    List<Family> all = new ArrayList<>(DifferentialTest.FAMILIES);
    all.add(new BusyStreamFamily());
    all.addFirst(new DrawnFamily());
    List<List<Family>> lists = new ArrayList<>();
    for (Family family : all) {
      List<Family> others = new ArrayList<>(all);
      others.remove(family);
      others.addFirst(family);
      lists.add(others);
    }
    return lists.stream();
  }

  @ParameterizedTest
  @MethodSource("families")
  void replayedStreamGivesTheSameDataSet(List<Family> families) throws IOException {
    for (long seed : Budget.chosenSeeds()) {
      compare(seed, families);
    }
    Budget budget = new Budget(SEQUENCES);
    for (int seed = 0; budget.allows(seed); seed++) {
      compare(seed, families);
    }
  }

  /** Not even when and how often an entry was delivered is lost, but for reading it again. */
  @Test
  void replayedStreamGivesPendingEntriesAsTheyAre() throws IOException {
    pendingIsExact = true;
    try {
      for (int seed = 0; seed < SEQUENCES; seed++) {
        compare(seed, List.of(new BusyStreamFamily(false)));
      }
    } finally {
      pendingIsExact = false;
    }
  }

  private static void compare(long seed, List<Family> families) throws IOException {
    run(Sequence.draw(seed, families));
    // Whoever meets an expired key tells that it is gone.
    for (int db = 0; db < DATABASES; db++) {
      toOrigin.call("SELECT", "" + db);
      for (int number = 0; number < Draw.KEYS; number++) {
        long left = toOrigin.call("PTTL", "k" + number).integer();
        while (left >= 0 && left < SOON_MS) {
          left = toOrigin.call("PTTL", "k" + number).integer();
        }
      }
    }
    List<StreamCommand> stream = STREAM.takeCommands();
    String what = families.getFirst().name() + ", seed " + seed;
    replay(stream, what);
    for (int db = 0; db < DATABASES; db++) {
      assertEquals(contents(toOrigin, db), contents(toCopy, db), () -> what + "\n" + shown(stream));
    }
    toOrigin.call("FLUSHALL");
    replay(STREAM.takeCommands(), what);
  }

  private static void run(List<Step> steps) throws IOException {
    toOrigin.call("SELECT", "0");
    List<List<byte[]>> commands = new ArrayList<>();
    for (Step step : steps) {
      commands.add(step.bytes("k"));
    }
    // Whatever transaction was begun is over then.
    commands.add(Step.of("DISCARD").bytes("k"));
    for (int i = 0; i < commands.size(); i++) {
      toOrigin.send(commands.subList(i, i + 1));
      toOrigin.read();
    }
  }

  private static void replay(List<StreamCommand> commands, String what) {
    for (StreamCommand command : commands) {
      if (command.db() != replayed) {
        replay.execute(Args.ofText("select", "" + command.db()));
        replayed = command.db();
      }
      byte[][] words =
          command.words().stream()
              .map(word -> word.getBytes(StandardCharsets.ISO_8859_1))
              .toArray(byte[][]::new);
      String error = replay.execute(Args.of(words));
      if (error != null && !error.startsWith("INVALIDOBJ")) {
        throw new AssertionError(what + ": " + error + " for " + command);
      }
    }
  }

  private static String shown(List<StreamCommand> stream) {
    StringBuilder text = new StringBuilder();
    for (StreamCommand command : stream) {
      text.append(Step.of(List.copyOf(command.words()))).append('\n');
    }
    return text.toString();
  }

  /** All that a database holds, a line a key. */
  private static List<String> contents(RawConnection connection, int db) throws IOException {
    connection.call("SELECT", "" + db);
    List<String> lines = new ArrayList<>();
    for (int number = 0; number < Draw.KEYS; number++) {
      String key = "k" + number;
      String type = connection.call("TYPE", key).raw().substring(1).strip();
      if (!type.equals("none")) {
        Reply expiry = connection.call("PEXPIRETIME", key);
        String line = type + " " + expiry.raw() + value(connection, type, key);
        byte[] bytes = line.getBytes(StandardCharsets.ISO_8859_1);
        lines.add(key + " " + Step.shown(bytes, Integer.MAX_VALUE));
      }
    }
    return lines;
  }

  private static String value(RawConnection connection, String type, String key)
      throws IOException {
    return switch (type) {
      case "string" -> connection.call("GET", key).raw();
      case "list" -> connection.call("LRANGE", key, "0", "-1").raw();
      case "set" -> sorted(connection.call("SMEMBERS", key), 1);
      case "hash" -> sorted(connection.call("HGETALL", key), 2);
      case "zset" -> connection.call("ZRANGE", key, "0", "-1", "WITHSCORES").raw();
      case "stream" ->
          connection.call("XRANGE", key, "-", "+").raw()
              + withoutDeliveries(connection.call("XINFO", "STREAM", key, "FULL", "COUNT", "0"));
      default -> throw new IllegalArgumentException(type);
    };
  }

  private static String sorted(Reply reply, int words) {
    List<String> elements = new ArrayList<>();
    for (int i = 0; i < reply.elements().size(); i += words) {
      StringBuilder element = new StringBuilder();
      for (int word = 0; word < words; word++) {
        element.append(reply.elements().get(i + word).raw());
      }
      elements.add(element.toString());
    }
    return elements.stream().sorted().toList().toString();
  }

  /**
   * When consumers were seen, and how their nodes lie, is not told. Nor is, as in Redis, that a
   * consumer has read again what is pending with it, by which that counts as delivered once more.
   */
  private static String withoutDeliveries(Reply reply) {
    List<Reply> elements = reply.elements();
    if (elements.isEmpty()) {
      return reply.raw();
    }
    StringBuilder text = new StringBuilder().append(reply.header());
    for (int i = 0; i < elements.size(); i++) {
      String word = elements.get(i).raw().replaceAll("^[^\\n]*\\n|\\r\\n$", "");
      if (word.matches("seen-time|active-time|radix-tree-.*")) {
        i++;
      } else if (pendingIsExact || !isDelivery(elements, i)) {
        text.append(withoutDeliveries(elements.get(i)));
      }
    }
    return text.toString();
  }

  /** Of an entry that is pending, the last two words: when and how often it was delivered. */
  private static boolean isDelivery(List<Reply> elements, int index) {
    return elements.get(index).isInteger() && index > 0 && index >= elements.size() - 2;
  }
}
