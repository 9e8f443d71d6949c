package io.redknot.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ServerConfigTest {
  @TempDir private Path directory;
  private ServerConfig config = TestConfigs.defaults(Path.of("/"));

  @BeforeEach
  void makeConfig() {
    config = TestConfigs.defaults(directory);
  }

  private @Nullable String set(String... pairs) {
    return config.set(List.of(pairs), false, false);
  }

  private static String failed(String name, String reason) {
    return "ERR CONFIG SET failed (possibly related to argument '" + name + "') - " + reason;
  }

  @Test
  void everyDirectiveWithAnEffectIsAFieldOfItsName() throws Exception {
    Set<String> missing = new HashSet<>();
    for (Directive<?> row : ConfigTable.all()) {
      if (row.effect().status() != Directive.Status.NO_EFFECT) {
        missing.add(row.name());
      }
    }
    for (Field field : ServerConfig.class.getFields()) {
      if (field.get(config) instanceof Setting<?> setting) {
        assertEquals(field.getName(), camelCase(setting.name()));
        assertTrue(missing.remove(setting.name()), setting.name());
      }
    }
    assertEquals(Set.of(), missing);
  }

  private static String camelCase(String name) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      boolean joint = name.charAt(i) == '-' || name.charAt(i) == '_';
      i += joint ? 1 : 0;
      out.append(joint ? Character.toUpperCase(name.charAt(i)) : name.charAt(i));
    }
    return out.toString();
  }

  @Test
  void everyDefaultIsPrintedAsTheTableStatesIt() {
    for (Directive<?> row : ConfigTable.all()) {
      String expected = TestConfigs.environment(directory, "").defaultOf(row);
      assertEquals(expected, config.text(row.name()), row.name());
    }
  }

  @Test
  void whatHasNoEffectOrNoneYetSaysWhy() {
    for (Directive<?> row : ConfigTable.all()) {
      boolean applied = row.effect().status() == Directive.Status.APPLIED;
      assertEquals(applied, row.effect().note().isEmpty(), row.name());
      assertTrue(applied || row.effect().note().endsWith("."), row.name());
    }
  }

  @Test
  void ioThreadsFollowTheCoresUpToFour() {
    assertEquals(2, config.ioThreads.getInt());
    ConfigEnvironment large =
        new ConfigEnvironment(directory, 64, java.io.InputStream.nullInputStream());
    assertEquals(4, new ServerConfig(large).ioThreads.getInt());
  }

  @Test
  void getFindsNamesAndAliasesInAnyCaseAndHidesTheHidden() {
    assertEquals(
        List.of(new NamedText("MaxMemory", "0")), config.get(List.of("MaxMemory", "maxmemory")));
    List<String> names =
        config.get(List.of("*")).stream().map(NamedText::name).collect(Collectors.toList());
    assertTrue(names.containsAll(List.of("replicaof", "slaveof", "dir")));
    assertFalse(names.contains("key-load-delay"));
    assertFalse(names.contains("redknot-shards"));
    assertEquals(
        List.of(new NamedText("key-load-delay", "0")), config.get(List.of("key-load-delay")));
    assertEquals(List.of(), config.get(List.of("key-load-del*", "nothing", "")));
    assertEquals(
        List.of(new NamedText("port", "6379")), config.get(List.of("[P]or?", "port", "por[a-t]")));
  }

  @Test
  void manyStarsInAPatternTakeNoLongTime() {
    assertEquals(List.of(), config.get(List.of("*a".repeat(10_000) + "b")));
  }

  @Test
  void anUnknownNameIsTold() {
    assertEquals(
        "ERR Unknown option or number of arguments for CONFIG SET - 'foo'",
        set("timeout", "5", "foo", "1"));
    assertEquals(0, config.timeout.get());
  }

  @Test
  void severalValuesAreSetTogetherOrNotAtAll() {
    assertNull(set("timeout", "5", "maxmemory", "10MB"));
    assertEquals(10L << 20, config.maxmemory.get());
    assertEquals(
        failed("maxmemory", "argument must be a memory value"),
        set("timeout", "6", "maxmemory", "abc"));
    assertEquals(5, config.timeout.get());
  }

  @Test
  void aNameMayOccurOnceButItsAliasBesidesIt() {
    assertEquals(failed("TIMEOUT", "duplicate parameter"), set("timeout", "1", "TIMEOUT", "2"));
    assertNull(set("hash-max-listpack-entries", "5", "hash-max-ziplist-entries", "6"));
    assertEquals(6, config.hashMaxListpackEntries.get());
  }

  @Test
  void fixedAndProtectedDirectivesAreRefused() throws Exception {
    assertEquals(
        failed("cluster-enabled", "can't set immutable config"), set("cluster-enabled", "no"));
    assertEquals(failed("dir", "can't set protected config"), set("dir", "/", "dbfilename", "x"));
    ServerConfig local = TestConfigs.start(directory, "--enable-protected-configs", "local");
    assertNull(local.set(List.of("dbfilename", "x"), true, false));
    assertEquals(
        failed("dbfilename", "can't set protected config"),
        local.set(List.of("dbfilename", "y"), false, false));
  }

  @Test
  void whatMustNotChangeWhileLoadingIsRefusedThen() {
    assertEquals(
        "LOADING Redis is loading the dataset in memory",
        config.set(List.of("foo", "1", "appendonly", "yes"), false, true));
    assertNull(config.set(List.of("timeout", "1"), false, true));
  }

  @Test
  void aListenerSeesTheNewValueAndOnlyRealChanges() {
    List<Long> seen = new ArrayList<>();
    config.onChange(
        "timeout",
        () -> {
          seen.add(config.timeout.get());
          return null;
        });
    assertNull(set("timeout", "5"));
    assertNull(set("timeout", "5"));
    assertNull(set("maxmemory", "5"));
    assertEquals(List.of(5L), seen);
  }

  @Test
  void aListenerThatRefusesHasEverythingPutBackAndAppliedAgain() {
    List<Long> applied = new ArrayList<>();
    config.onChange(
        "timeout",
        () -> {
          applied.add(config.timeout.get());
          return null;
        });
    String reason = "Unable to listen on this port. Check server logs.";
    config.onChange("port", () -> config.port.get() == 1 ? reason : null);
    assertEquals(failed("port", reason), set("timeout", "7", "port", "1"));
    assertEquals(List.of(7L, 0L), applied);
    assertEquals(6379, config.port.get());
  }

  @Test
  void theServerItselfMaySetWhatIsFixed() {
    config.put("replicaof", "10.0.0.1 7000");
    assertEquals(new ReplicaSource("10.0.0.1", 7000), config.replicaof.get());
    config.put("replicaof", "no one");
    assertTrue(config.replicaof.get().isNone());
    assertThrows(IllegalArgumentException.class, () -> config.put("timeout", "x"));
    assertThrows(IllegalArgumentException.class, () -> config.put("nothing", "x"));
  }

  @Test
  void aRelativeDirectoryStartsFromTheOneBefore() throws Exception {
    java.nio.file.Files.createDirectories(directory.resolve("a/b"));
    config.put("dir", "a");
    config.put("dir", "b/../b");
    assertEquals(directory.resolve("a/b"), config.dir.get());
  }

  @Test
  void bufferLimitsOfAClassThatIsNotNamedStay() {
    assertNull(set("client-output-buffer-limit", "replica 1mb 2kb 3 NORMAL 1 2 3"));
    assertEquals(
        "normal 1 2 3 slave 1048576 2048 3 pubsub 33554432 8388608 60",
        config.text("client-output-buffer-limit"));
    assertEquals(1 << 20, config.clientOutputBufferLimit.get().replica().hardBytes());
  }

  @Test
  void keyspaceEventsArePrintedInOneOrderAndAskedByLetter() {
    assertNull(set("notify-keyspace-events", "mnKgA"));
    assertEquals("AKm", config.text("notify-keyspace-events"));
    assertTrue(config.notifyKeyspaceEvents.get().has('n'));
    assertFalse(config.notifyKeyspaceEvents.get().has('E'));
  }

  @Test
  void aPercentageIsANegativeNumber() {
    assertNull(set("maxmemory-clients", "5%"));
    assertEquals(-5, config.maxmemoryClients.get());
    assertEquals("5%", config.text("maxmemory-clients"));
  }

  @Test
  void sizesBeyondSixtyThreeBitsAreRefused() {
    assertEquals(
        failed("maxmemory", "argument must be between 0 and 9223372036854775807 inclusive"),
        set("maxmemory", "18446744073709551615"));
    assertEquals(
        failed("maxmemory", "argument must be a memory value"),
        set("maxmemory", "9999999999999gb"));
  }

  @Test
  void secretsAreKnownAsSuch() {
    for (String name : List.of("requirepass", "MASTERAUTH", "tls-key-file-pass")) {
      assertTrue(ConfigTable.isSensitive(name), name);
    }
    assertFalse(ConfigTable.isSensitive("timeout"));
    assertFalse(ConfigTable.isSensitive("nothing"));
  }
}
