package io.redknot.cluster.wire;

import org.jspecify.annotations.Nullable;

/** Bits of a node's flag word, on the wire, in gossip and in {@code nodes.conf}. */
public final class NodeFlags {
  public static final int PRIMARY = 1;
  public static final int REPLICA = 2;
  public static final int PFAIL = 4;
  public static final int FAIL = 8;
  public static final int MYSELF = 16;
  public static final int HANDSHAKE = 32;
  public static final int NOADDR = 64;

  /** A MEET has to be sent to this node instead of the first PING. */
  public static final int MEET = 128;

  /** A primary that had replicas and may therefore receive one from elsewhere. */
  public static final int MIGRATE_TO = 256;

  public static final int NOFAILOVER = 512;

  /** In the head of a message: its sender understands all extensions, not only host names. */
  public static final int EXTENSIONS = 1024;

  private static final int[] SHOWN = {
    MYSELF, PRIMARY, REPLICA, PFAIL, FAIL, HANDSHAKE, NOADDR, NOFAILOVER
  };
  private static final String[] NAMES = {
    "myself", "master", "slave", "fail?", "fail", "handshake", "noaddr", "nofailover"
  };
  private static final String NONE = "noflags";

  private NodeFlags() {}

  /** The flags as CLUSTER NODES prints them, separated by commas; {@code noflags} for none. */
  public static String toText(int flags) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < SHOWN.length; i++) {
      if ((flags & SHOWN[i]) != 0) {
        text.append(text.isEmpty() ? "" : ",").append(NAMES[i]);
      }
    }
    return text.isEmpty() ? NONE : text.toString();
  }

  /** The flag with that name, 0 for {@code noflags}, or null for an unknown name. */
  public static @Nullable Integer ofName(String name) {
    for (int i = 0; i < NAMES.length; i++) {
      if (NAMES[i].equals(name)) {
        return SHOWN[i];
      }
    }
    return name.equals(NONE) ? 0 : null;
  }
}
