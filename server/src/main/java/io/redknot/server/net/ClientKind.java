package io.redknot.server.net;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a connection is used for; output limits and CLIENT LIST TYPE tell the kinds apart. */
public enum ClientKind {
  NORMAL,
  MASTER,
  REPLICA,
  PUBSUB;

  /** By the name in a command, in any case; {@code slave} is a replica. Null: no such kind. */
  public static @Nullable ClientKind named(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "normal" -> NORMAL;
      case "master" -> MASTER;
      case "replica", "slave" -> REPLICA;
      case "pubsub" -> PUBSUB;
      default -> null;
    };
  }
}
