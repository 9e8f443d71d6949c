package io.redknot.server.config;

/** A directive that is a number, within the range that its row of {@link ConfigTable} states. */
public final class LongSetting extends Setting<Long> {
  private volatile long value;

  LongSetting(Directive<Long> directive, long initial) {
    super(directive, initial);
    this.value = initial;
  }

  /** Returns the number; sizes are in bytes, and a percentage is a negative number. */
  public long get() {
    return value;
  }

  /** Returns the number; only for directives whose range fits an {@code int}. */
  public int getInt() {
    return Math.toIntExact(value);
  }

  @Override
  Long boxed() {
    return value;
  }

  @Override
  void store(Long newValue) {
    value = newValue;
  }
}
