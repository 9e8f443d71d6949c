package io.redknot.server.net;

/** How much of what a peer has sent is received while nothing of it may be executed. */
public final class ReadAhead {
  /** Bytes of one connection: a part of the largest heap, 32 to 512 MiB. */
  public static final long BYTES_MAX =
      Math.clamp(Runtime.getRuntime().maxMemory() / 32, 32L << 20, 512L << 20);

  private ReadAhead() {}
}
