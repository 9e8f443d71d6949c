package io.redknot.server.dispatch;

import java.util.Locale;

/** What happened to a key, in the terms of keyspace notifications. */
public enum KeyEvent {
  DEL('g'),
  EXPIRE('g'),
  PERSIST('g'),
  SET('$'),
  APPEND('$'),
  SETRANGE('$'),
  INCRBY('$'),
  INCRBYFLOAT('$'),
  SETBIT('$');

  private final char letter;
  private final String text = name().toLowerCase(Locale.ROOT);

  KeyEvent(char letter) {
    this.letter = letter;
  }

  /** The event's class as a letter of {@code notify-keyspace-events}. */
  public char letter() {
    return letter;
  }

  /** The event's name as subscribers see it. */
  public String text() {
    return text;
  }
}
