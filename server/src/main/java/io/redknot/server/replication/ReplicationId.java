package io.redknot.server.replication;

import io.redknot.cluster.wire.NodeIds;
import java.security.SecureRandom;

/** Names of histories of the data set: 40 hexadecimal digits, as nodes have them. */
public final class ReplicationId {
  /** Names none. */
  public static final String NONE = "0".repeat(40);

  static final int LENGTH = 40;

  private ReplicationId() {}

  /** A name that nobody has used. */
  public static String random() {
    return NodeIds.random(new SecureRandom());
  }
}
