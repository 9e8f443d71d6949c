package io.redknot.server.differential;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever commands do to keys, and meet of keys that have expired, is told in the events, and in
 * the order, of redis-server.
 */
final class EventDifferentialTest {
  private static final int SEQUENCES = 45;
  private static final int SEQUENCES_IN_CLUSTER = 30;
  private static final String MARKER = "marker";

  /** Events and new keys and misses, each by the name of the event. */
  private static final String CLASSES = "EAmn";

  /** In one of so many sequences keys expire at some place. */
  private static final int EXPIRING_EVERY = 3;

  /** A time to live that is not over before the command is that gives it, but soon. */
  private static final byte[] SHORT_MS = {'1', '0'};

  private static final long OVER_AFTER_US = 12_000;

  private static final Set<String> GROUP_READS = Set.of("xreadgroup", "xclaim", "xautoclaim");

  /** One server: who changes keys there, and who is told. */
  private static final class Side implements AutoCloseable {
    private final RawConnection commands;
    private final RawConnection listener;

    Side(int port) throws IOException {
      commands = new RawConnection(port);
      listener = new RawConnection(port);
      commands.call("CONFIG", "SET", "notify-keyspace-events", CLASSES);
      // Keys expire when somebody comes to them.
      commands.call("DEBUG", "SET-ACTIVE-EXPIRE", "0");
      listener.call("PSUBSCRIBE", "*");
    }

    /** What is told until the next marker. */
    List<String> told() throws IOException {
      List<String> events = new ArrayList<>();
      while (true) {
        List<Reply> message = listener.read().elements();
        String channel = message.get(2).content();
        if (channel.equals(MARKER)) {
          return events;
        }
        events.add(channel + " " + message.get(3).content());
      }
    }

    /** Waits until a short time to live is over that has begun. */
    void letExpire() throws IOException {
      long fromUs = micros();
      while (micros() - fromUs <= OVER_AFTER_US) {
        Thread.onSpinWait();
      }
    }

    private long micros() throws IOException {
      List<Reply> time = commands.call("TIME").elements();
      return Long.parseLong(time.get(0).content()) * 1_000_000
          + Long.parseLong(time.get(1).content());
    }

    @Override
    public void close() throws IOException {
      listener.close();
      commands.close();
    }
  }

  /** Both servers, of one kind. */
  private static final class Pair implements AutoCloseable {
    private final ServerPair servers;
    private final Side reference;
    private final Side redknot;

    Pair(ServerPair servers) throws IOException {
      this.servers = servers;
      reference = new Side(servers.referencePort());
      redknot = new Side(servers.redknotPort());
    }

    @Override
    public void close() throws IOException {
      reference.close();
      redknot.close();
      servers.close();
    }
  }

  /** After these steps the events of the last one are not equal. */
  private record Difference(List<Step> steps, List<String> reference, List<String> redknot)
      implements Shrinker.Difference {
    @Override
    public String told() {
      return "redis:   " + reference + "\nredknot: " + redknot;
    }
  }

  private static @TempDir Path directory;
  private static Pair standalone;
  private static Pair cluster;
  private static int runs;

  /** A difference was seen in this run that is meant. */
  private static boolean apart;

  @BeforeAll
  static void start() throws IOException {
    List<String> options = new ArrayList<>(DifferentialTest.OPTIONS);
    options.addAll(List.of("--enable-debug-command", "yes"));
    standalone = new Pair(ServerPair.standalone(directory.resolve("standalone"), options));
    cluster = new Pair(ServerPair.cluster(directory.resolve("cluster"), options));
  }

  @AfterAll
  static void stop() throws IOException {
    cluster.close();
    standalone.close();
  }

