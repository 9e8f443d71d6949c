package io.redknot.server.differential;

import io.redknot.server.net.Eventually;
import io.redknot.server.net.RunningServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Replicas have the data of their primary at the end of many commands of every kind, during which
 * they are sent the data set and links are cut.
 */
final class ReplicationLoadTest {
  private static final int ROUNDS = 60;
  private static final int STEPS = 200;

  /** Links are cut so often. */
  private static final int ROUNDS_PER_CUT = 13;

  private static final long SEED = 20_261_126;

  private @TempDir Path directory;

  private static void load(RawConnection primary, SplittableRandom random, int round)
      throws IOException {
    Draw draw = new Draw(random);
    List<List<byte[]>> commands = new ArrayList<>();
    for (int i = 0; i < STEPS; i++) {
      List<Family.Recipe> recipes =
          DifferentialTest.FAMILIES.get(draw.below(DifferentialTest.FAMILIES.size())).recipes();
      commands.add(recipes.get(draw.below(recipes.size())).draw(draw).bytes("{" + round + "}"));
    }
    primary.send(commands);
    for (int i = 0; i < STEPS; i++) {
      primary.read();
    }
  }

  /** So that no key goes while the data sets are being compared. */
  private static void persistAll(RawConnection primary) throws IOException {
    for (String key : RdbExchangeTest.keys(primary)) {
      primary.call("PERSIST", key);
    }
  }

  private static void run(RawConnection primary) throws IOException {
    // A link that is cut before it was made is not continued.
    awaitInfo("a replica to be online", primary, ".*state=online.*");
    SplittableRandom random = new SplittableRandom(SEED);
    for (int round = 0; round < ROUNDS; round++) {
      load(primary, random, round);
      if (round % ROUNDS_PER_CUT == ROUNDS_PER_CUT - 1) {
        primary.call("CLIENT", "KILL", "TYPE", "replica");
      }
    }
    persistAll(primary);
    awaitInfo("a link to be continued", primary, ".*sync_partial_ok:[1-9].*");
  }

  private static void awaitInfo(String what, RawConnection primary, String regex) {
    Pattern wanted = Pattern.compile(regex, Pattern.DOTALL);
    Eventually.await(
        what,
        () -> {
          try {
            return wanted.matcher(primary.call("INFO").raw()).matches();
          } catch (IOException failure) {
            throw new UncheckedIOException(failure);
          }
        });
  }

  private Path folder(String name) throws IOException {
    return Files.createDirectories(directory.resolve(name));
  }

  private ReferenceServer redis(String name, Object... primaryPort) throws IOException {
    List<String> options = new ArrayList<>(RdbExchangeTest.with("--repl-diskless-sync-delay", "0"));
    for (Object port : primaryPort) {
      options.addAll(List.of("--replicaof", "127.0.0.1", port.toString()));
    }
    return new ReferenceServer(folder(name), options);
  }

  private RunningServer redknot(String name, Object... primaryPort) throws IOException {
    List<String> options = new ArrayList<>(List.of("--repl-diskless-sync-delay", "0"));
    options.addAll(List.of("--dir", folder(name).toString(), "--repl-timeout", "600"));
    // Redis 7.0 has no listpacks of sets.
    options.addAll(List.of("--set-max-listpack-entries", "0"));
    for (Object port : primaryPort) {
      options.addAll(List.of("--replicaof", "127.0.0.1", port.toString()));
    }
    return RunningServer.start(options.toArray(String[]::new));
  }

  @Test
  void behindRedknot() throws IOException {
    try (RunningServer top = redknot("top");
        RawConnection primary = new RawConnection(top.port());
        ReferenceServer below = redis("below", top.port());
        RunningServer beside = redknot("beside", top.port());
        RawConnection one = new RawConnection(below.port());
        RawConnection two = new RawConnection(beside.port())) {
      run(primary);
      Replicas.awaitInSync(primary, one);
      Replicas.awaitInSync(primary, two);
      Replicas.assertSameData(directory, primary, one);
      Replicas.assertSameData(directory, primary, two);
    }
  }

  @Test
  void behindRedis() throws IOException {
    try (ReferenceServer top = redis("top");
        RawConnection primary = new RawConnection(top.port());
        RunningServer below = redknot("below", top.port());
        RunningServer last = redknot("last", below.port());
        RawConnection one = new RawConnection(below.port());
        RawConnection two = new RawConnection(last.port())) {
      run(primary);
      Replicas.awaitInSync(primary, one);
      Replicas.awaitInSync(one, two);
      Replicas.assertSameData(directory, primary, one);
      Replicas.assertSameData(directory, primary, two);
    }
  }
}
