package io.redknot.server.differential;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What several clients are told is what redis-server tells them, event by event. */
final class ConversationTest {
  private static final List<String> FILES =
      List.of("transactions", "blocking", "pubsub", "notifications", "tracking", "pause");

  private static final List<String> OPTIONS = List.of("--enable-debug-command", "yes");

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

  static Stream<Arguments> scripts() {
    return FILES.stream()
        .flatMap(
            file ->
                Conversation.scripts(read(file)).entrySet().stream()
                    .flatMap(script -> arguments(file, script)));
  }

  private static Stream<Arguments> arguments(String file, Map.Entry<String, String> script) {
    String title = file + ": " + script.getKey();
    return Stream.of(
        Arguments.of(title, 2, script.getValue()), Arguments.of(title, 3, script.getValue()));
  }

  private static String read(String file) {
    try (InputStream in =
        Objects.requireNonNull(ConversationTest.class.getResourceAsStream(file + ".txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @ParameterizedTest(name = "{0}, RESP{1}")
  @MethodSource("scripts")
  void clientsAreToldWhatRedisTells(String title, int protocol, String script) throws IOException {
    converse(standalone, protocol, script);
  }

  @ParameterizedTest(name = "{0}, RESP{1}")
  @MethodSource("scripts")
  void clientsOfClusterNodeAreToldWhatRedisTells(String title, int protocol, String script)
      throws IOException {
    converse(cluster, protocol, script);
  }

  private static void converse(ServerPair servers, int protocol, String script) throws IOException {
    try (Conversation conversation = servers.converse(protocol)) {
      conversation.run(script);
    }
  }
}
