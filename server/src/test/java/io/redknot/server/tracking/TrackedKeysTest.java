package io.redknot.server.tracking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.memory.KeyHash;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The table of remembered keys knows what a map of sets knows. */
class TrackedKeysTest {
  private static final int STEPS = 60_000;

  private final TrackedKeys keys = new TrackedKeys(new KeyHash(7));
  private final Map<String, TreeSet<Integer>> model = new HashMap<>();

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private void add(int client, String key) {
    // Borrowed from the middle of something longer, as a command's arguments are.
    byte[] array = bytes("<" + key + ">");
    keys.add(client, array, 1, key.length());
    model.computeIfAbsent(key, _ -> new TreeSet<>()).add(client);
  }

  private void checkRemoved(String key, byte @Nullable [] entry) {
    TreeSet<Integer> clients = model.remove(key);
    if (clients == null || entry == null) {
      assertNull(clients, key);
      assertNull(entry, key);
      return;
    }
    assertArrayEquals(bytes(key), TrackedKeys.key(entry));
    assertEquals(clients.size(), TrackedKeys.clientCount(entry), key);
    int at = 0;
    for (int client : clients) {
      assertEquals(client, TrackedKeys.client(entry, at), key);
      at++;
    }
  }

  private void checkCounts() {
    assertEquals(model.size(), keys.size());
    assertEquals(model.values().stream().mapToInt(TreeSet::size).sum(), keys.clients());
  }

  @Test
  void knowsWhoHasReadWhat() {
    long seed = 11;
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < STEPS; i++) {
      // Now and then the table shrinks to nothing.
      boolean shrinks = i / 5000 % 3 == 2;
      String key = "k".repeat(random.nextInt(3)) + random.nextInt(900);
      int choice = random.nextInt(10);
      if (choice < (shrinks ? 1 : 8)) {
        add(1 + random.nextInt(40), key);
      } else if (choice == 9) {
        byte[] entry = keys.removeAny();
        assertEquals(model.isEmpty(), entry == null);
        if (entry != null) {
          checkRemoved(new String(TrackedKeys.key(entry), StandardCharsets.ISO_8859_1), entry);
        }
      } else {
        checkRemoved(key, keys.remove(bytes(key), 0, key.length()));
      }
      if (i % 1000 == 0) {
        checkCounts();
      }
    }
    checkCounts();
  }

  @Test
  void keyOfOneClientTakesLittle() {
    for (int i = 0; i < 100_000; i++) {
      add(7, "key:%012d".formatted(i));
    }
    long bytesPerKey = keys.sizeBytes() / keys.size();
    assertTrue(bytesPerKey <= 64, "bytes per key: " + bytesPerKey);
    for (int i = 0; i < 100_000; i++) {
      String key = "key:%012d".formatted(i);
      checkRemoved(key, keys.remove(bytes(key), 0, key.length()));
    }
    assertEquals(0, keys.sizeBytes());
  }
}
