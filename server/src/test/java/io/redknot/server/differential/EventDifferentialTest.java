package io.redknot.server.differential;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever commands do to keys is told in the events, and in the order, of redis-server. */
final class EventDifferentialTest {
  private static final int SEQUENCES = 60;
  private static final int PIPELINED = 30;
  private static final int SHOWN_STEPS = 30;
  private static final String MARKER = "marker";

  /** Events and new keys and misses, each by the name of the event. */
  private static final String CLASSES = "EAmn";

  /** One server: who changes keys there, and who is told. */
  private static final class Side implements AutoCloseable {
    private final RawConnection commands;
    private final RawConnection listener;

    Side(int port) throws IOException {
      commands = new RawConnection(port);
      listener = new RawConnection(port);
      commands.call("CONFIG", "SET", "notify-keyspace-events", CLASSES);
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
        // Keys also expire by themselves, sooner or later.
        if (!channel.endsWith(":expired")) {
          events.add(channel + " " + message.get(3).content());
        }
      }
    }

    @Override
    public void close() throws IOException {
      listener.close();
      commands.close();
    }
  }

  /** After these steps the events of the last one are not equal. */
  private record Difference(List<Step> steps, List<String> reference, List<String> redknot)
      implements Shrinker.Difference {}

  private static @TempDir Path directory;
  private static ServerPair servers;
  private static Side reference;
  private static Side redknot;
  private static int runs;

  @BeforeAll
  static void start() throws IOException {
    servers = ServerPair.standalone(directory, DifferentialTest.OPTIONS);
    reference = new Side(servers.referencePort());
    redknot = new Side(servers.redknotPort());
  }

  @AfterAll
  static void stop() throws IOException {
    reference.close();
    redknot.close();
    servers.close();
  }

  static Stream<Family> families() {
    return DifferentialTest.FAMILIES.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("families")
  void eventsAreThoseOfRedis(Family family) throws IOException {
    List<Family> families = new ArrayList<>(DifferentialTest.FAMILIES);
    families.remove(family);
    families.addFirst(family);
    for (long seed : Budget.chosenSeeds()) {
      compare(seed, families);
    }
    Budget budget = new Budget(SEQUENCES);
    for (int seed = 0; budget.allows(seed); seed++) {
      compare(seed, families);
    }
  }

  private static void compare(long seed, List<Family> families) throws IOException {
    Difference found = compare(Sequence.draw(seed, families));
    if (found != null) {
      Difference shortest = Shrinker.shrink(found, EventDifferentialTest::compare);
      throw new AssertionError(
          "%s, seed %d, last steps:%n%sredis:   %s%nredknot: %s"
              .formatted(
                  families.getFirst().name(),
                  seed,
                  Shrinker.lines(shortest.steps(), SHOWN_STEPS),
                  shortest.reference(),
                  shortest.redknot()));
    }
  }

  /** Runs steps on fresh keys; the first difference, or null. */
  private static @Nullable Difference compare(List<Step> steps) throws IOException {
    String prefix = "{" + ++runs + "}";
    reference.commands.call("FLUSHALL");
    redknot.commands.call("FLUSHALL");
    Difference found = null;
    for (int from = 0; from < steps.size() && found == null; from += PIPELINED) {
      found = compareSome(steps, from, Math.min(from + PIPELINED, steps.size()), prefix);
    }
    return found;
  }

  private static @Nullable Difference compareSome(List<Step> steps, int from, int to, String prefix)
      throws IOException {
    List<List<byte[]>> commands = new ArrayList<>();
    for (Step step : steps.subList(from, to)) {
      commands.add(step.bytes(prefix));
      commands.add(Step.of("PUBLISH", MARKER, "").bytes(prefix));
    }
    reference.commands.send(commands);
    redknot.commands.send(commands);
    Difference found = null;
    for (int i = from; i < to; i++) {
      Reply theirReply = readWithMarker(reference);
      Reply ourReply = readWithMarker(redknot);
      List<String> theirs = reference.told();
      List<String> ours = redknot.told();
      if (found == null
          && !comparable(steps.get(i), theirs).equals(comparable(steps.get(i), ours))
          && !AcceptedDifference.covers(steps.get(i), theirReply, ourReply)) {
        found = new Difference(List.copyOf(steps.subList(0, i + 1)), theirs, ours);
      }
    }
    return found;
  }

  /**
   * SORT asks for keys in the order of a table, which is another one; and 7.2 makes the consumer of
   * a group also where it gets nothing.
   */
  private static List<String> comparable(Step step, List<String> events) {
    if (step.name().startsWith("sort")) {
      return events.stream().sorted().toList();
    }
    return step.name().startsWith("x")
        ? events.stream().filter(event -> !event.contains("consumer ")).toList()
        : events;
  }

  private static Reply readWithMarker(Side side) throws IOException {
    Reply reply = side.commands.read();
    side.commands.read();
    return reply;
  }
}
