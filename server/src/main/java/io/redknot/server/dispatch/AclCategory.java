package io.redknot.server.dispatch;

import java.util.Locale;

/** The ACL categories of Redis, in the order in which COMMAND INFO lists them. */
public enum AclCategory {
  KEYSPACE,
  READ,
  WRITE,
  SET,
  SORTEDSET,
  LIST,
  HASH,
  STRING,
  BITMAP,
  HYPERLOGLOG,
  GEO,
  STREAM,
  PUBSUB,
  ADMIN,
  FAST,
  SLOW,
  BLOCKING,
  DANGEROUS,
  CONNECTION,
  TRANSACTION,
  SCRIPTING;

  private final String text = name().toLowerCase(Locale.ROOT);

  /** The category's name without the leading {@code @}. */
  public String text() {
    return text;
  }

  long bit() {
    return 1L << ordinal();
  }
}
