package io.redknot.server.differential;

import java.io.IOException;
import java.nio.file.Path;
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
  static final List<Family> FAMILIES =
      List.of(
          new StringFamily(),
          new BitFamily(),
          new HashFamily(),
          new HyperLogLogFamily(),
          new ListFamily(),
          new SetFamily(),
          new SortedSetFamily(),
          new GeoFamily(),
          new StreamFamily(),
          new SortFamily(),
          new KeyFamily());

  /** The least that redis-server accepts; small, so that limits are met. */
  private static final long PROTO_MAX_BULK_LEN = 1024 * 1024;

  static final List<String> OPTIONS =
      List.of(
          "--proto-max-bulk-len",
          Long.toString(PROTO_MAX_BULK_LEN),
          "--list-max-listpack-size",
          "6",
          "--zset-max-listpack-entries",
          "8",
          "--zset-max-listpack-value",
          "16",
          "--hll-sparse-max-bytes",
          "300",
          "--hash-max-listpack-entries",
          "8",
          "--hash-max-listpack-value",
          "40",
          "--set-max-intset-entries",
          "8",
          "--stream-node-max-entries",
          "5");

  private static final int SEQUENCES = 150;

  private static @TempDir Path directory;
  private static ServerPair standalone;
  private static ServerPair cluster;

  @BeforeAll
  static void startAll() throws IOException {
    standalone = ServerPair.standalone(directory.resolve("standalone"), OPTIONS);
    cluster = ServerPair.cluster(directory.resolve("cluster"), OPTIONS);
  }

  @AfterAll
  static void stopAll() {
    cluster.close();
    standalone.close();
  }

  static Stream<Arguments> familiesAndProtocols() {
    return FAMILIES.stream()
        .flatMap(
            family ->
                Stream.of(
                    Arguments.of(family.name(), 2, Trials.ledBy(family)),
                    Arguments.of(family.name(), 3, Trials.ledBy(family))));
  }

  @ParameterizedTest(name = "{0}, RESP{1}")
  @MethodSource("familiesAndProtocols")
  void repliesAreThoseOfRedis(String name, int protocol, List<Family> families) throws IOException {
    compare(standalone, protocol, families);
  }

  @ParameterizedTest(name = "{0}, RESP{1}")
  @MethodSource("familiesAndProtocols")
  void repliesOfClusterNodeAreThoseOfRedis(String name, int protocol, List<Family> families)
      throws IOException {
    compare(cluster, protocol, families);
  }

  private static void compare(ServerPair servers, int protocol, List<Family> families)
      throws IOException {
    try (Differential differential = servers.connect(protocol, families)) {
      differential.run(SEQUENCES);
    }
  }
}
