package io.redknot.protocol;

/** Limits of the request grammar, with the values of Redis 7.2. */
public final class RespLimits {
  /** An inline request or a length line may be this long in bytes. */
  public static final int LINE_BYTES_MAX = 64 * 1024;

  /** Arguments that a command may have. */
  public static final long ARGUMENTS_MAX = Integer.MAX_VALUE;

  /** Arguments that a command may have before the connection is authenticated. */
  public static final int UNAUTHENTICATED_ARGUMENTS_MAX = 10;

  /** Bytes that an argument may have before the connection is authenticated. */
  public static final int UNAUTHENTICATED_BULK_BYTES_MAX = 16 * 1024;

  private RespLimits() {}
}
