package io.redknot.server.dispatch;

import java.util.Locale;

/** What a command is allowed to do and when; the names are those of COMMAND INFO, in its order. */
public enum CommandFlag {
  WRITE,
  READONLY,
  DENYOOM,
  MODULE,
  ADMIN,
  PUBSUB,
  NOSCRIPT,
  BLOCKING,
  LOADING,
  STALE,
  SKIP_MONITOR,
  SKIP_SLOWLOG,
  ASKING,
  FAST,
  NO_AUTH,
  /** Propagates effects though it is no write command; COMMAND INFO does not show it. */
  MAY_REPLICATE,
  NO_MANDATORY_KEYS,
  NO_ASYNC_LOADING,
  NO_MULTI,
  MOVABLEKEYS,
  ALLOW_BUSY;

  private final String text = name().toLowerCase(Locale.ROOT);

  /** The flag's name as COMMAND INFO shows it. */
  public String text() {
    return text;
  }

  /** Whether COMMAND INFO shows the flag. */
  public boolean isShown() {
    return this != MAY_REPLICATE;
  }

  /** This flag among others in a word, see {@link CommandSpec#flagBits()}. */
  public long bit() {
    return 1L << ordinal();
  }
}
