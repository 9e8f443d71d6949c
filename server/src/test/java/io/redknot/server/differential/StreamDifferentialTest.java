package io.redknot.server.differential;

import io.redknot.server.differential.StreamDifference.Accepted;
import io.redknot.server.differential.StreamDifference.Told;
import io.redknot.server.replication.StreamCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Redknot tells the changes of its data set in the words in which redis-server does. */
final class StreamDifferentialTest {
  private static final int SEQUENCES = 60;
  private static final String MARKER = "marker";
  private static final Pattern CHANGES = Pattern.compile("rdb_changes_since_last_save:(\\d+)");

  private static @TempDir Path directory;
  private static StreamPair servers;
  private static int runs;

  @BeforeAll
  static void start() throws IOException {
    servers = new StreamPair(directory, DifferentialTest.OPTIONS);
  }

  @AfterAll
  static void stop() throws IOException {
    servers.close();
  }

  static Stream<Family> families() {
    return Stream.concat(DifferentialTest.FAMILIES.stream(), Stream.of(new BusyStreamFamily()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("families")
  void streamIsThatOfRedis(Family family) throws IOException {
    List<Family> families = Trials.ledBy(family);
    Trials.run(
        family.name(),
        SEQUENCES,
        seed -> Sequence.draw(seed, families),
        StreamDifferentialTest::compare);
  }

  /** Runs steps on fresh keys; the first difference, or null. */
  private static @Nullable StreamDifference compare(List<Step> steps) throws IOException {
    String prefix = "{" + ++runs + "}";
    servers.call("FLUSHALL");
    return Trials.inParts(steps, (from, to) -> compareSome(steps, from, to, prefix));
  }

  private static @Nullable StreamDifference compareSome(
      List<Step> steps, int from, int to, String prefix) throws IOException {
    List<List<byte[]>> commands = new ArrayList<>();
    commands.add(Step.of("INFO", "persistence").bytes(prefix));
    for (int i = from; i < to; i++) {
      commands.add(steps.get(i).bytes(prefix));
      commands.add(Step.of("INFO", "persistence").bytes(prefix));
      commands.add(Step.of("SET", MARKER, "").bytes(prefix));
    }
    StreamPair.Outcome outcome = servers.run(commands);
    List<Told> theirs = told(outcome.theirReplies(), outcome.theirs());
    List<Told> ours = told(outcome.ourReplies(), outcome.ours());
    for (int i = from; i < to; i++) {
      Told they = theirs.get(i - from);
      Told we = ours.get(i - from);
      if (!StreamDifference.areEqual(they, we) && !Accepted.covers(steps.get(i), they, we)) {
        return new StreamDifference(List.copyOf(steps.subList(0, i + 1)), they, we);
      }
    }
    return null;
  }

  private static List<Told> told(List<Reply> replies, List<StreamCommand> commands) {
    List<List<StreamCommand>> split = StreamDifference.split(commands, MARKER);
    List<Told> told = new ArrayList<>();
    long before = changes(replies.getFirst());
    for (int i = 0; i < split.size(); i++) {
      long now = changes(replies.get(2 + 3 * i));
      told.add(new Told(split.get(i), now - before));
      before = now + 1;
    }
    return told;
  }

  static long changes(Reply info) {
    Matcher matcher = CHANGES.matcher(info.raw());
    if (!matcher.find()) {
      throw new IllegalStateException(info.raw());
    }
    return Long.parseLong(matcher.group(1));
  }
}
