package io.redknot.server.integration;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.redknot.storage.keyspace.HashSlot;
import java.util.List;

/** Slots of texts, and texts for slots. */
final class Slots {
  static final int COUNT = 16_384;

  private Slots() {}

  static int of(String key) {
    byte[] bytes = key.getBytes(UTF_8);
    return HashSlot.of(bytes, 0, bytes.length);
  }

  /** Keys, one for each slot, by slot. */
  static List<String> keyForEach(String prefix) {
    String[] keys = new String[COUNT];
    int found = 0;
    for (int i = 0; found < COUNT; i++) {
      String key = prefix + i;
      int slot = of(key);
      if (keys[slot] == null) {
        keys[slot] = key;
        found++;
      }
    }
    return List.of(keys);
  }

  /** A hash tag, without its braces, that lies in the slot. */
  static String tagIn(int slot) {
    return tagIn(slot, slot);
  }

  /** A hash tag, without its braces, that lies in a slot of the range; both ends belong to it. */
  static String tagIn(int first, int last) {
    for (int i = 0; ; i++) {
      String tag = "t" + i;
      int slot = of(tag);
      if (slot >= first && slot <= last) {
        return tag;
      }
    }
  }
}
