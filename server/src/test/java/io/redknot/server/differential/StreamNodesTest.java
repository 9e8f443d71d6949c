package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A stream begins a node with the same entry as redis-server's, whatever limits it has. */
final class StreamNodesTest {
  private static final int ENTRIES = 250;

  private @TempDir Path directory;

  private static String nodes(RawConnection connection) throws IOException {
    String told = connection.call("XINFO", "STREAM", "k").raw();
    int at = told.indexOf("radix-tree-keys");
    return told.substring(at, told.indexOf("\r\n", told.indexOf(':', at)));
  }

  @ParameterizedTest(name = "{0} bytes, {1} entries")
  @CsvSource({
    "4096, 100",
    "0, 7",
    "0, 0",
    "300, 0",
    "301, 0",
    "302, 0",
    "303, 0",
    "1, 0",
    "500, 9"
  })
  void nodesBeginWhereTheirLimitsSay(int bytes, int entries) throws IOException {
    List<String> options =
        List.of("--stream-node-max-bytes", "" + bytes, "--stream-node-max-entries", "" + entries);
    try (ServerPair servers = ServerPair.standalone(directory, options);
        RawConnection redis = new RawConnection(servers.referencePort());
        RawConnection redknot = new RawConnection(servers.redknotPort())) {
      String expected = "";
      for (int i = 1; i <= ENTRIES; i++) {
        String[] add = {"XADD", "k", i + "-1", "field", "x".repeat(i % 23)};
        assertEquals(redis.call(add).raw(), redknot.call(add).raw());
        expected = nodes(redis);
        assertEquals(expected, nodes(redknot), "entry " + i);
      }
      assertTrue(bytes + entries == 0 || !expected.endsWith(":1"), expected);
    }
  }
}
