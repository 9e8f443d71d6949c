package io.redknot.server.tool;

import java.io.Serial;

/** The caller's words make no sense; the message says why, in a sentence for a person. */
final class UsageException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }

  /** Reads a decimal number of the range {@code min..max}, both included. */
  static int number(String what, String text, int min, int max) throws UsageException {
    try {
      int value = Integer.parseInt(text);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException notANumber) {
      // Falls to the same answer as a number out of range.
    }
    throw new UsageException(what + " must be a number from " + min + " to " + max);
  }
}
