package io.redknot.server.config;

import java.util.List;
import java.util.Set;

/**
 * One row of {@link ConfigTable}.
 *
 * @param names the name, then its older alias if it has one; lower case
 * @param defaultText the default as CONFIG GET prints it; where the machine decides, what it is
 *     computed from is {@link ConfigTable#DIR} or {@link ConfigTable#IO_THREADS}
 */
record Directive<T>(
    List<String> names,
    ConfigType<T> type,
    String defaultText,
    Set<Flag> flags,
    String section,
    Effect effect) {

  /** What else is true of a directive. */
  enum Flag {
    /** CONFIG SET refuses it. */
    IMMUTABLE,
    /** CONFIG SET refuses it unless {@code enable-protected-configs} allows the client. */
    PROTECTED,
    /** CONFIG GET answers it only to its exact name. */
    HIDDEN,
    /** Its value must not be shown in logs, MONITOR or the slow log. */
    SENSITIVE,
    /** Listeners are told even if the value is set to what it was. */
    VOLATILE,
    /** CONFIG SET refuses it while a data set is being loaded. */
    NOT_WHILE_LOADING,
    /** CONFIG REWRITE writes it even if it has its default. */
    ALWAYS_WRITTEN
  }

  /** How far a directive has an effect. */
  enum Status {
    APPLIED,
    LATER,
    NO_EFFECT
  }

  /**
   * The status with a sentence for the documentation.
   *
   * @param note empty if there is nothing to say
   */
  record Effect(Status status, String note) {
    static final Effect APPLIED = new Effect(Status.APPLIED, "");

    static Effect later(String note) {
      return new Effect(Status.LATER, note);
    }

    static Effect none(String note) {
      return new Effect(Status.NO_EFFECT, note);
    }
  }

  String name() {
    return names.getFirst();
  }

  boolean is(Flag flag) {
    return flags.contains(flag);
  }
}
