package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.ChannelOption;
import io.redknot.server.net.RunningServer;
import io.redknot.server.replication.ReplicaLink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings of replication, each with what it does on a Redknot server and on a redis-server. */
final class ReplicationSettingsTest {
  private static final String REFUSAL = "-NOREPLICAS Not enough good replicas to write.";

  private @TempDir Path directory;

  private Path folder(String name) throws IOException {
    return Files.createDirectories(directory.resolve(name));
  }

  private ReferenceServer redisReplica(String name, int port) throws IOException {
    return new ReferenceServer(
        folder(name), RdbExchangeTest.with("--replicaof", "127.0.0.1", Integer.toString(port)));
  }

  private static void set(RawConnection connection, String name, String value) throws IOException {
    assertEquals("+OK", connection.call("CONFIG", "SET", name, value).header());
  }

  @ParameterizedTest
  @EnumSource(ServerKind.class)
  void minReplicasMaxLagIsHowLongAReplicaMayBeSilent(ServerKind kind) throws IOException {
    try (ReplicaPrimary server =
            kind.start(
                folder("primary"), "--min-replicas-to-write", "1", "--min-replicas-max-lag", "2");
        RawConnection primary = new RawConnection(server.port());
        ReferenceServer process = redisReplica("replica", server.port());
        RawConnection replica = new RawConnection(process.port())) {
      Replicas.awaitInSync(primary, replica);
      Replicas.await("it counts", () -> !primary.call("SET", "a", "b").isError());
      process.freeze();
      try {
        Replicas.await(
            "it is silent for too long",
            () -> primary.call("SET", "a", "b").header().equals(REFUSAL));
        assertEquals("0", Replicas.info(primary, "min_slaves_good_slaves"));
        assertEquals("1", Replicas.info(primary, "connected_slaves"));
        set(primary, "min-replicas-max-lag", "3600");
        assertEquals("+OK", primary.call("SET", "a", "b").header());
        assertEquals("1", Replicas.info(primary, "min_slaves_good_slaves"));
        set(primary, "min-replicas-max-lag", "1");
        Replicas.await("again", () -> primary.call("SET", "a", "b").header().equals(REFUSAL));
        set(primary, "min-replicas-max-lag", "0");
        assertEquals("+OK", primary.call("SET", "a", "b").header());
        assertEquals("", Replicas.info(primary, "min_slaves_good_slaves"));
        set(primary, "min-replicas-max-lag", "2");
      } finally {
        process.thaw();
      }
      Replicas.await("it speaks again", () -> !primary.call("SET", "a", "b").isError());
    }
  }

  private static long uptimeSeconds(RawConnection connection) throws IOException {
    String info = connection.call("INFO", "server").raw();
    String behind = info.substring(info.indexOf("uptime_in_seconds:") + 18);
    return Long.parseLong(behind.substring(0, behind.indexOf('\r')));
  }

  @ParameterizedTest
  @EnumSource(ServerKind.class)
  void disklessSyncMaxReplicasStartsBeforeTheDelayIsOver(ServerKind kind) throws IOException {
    try (ReplicaPrimary server =
            kind.start(
                folder("primary"),
                "--repl-diskless-sync-delay",
                "3600",
                "--repl-diskless-sync-max-replicas",
                "2");
        RawConnection primary = new RawConnection(server.port());
        ReferenceServer first = redisReplica("first", server.port());
        RawConnection one = new RawConnection(first.port())) {
      Replicas.await(
          "one waits", () -> Replicas.info(primary, "slave0").contains("state=wait_bgsave"));
      long since = uptimeSeconds(primary);
      Replicas.await("it has been looked at", () -> uptimeSeconds(primary) > since + 1);
      assertTrue(
          Replicas.info(primary, "slave0").contains("state=wait_bgsave"), "nothing begins for one");
      try (ReferenceServer second = redisReplica("second", server.port());
          RawConnection two = new RawConnection(second.port())) {
        Replicas.awaitInSync(primary, one);
        Replicas.await("both", () -> Replicas.info(primary, "slave1").contains("state=online"));
        Replicas.awaitInSync(primary, two);
        assertEquals("2", Replicas.info(primary, "sync_full"));
        // A third waits for the delay again.
        try (ReferenceServer third = redisReplica("third", server.port())) {
          Replicas.await(
              "it waits", () -> Replicas.info(primary, "slave2").contains("state=wait_bgsave"));
          set(primary, "repl-diskless-sync-max-replicas", "1");
          Replicas.await(
              "until it is enough",
              () -> Replicas.info(primary, "slave2").contains("state=online"));
          assertTrue(third.port() > 0);
        }
      }
    }
  }

