package io.redknot.server.differential;

import io.redknot.server.net.RunningServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Redknot answers as redis-server does. */
final class DifferentialTest {
  private static final List<Family> FAMILIES =
      List.of(new StringFamily(), new BitFamily(), new KeyFamily());

  /** The least that redis-server accepts; small, so that limits are met. */
  private static final long PROTO_MAX_BULK_LEN = 1024 * 1024;

  private static final int SEQUENCES = 60;

  private static @TempDir Path directory;
  private static ReferenceServer reference;
  private static RunningServer redknot;

  @BeforeAll
  static void startBoth() throws IOException {
    reference = new ReferenceServer(directory, PROTO_MAX_BULK_LEN);
    redknot = RunningServer.start("--proto-max-bulk-len", Long.toString(PROTO_MAX_BULK_LEN));
  }

  @AfterAll
  static void stopBoth() {
    redknot.close();
    reference.close();
  }

  static Stream<Arguments> familiesAndProtocols() {
    return FAMILIES.stream()
        .flatMap(
            family ->
                Stream.of(
                    Arguments.of(family.name(), 2, first(family)),
                    Arguments.of(family.name(), 3, first(family))));
  }

  private static List<Family> first(Family family) {
    List<Family> families = new ArrayList<>(FAMILIES);
    families.remove(family);
    families.addFirst(family);
    return families;
  }

  @ParameterizedTest(name = "{0}, RESP{1}")
  @MethodSource("familiesAndProtocols")
  void repliesAreThoseOfRedis(String name, int protocol, List<Family> families) throws IOException {
    try (Differential differential =
        new Differential(reference.port(), redknot.port(), protocol, families)) {
      for (long seed : Budget.chosenSeeds()) {
        differential.run(seed);
      }
      Budget budget = new Budget(SEQUENCES);
      for (int seed = 0; budget.allows(seed); seed++) {
        differential.run(seed);
      }
    }
  }
}
