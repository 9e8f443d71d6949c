package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.ChannelSecurity.Purpose;
import io.redknot.server.persistence.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What stands between a socket and who speaks on it: replication, the bus and MIGRATE go on. */
class SecuredChannelsTest {
  private static final int VALUES = 300;

  private @TempDir Path directory;

  private RunningServer start(String name, ChannelSecurity security, String... options)
      throws IOException {
    List<String> all = new ArrayList<>();
    all.addAll(List.of("--dir", Files.createDirectories(directory.resolve(name)).toString()));
    all.addAll(List.of("--repl-diskless-sync-delay", "0"));
    all.addAll(List.of(options));
    return RunningServer.startOn(Disk.REAL, security, all.toArray(String[]::new));
  }

  private static void write(RawClient client, String prefix) {
    for (int i = 0; i < VALUES; i++) {
      String value = Integer.toString(i).repeat(i + 1);
      assertEquals("+OK\r\n", client.ask("SET", prefix + i, value));
    }
  }

  private static void awaitSame(RawClient primary, RawClient replica) {
    Eventually.await(
        "the data sets are equal",
        () -> primary.ask("DEBUG", "DIGEST").equals(replica.ask("DEBUG", "DIGEST")));
    assertTrue(!primary.ask("DBSIZE").equals(":0\r\n"));
  }

  private static int counted(RawClient client, String field) {
    String stats = client.askText("INFO", "stats");
    return Integer.parseInt(stats.replaceAll("(?s).*\r\n" + field + ":(\\d+)\r\n.*", "$1"));
  }

  @ParameterizedTest
  @CsvSource({"yes, disabled", "no, disabled", "yes, swapdb"})
  void replicaFollowsThroughWhatStandsInBetween(String diskless, String load) throws IOException {
    Scrambling ofPrimary = new Scrambling();
    Scrambling ofReplica = new Scrambling();
    try (RunningServer primary =
            start(
                "primary",
                ofPrimary,
                "--repl-diskless-sync",
                diskless,
                "--enable-debug-command",
                "yes");
        RawClient writer = primary.connect()) {
      write(writer, "before");
      String source = "127.0.0.1 " + primary.port();
      try (RunningServer replica =
              start(
                  "replica",
                  ofReplica,
                  "--replicaof",
                  source,
                  "--repl-diskless-load",
                  load,
                  "--enable-debug-command",
                  "yes");
          RawClient reader = replica.connect()) {
        awaitSame(writer, reader);
        write(writer, "after");
        awaitSame(writer, reader);
        assertEquals(":1\r\n", writer.ask("WAIT", "1", "0"), "it acknowledges");
        assertEquals(1, ofPrimary.count(Purpose.CLIENT));
        assertEquals(1, ofReplica.count(Purpose.PRIMARY));
        writer.ask("CLIENT", "KILL", "TYPE", "replica");
        write(writer, "again");
        awaitSame(writer, reader);
        assertEquals(1, counted(writer, "sync_full"));
        assertEquals(1, counted(writer, "sync_partial_ok"));
        assertEquals(2, ofPrimary.count(Purpose.CLIENT));
        assertEquals(2, ofReplica.count(Purpose.PRIMARY));
      }
    }
  }

  @Test
  void busGoesThroughItOnBothEnds() throws IOException {
    Scrambling security = new Scrambling();
    String[] cluster = {"--cluster-enabled", "yes"};
    try (RunningServer primary = start("primary", security, cluster);
        RunningServer replica = start("replica", security, cluster);
        RawClient of = primary.connect();
        RawClient admin = replica.connect()) {
      of.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
      admin.ask("CLUSTER", "MEET", "127.0.0.1", Integer.toString(primary.port()));
      String id = of.askText("CLUSTER", "MYID");
      Eventually.await(
          "it is a replica", () -> admin.ask("CLUSTER", "REPLICATE", id).equals("+OK\r\n"));
      Eventually.await("the cluster serves", () -> of.ask("SET", "k", "v").equals("+OK\r\n"));
      Eventually.await(
          "the replica has it",
          () -> admin.ask("READONLY").equals("+OK\r\n") && admin.ask("GET", "k").contains("\r\nv"));
      Eventually.await("both ways", () -> security.count(Purpose.BUS_ACCEPTED) >= 2);
      assertTrue(security.count(Purpose.BUS_CONNECTED) >= 2);
      assertEquals(1, security.count(Purpose.PRIMARY));
    }
  }

  @Test
  void keysMoveThroughIt() throws IOException {
    Scrambling security = new Scrambling();
    try (RunningServer from = start("from", security);
        RunningServer to = start("to", security);
        RawClient source = from.connect();
        RawClient target = to.connect()) {
      String value = "v".repeat(100_000);
      source.ask("SET", "key", value);
      String port = Integer.toString(to.port());
      assertEquals("+OK\r\n", source.ask("MIGRATE", "127.0.0.1", port, "key", "0", "60000"));
      assertEquals(value, target.askText("GET", "key"));
      assertEquals(1, security.count(Purpose.MIGRATION));
      assertEquals(1, security.count(Purpose.CLIENT));
    }
  }

  /** A connection that keeps what it has read may not share a buffer with others. */
  @Test
  void clientsBesideEachOtherDoNotReadEachOthersBytes() throws IOException {
    Scrambling security = new Scrambling();
    try (RunningServer server = start("server", security, "--io-threads", "1")) {
      List<RawClient> clients = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        clients.add(server.connect().send("\u0016"));
      }
      // Each sends its record in two pieces, and the others send theirs in between.
      for (int piece = 0; piece < 2; piece++) {
        for (int i = 0; i < clients.size(); i++) {
          String record = Scrambling.record(RawClient.resp("ECHO", "client" + i));
          clients.get(i).send(piece == 0 ? record.substring(0, 9) : record.substring(9));
        }
        assertEquals(piece * clients.size(), answered(clients, piece));
      }
      clients.forEach(RawClient::close);
    }
  }

  private static int answered(List<RawClient> clients, int piece) {
    int count = 0;
    for (int i = 0; i < clients.size(); i++) {
      RawClient client = clients.get(i);
      if (piece == 0) {
        assertEquals("\u0016", client.read(1));
      } else {
        String expected = Scrambling.record("$7\r\nclient" + i + "\r\n");
        assertEquals(expected, client.read(expected.length()));
        count++;
      }
    }
    return count;
  }
}