  /** What a redis-server sets on its sockets cannot be seen from outside. */
  @ParameterizedTest
  @ValueSource(strings = {"yes", "no"})
  void disableTcpNodelayLeavesSmallPiecesToTheSystem(String disabled) throws IOException {
    try (RunningServer server =
            RunningServer.start(
                "--dir",
                folder("primary").toString(),
                "--repl-diskless-sync-delay",
                "0",
                "--repl-disable-tcp-nodelay",
                disabled);
        RawConnection primary = new RawConnection(server.port());
        ReferenceServer process = redisReplica("replica", server.port());
        RawConnection replica = new RawConnection(process.port())) {
      Replicas.awaitInSync(primary, replica);
      assertEquals(!disabled.equals("yes"), sendsAtOnce(server));
      // It is looked at anew for each who comes, whether with all or with what is missing.
      set(primary, "repl-disable-tcp-nodelay", disabled.equals("yes") ? "no" : "yes");
      primary.call("CLIENT", "KILL", "TYPE", "replica");
      Replicas.await("it is back", () -> Replicas.info(primary, "sync_partial_ok").equals("1"));
      assertEquals(disabled.equals("yes"), sendsAtOnce(server));
    }
  }

  private static boolean sendsAtOnce(RunningServer server) {
    List<ReplicaLink> links = server.server().replication().replicas();
    assertEquals(1, links.size());
    return links.getFirst().connection().channel().config().getOption(ChannelOption.TCP_NODELAY);
  }

  private void syncOverDisk(ServerKind kind, String[] ofPrimary, String[] ofReplica)
      throws IOException {
    String[] first = with(ofPrimary, "--repl-diskless-sync", "no");
    try (ReplicaPrimary server = kind.start(folder("primary"), first);
        RawConnection primary = new RawConnection(server.port())) {
      primary.call("SET", "key", "value");
      String[] second = with(ofReplica, "--replicaof", "127.0.0.1 " + server.port());
      try (ReplicaPrimary process = kind.start(folder("replica"), second);
          RawConnection replica = new RawConnection(process.port())) {
        Replicas.awaitInSync(primary, replica);
        // A redis-server looks at its file once a second.
        boolean removed = List.of(ofPrimary).contains("--rdb-del-sync-files");
        Replicas.await("it goes", () -> !removed || !Files.exists(file("primary")));
        assertEquals("$5\r\nvalue\r\n", replica.call("GET", "key").raw());
      }
    }
  }

  private static String[] with(String[] some, String... more) {
    String[] all = Arrays.copyOf(some, some.length + more.length);
    System.arraycopy(more, 0, all, some.length, more.length);
    return all;
  }

  private Path file(String name) {
    return directory.resolve(name).resolve("dump.rdb");
  }

  @ParameterizedTest
  @EnumSource(ServerKind.class)
  void rdbDelSyncFilesLeavesNoFileOnEitherSide(ServerKind kind) throws IOException {
    String[] del = {"--rdb-del-sync-files", "yes"};
    syncOverDisk(kind, del, del);
    assertTrue(!Files.exists(file("primary")));
    assertTrue(!Files.exists(file("replica")));
  }

  @ParameterizedTest
  @EnumSource(ServerKind.class)
  void syncFilesStayUnlessTheyAreToBeRemoved(ServerKind kind) throws IOException {
    syncOverDisk(kind, new String[0], new String[0]);
    assertTrue(Files.exists(file("primary")));
    assertTrue(Files.exists(file("replica")));
  }

  /** With save points the file is what the next start begins with. */
  @ParameterizedTest
  @EnumSource(ServerKind.class)
  void rdbDelSyncFilesKeepsWhatIsKeptAnyway(ServerKind kind) throws IOException {
    String[] del = {"--rdb-del-sync-files", "yes", "--save", "3600 1000000"};
    try (ReplicaPrimary server =
            kind.start(folder("primary"), with(del, "--repl-diskless-sync", "no"));
        RawConnection primary = new RawConnection(server.port());
        ReplicaPrimary process =
            kind.start(folder("replica"), with(del, "--replicaof", "127.0.0.1 " + server.port()));
        RawConnection replica = new RawConnection(process.port())) {
      Replicas.awaitInSync(primary, replica);
      assertTrue(Files.exists(file("replica")));
      // Two acknowledgements later its cron has had the time to look.
      for (int i = 0; i < 2; i++) {
        primary.call("SET", "key", "value" + i);
        long offset = Long.parseLong(Replicas.info(primary, "master_repl_offset"));
        Replicas.await("it has acknowledged", () -> acknowledged(primary) >= offset);
      }
      assertTrue(Files.exists(file("primary")));
    }
  }

  private static long acknowledged(RawConnection primary) throws IOException {
    String shown = Replicas.info(primary, "slave0");
    return Long.parseLong(shown.replaceAll(".*,offset=(\\d+),.*", "$1"));
  }
}
