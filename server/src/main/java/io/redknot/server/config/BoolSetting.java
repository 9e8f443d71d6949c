package io.redknot.server.config;

/** A directive that is yes or no. */
public final class BoolSetting extends Setting<Boolean> {
  private volatile boolean value;

  BoolSetting(Directive<Boolean> directive, boolean initial) {
    super(directive, initial);
    this.value = initial;
  }

  /** Returns whether the directive is yes. */
  public boolean get() {
    return value;
  }

  @Override
  Boolean boxed() {
    return value;
  }

  @Override
  void store(Boolean newValue) {
    value = newValue;
  }
}