  static Stream<Family> families() {
    return DifferentialTest.FAMILIES.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("families")
  void eventsAreThoseOfRedis(Family family) throws IOException {
    compare(standalone, family, SEQUENCES);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("families")
  void eventsOfClusterNodeAreThoseOfRedis(Family family) throws IOException {
    compare(cluster, family, SEQUENCES_IN_CLUSTER);
  }

  private static void compare(Pair pair, Family family, int sequences) throws IOException {
    List<Family> families = Trials.ledBy(family);
    Trials.run(
        family.name(),
        sequences,
        seed -> withExpiries(seed, Sequence.draw(seed, families)),
        steps -> compare(pair, steps));
  }

  private static List<Step> withExpiries(long seed, List<Step> drawn) {
    if (seed % EXPIRING_EVERY != 0) {
      return drawn;
    }
    SplittableRandom random = new SplittableRandom(seed);
    List<Step> steps = new ArrayList<>(drawn);
    int at = random.nextInt(steps.size());
    for (int number = 0; number < Draw.KEYS; number++) {
      steps.add(at, Step.of("PEXPIRE", new Key(number), SHORT_MS));
    }
    return steps;
  }

  private static boolean isExpiry(Step step) {
    return !step.words().isEmpty() && step.words().getLast().equals(SHORT_MS);
  }

  /** Runs steps on fresh keys; the first difference, or null. */
  private static @Nullable Difference compare(Pair pair, List<Step> steps) throws IOException {
    String prefix = "{" + ++runs + "}";
    apart = false;
    pair.reference.commands.call("FLUSHALL");
    pair.redknot.commands.call("FLUSHALL");
    return Trials.inParts(steps, (from, to) -> compareSome(pair, steps, from, to, prefix));
  }

  private static @Nullable Difference compareSome(
      Pair pair, List<Step> steps, int from, int to, String prefix) throws IOException {
    Difference found = null;
    int at = from;
    while (at < to && found == null && !apart) {
      int end = at + 1;
      while (end < to && (!isExpiry(steps.get(end - 1)) || isExpiry(steps.get(end)))) {
        end++;
      }
      found = compareAtOnce(pair, steps, at, end, prefix);
      if (isExpiry(steps.get(end - 1))) {
        pair.reference.letExpire();
        pair.redknot.letExpire();
      }
      at = end;
    }
    return found;
  }

  private static @Nullable Difference compareAtOnce(
      Pair pair, List<Step> steps, int from, int to, String prefix) throws IOException {
    List<List<byte[]>> commands = new ArrayList<>();
    for (Step step : steps.subList(from, to)) {
      commands.add(step.bytes(prefix));
      commands.add(Step.of("PUBLISH", MARKER, "").bytes(prefix));
    }
    pair.reference.commands.send(commands);
    pair.redknot.commands.send(commands);
    Difference found = null;
    for (int i = from; i < to; i++) {
      Reply theirReply = readWithMarker(pair.reference);
      Reply ourReply = readWithMarker(pair.redknot);
      List<String> theirs = pair.reference.told();
      List<String> ours = pair.redknot.told();
      Step step = steps.get(i);
      if (found != null || apart || areEqual(step, theirs, ours)) {
        continue;
      }
      // What the one of them has done and the other has not may show in all that follows.
      apart = AcceptedDifference.covers(step, theirReply, ourReply);
      if (!apart) {
        found = new Difference(List.copyOf(steps.subList(0, i + 1)), theirs, ours);
      }
    }
    return found;
  }

  private static Reply readWithMarker(Side side) throws IOException {
    Reply reply = side.commands.read();
    side.commands.read();
    return reply;
  }

  /**
   * SORT asks for keys in the order of a table, which is another one; and 7.2 makes the consumer of
   * a group also where it gets nothing, which is there or not for what comes later.
   */
  private static boolean areEqual(Step step, List<String> theirs, List<String> ours) {
    if (step.name().startsWith("sort")) {
      return theirs.stream().sorted().toList().equals(ours.stream().sorted().toList());
    }
    if (GROUP_READS.contains(step.name())) {
      return withoutNewConsumers(theirs).equals(withoutNewConsumers(ours));
    }
    boolean goesOnlyHere =
        step.name().equals("xgroup")
            && theirs.isEmpty()
            && ours.size() == 1
            && ours.getFirst().contains("xgroup-delconsumer ");
    return goesOnlyHere || theirs.equals(ours);
  }

  private static List<String> withoutNewConsumers(List<String> events) {
    return events.stream().filter(event -> !event.contains("xgroup-createconsumer ")).toList();
  }
}
