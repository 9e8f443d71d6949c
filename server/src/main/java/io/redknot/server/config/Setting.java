package io.redknot.server.config;

import java.util.List;

/**
 * The value of one directive. Its accessor is one volatile read; code that asks often keeps the
 * setting itself in a field.
 */
public abstract sealed class Setting<T> permits BoolSetting, LongSetting, ValueSetting {
  private final Directive<T> directive;
  private final T initial;

  Setting(Directive<T> directive, T initial) {
    this.directive = directive;
    this.initial = initial;
  }

  /** Makes the setting with its default. */
  static <T> Setting<T> of(Directive<T> directive, String defaultText) {
    try {
      T initial = directive.type().parse(words(directive, defaultText), null);
      return directive.type().newSetting(directive, initial);
    } catch (BadValueException wrongRow) {
      throw new IllegalStateException("default of " + directive.name(), wrongRow);
    }
  }

  private static List<String> words(Directive<?> directive, String text) {
    boolean many = directive.type().takesManyWords();
    return many ? ConfigWords.splitAtSpaces(text) : List.of(text);
  }

  /** The name of the directive, lower case. */
  public final String name() {
    return directive.name();
  }

  /** The value as CONFIG GET prints it. */
  public final String text() {
    return directive.type().print(boxed());
  }

  final Directive<T> directive() {
    return directive;
  }

  abstract T boxed();

  abstract void store(T value);

  /**
   * Sets the value from one text, which is split first if the directive takes several words.
   *
   * @return whether listeners have to be told
   */
  final boolean assign(String text) throws BadValueException {
    return replace(directive.type().parse(words(directive, text), boxed()));
  }

  /** Sets the value from a line of a configuration file. */
  final void assignLine(List<String> given, boolean again) throws BadValueException {
    List<String> words = given.size() == 1 ? words(directive, given.getFirst()) : given;
    if (words.size() != 1 && !directive.type().takesManyWords()) {
      throw new BadValueException("wrong number of arguments");
    }
    ConfigType<T> type = directive.type();
    replace(again ? type.parseAgain(words, boxed()) : type.parse(words, boxed()));
  }

  private boolean replace(T value) {
    boolean changed = !value.equals(boxed());
    store(value);
    return changed || directive.is(Directive.Flag.VOLATILE);
  }

  /** Returns what puts the present value back. */
  final Runnable undo() {
    T before = boxed();
    return () -> store(before);
  }

  /** The lines CONFIG REWRITE writes for the present value. */
  final List<String> lines() {
    return directive.type().lines(name(), boxed());
  }

  /** Returns whether a line says no more than the default does. */
  final boolean isDefaultLine(String line) {
    boolean always = directive.is(Directive.Flag.ALWAYS_WRITTEN);
    return !always && directive.type().lines(name(), initial).contains(line);
  }
}
