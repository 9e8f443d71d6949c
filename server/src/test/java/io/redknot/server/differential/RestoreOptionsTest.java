package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.redknot.server.net.RunningServer;
import io.redknot.storage.rdb.Crc64;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** RESTORE does with every combination of options and payloads what redis-server does. */
final class RestoreOptionsTest {
  private static final List<String> OPTIONS =
      List.of(
          "0",
          "100000",
          "1 ABSTTL",
          "1 ABSTTL REPLACE",
          "4102444800000 absttl",
          "0 REPLACE",
          "-1",
          "-1 ABSTTL",
          "x",
          "9223372036854775807 ABSTTL REPLACE",
          "0 IDLETIME 1000 REPLACE",
          "0 IDLETIME -1 REPLACE",
          "0 IDLETIME x REPLACE",
          "0 FREQ 255 REPLACE",
          "0 FREQ 256 REPLACE",
          "0 FREQ -1 REPLACE",
          "0 IDLETIME 1 FREQ 1",
          "0 FREQ 1 IDLETIME 1",
          "0 FREQ",
          "0 IDLETIME",
          "0 NONSENSE",
          "0 REPLACE REPLACE");

  private @TempDir Path directory;

  private static byte[] payload(int version, int... value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int one : value) {
      out.write(one);
    }
    ByteBuffer footer = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    out.write(version);
    out.write(version >> 8);
    byte[] summed = out.toByteArray();
    out.writeBytes(footer.putLong(Crc64.update(0, summed, 0, summed.length)).array());
    return out.toByteArray();
  }

  private static Map<String, byte[]> payloads() {
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put("a string", payload(10, 0, 3, 'a', 'b', 'c'));
    all.put("of old", payload(1, 0, 3, 'a', 'b', 'c'));
    all.put("with more behind it", payload(10, 0, 3, 'a', 'b', 'c', 'd'));
    all.put("no type", payload(10, 99, 3, 'a', 'b', 'c'));
    // Longer than all that follows: Redis would take what is in the footer for the value's end.
    all.put("cut", payload(10, 0, 40, 'a', 'b', 'c'));
    all.put("an empty list", payload(10, 1, 0));
    all.put("an endless list", payload(10, 1, 0x81, 0x7f, 255, 255, 255, 255, 255, 255, 255));
    all.put("an endless string", payload(10, 0, 0x80, 0x7f, 255, 255, 255, 'a'));
    all.put("of a later version", payload(99, 0, 3, 'a', 'b', 'c'));
    byte[] wrong = payload(10, 0, 3, 'a', 'b', 'c');
    wrong[wrong.length - 1]++;
    all.put("a wrong sum", wrong);
    all.put("too short", new byte[] {0, 1, 2});
    return all;
  }

  @Test
  void optionsAndPayloadsAreTakenOrRefusedAsByRedis() throws IOException {
    try (ReferenceServer reference = new ReferenceServer(directory, List.of());
        RunningServer server = RunningServer.start("--dir", directory.toString());
        RawConnection redis = new RawConnection(reference.port());
        RawConnection redknot = new RawConnection(server.port())) {
      for (Map.Entry<String, byte[]> payload : payloads().entrySet()) {
        for (String options : OPTIONS) {
          for (boolean exists : new boolean[] {false, true}) {
            String what = payload.getKey() + ", " + options + ", " + exists;
            assertEquals(
                outcome(redis, payload.getValue(), options, exists),
                outcome(redknot, payload.getValue(), options, exists),
                what);
          }
        }
      }
    }
  }

  /** The reply, what the key is then, and up to when, in tens of seconds. */
  private static List<String> outcome(
      RawConnection connection, byte[] payload, String options, boolean exists) throws IOException {
    connection.call("DEL", "k");
    if (exists) {
      connection.call("SET", "k", "before");
    }
    List<Object> words = new ArrayList<>(List.of("RESTORE", "k"));
    String[] parts = options.split(" ");
    words.add(parts[0]);
    words.add(payload);
    words.addAll(List.of(parts).subList(1, parts.length));
    connection.send(List.of(RdbExchangeTest.words(words.toArray())));
    Reply reply = connection.read();
    String idle = connection.call("OBJECT", "IDLETIME", "k").raw().replaceAll(":[0-9]\r", ":0\r");
    String value = connection.call("GET", "k").raw();
    long left = (connection.call("PTTL", "k").integer() + 5000) / 10_000;
    return List.of(reply.raw(), value, idle, "" + left);
  }
}
