package io.redknot.server.dispatch;

import java.util.Locale;

/** What happened to a key, in the terms of keyspace notifications. */
public enum KeyEvent {
  DEL('g'),
  EXPIRE('g'),
  PERSIST('g'),
  RENAME_FROM('g', false),
  RENAME_TO('g'),
  COPY_TO('g'),
  MOVE_FROM('g', false),
  MOVE_TO('g'),
  SET('$'),
  APPEND('$'),
  SETRANGE('$'),
  INCRBY('$'),
  INCRBYFLOAT('$'),
  SETBIT('$');

  private final char letter;
  private final boolean counts;
  private final String text = name().toLowerCase(Locale.ROOT);

  KeyEvent(char letter) {
    this(letter, true);
  }

  KeyEvent(char letter, boolean counts) {
    this.letter = letter;
    this.counts = counts;
  }

  /** Whether it counts as a change; one half of a pair of events does not. */
  public boolean counts() {
    return counts;
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
