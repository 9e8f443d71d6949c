package io.redknot.server.dispatch;

/**
 * A mistake of the client: an error reply that ends the command.
 *
 * <p>It has no stack trace, so that throwing one costs little; errors without arguments are
 * constants.
 */
public final class CommandError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public static final CommandError SYNTAX = of("ERR syntax error");
  public static final CommandError NOT_INTEGER = of("ERR value is not an integer or out of range");
  public static final CommandError NOT_FLOAT = of("ERR value is not a valid float");
  public static final CommandError WRONG_TYPE =
      of("WRONGTYPE Operation against a key holding the wrong kind of value");
  public static final CommandError NO_SUCH_KEY = of("ERR no such key");
  public static final CommandError INDEX_OUT_OF_RANGE = of("ERR index out of range");
  public static final CommandError OUT_OF_RANGE = of("ERR value is out of range");
  public static final CommandError NOT_POSITIVE = of("ERR value is out of range, must be positive");
  public static final CommandError SAME_OBJECT =
      of("ERR source and destination objects are the same");
  public static final CommandError DB_OUT_OF_RANGE = of("ERR DB index is out of range");
  public static final CommandError STRING_TOO_LONG =
      of("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
  public static final CommandError NO_CLUSTER =
      of("ERR This instance has cluster support disabled");

  private final boolean ofRouting;

  private CommandError(String text, boolean ofRouting) {
    super(text, null, false, false);
    this.ofRouting = ofRouting;
  }

  /** An error reply: a code in capitals, a blank, a sentence. */
  public static CommandError of(String text) {
    return new CommandError(text, false);
  }

  /** As {@link #of}, of one that tells why keys are not served here: EXEC gives it as it is. */
  static CommandError ofRouting(String text) {
    return new CommandError(text, true);
  }

  /** Whether it tells why keys are not served here. */
  boolean isOfRouting() {
    return ofRouting;
  }

  /** The reply's text without the leading {@code -}. */
  public String text() {
    return String.valueOf(getMessage());
  }
}
