package io.redknot.server.config;

/** A value that a directive does not accept; the message is the reason Redis gives. */
final class BadValueException extends Exception {
  private static final long serialVersionUID = 1L;

  BadValueException(String reason) {
    super(reason, null, false, false);
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
