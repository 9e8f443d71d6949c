package io.redknot.cluster.wire;

import org.jspecify.annotations.Nullable;

/** Kinds of bus messages, in the order of their numbers on the wire. */
public enum MessageType {
  PING(0, "ping"),
  PONG(1, "pong"),
  MEET(2, "meet"),
  FAIL(3, "fail"),
  PUBLISH(4, "publish"),
  AUTH_REQUEST(5, "auth-req"),
  AUTH_ACK(6, "auth-ack"),
  UPDATE(7, "update"),
  MFSTART(8, "mfstart"),
  MODULE(9, "module"),
  PUBLISHSHARD(10, "publishshard");

  private static final MessageType[] BY_CODE = values();

  private final int code;
  private final String statsName;

  MessageType(int code, String statsName) {
    this.code = code;
    this.statsName = statsName;
  }

  /** The type's number on the wire. */
  public int code() {
    return code;
  }

  /** The name that CLUSTER INFO uses in its message counters. */
  public String statsName() {
    return statsName;
  }

  /** Whether the body is gossip with extensions. */
  public boolean carriesGossip() {
    return this == PING || this == PONG || this == MEET;
  }

  /** The type with that number, or null when there is none. */
  public static @Nullable MessageType ofCode(int code) {
    return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
  }
}
