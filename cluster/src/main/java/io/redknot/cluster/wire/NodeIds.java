package io.redknot.cluster.wire;

import java.util.random.RandomGenerator;

/** Node and shard ids: 40 characters, lower-case hex. */
public final class NodeIds {
  private static final String HEX = "0123456789abcdef";

  private NodeIds() {}

  /** Whether the text may name a node: 40 characters out of {@code 0-9a-z}, as Redis checks it. */
  public static boolean isValid(String id) {
    if (id.length() != BusFormat.NODE_ID_BYTES) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'))) {
        return false;
      }
    }
    return true;
  }

  /** A new id of 160 random bits. */
  public static String random(RandomGenerator random) {
    StringBuilder id = new StringBuilder(BusFormat.NODE_ID_BYTES);
    for (int i = 0; i < BusFormat.NODE_ID_BYTES; i++) {
      id.append(HEX.charAt(random.nextInt(HEX.length())));
    }
    return id.toString();
  }
}
