package io.redknot.server.config;

/** A directive that is neither a number nor yes or no. */
public final class ValueSetting<T> extends Setting<T> {
  private volatile T value;

  ValueSetting(Directive<T> directive, T initial) {
    super(directive, initial);
    this.value = initial;
  }

  /** Returns the value, which is immutable. */
  public T get() {
    return value;
  }

  @Override
  T boxed() {
    return value;
  }

  @Override
  void store(T newValue) {
    value = newValue;
  }
}
