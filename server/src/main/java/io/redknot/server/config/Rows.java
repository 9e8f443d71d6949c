package io.redknot.server.config;

import io.redknot.server.config.Directive.Effect;
import io.redknot.server.config.Directive.Flag;
import io.redknot.server.config.ScalarTypes.BoolType;
import io.redknot.server.config.ScalarTypes.ChoiceType;
import io.redknot.server.config.ScalarTypes.NumberForm;
import io.redknot.server.config.ScalarTypes.NumberType;
import io.redknot.server.config.ScalarTypes.TextCheck;
import io.redknot.server.config.ScalarTypes.TextType;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Adds rows of one section with one effect; {@code "name alias"} declares both names. */
final class Rows {
  static final long INT_MIN = Integer.MIN_VALUE;
  static final long INT_MAX = Integer.MAX_VALUE;
  static final long UINT_MAX = (1L << Integer.SIZE) - 1;
  static final long LONG_MAX = Long.MAX_VALUE;
  static final long PORT_MAX = 65535;

  private final List<Directive<?>> rows;
  private final String section;
  private final Effect effect;

  Rows(List<Directive<?>> rows, String section, Effect effect) {
    this.rows = rows;
    this.section = section;
    this.effect = effect;
  }

  /** The same section with another effect. */
  Rows with(Effect other) {
    return new Rows(rows, section, other);
  }

  <T> Rows add(String names, ConfigType<T> type, String defaultText, Flag... flags) {
    Set<Flag> set = EnumSet.noneOf(Flag.class);
    set.addAll(Arrays.asList(flags));
    List<String> split = ConfigWords.splitAtSpaces(names);
    rows.add(new Directive<>(split, type, defaultText, Set.copyOf(set), section, effect));
    return this;
  }

  Rows bool(String names, String defaultText, Flag... flags) {
    return add(names, new BoolType(null), defaultText, flags);
  }

  Rows port(String names, String defaultText, Flag... flags) {
    return add(names, integer(0, PORT_MAX), defaultText, flags);
  }

  Rows text(String names, String defaultText, Flag... flags) {
    return add(names, new TextType(true, "text", null), defaultText, flags);
  }

  Rows checked(String names, String defaultText, TextCheck check, String accepts, Flag... flags) {
    return add(names, new TextType(true, accepts, check), defaultText, flags);
  }

  /** A text that is kept by CONFIG REWRITE even if it is empty. */
  Rows plainText(String names, String defaultText, Flag... flags) {
    return add(names, new TextType(false, "text", null), defaultText, flags);
  }

  static <E extends Enum<E>> ConfigType<E> choice(Class<E> type) {
    return ChoiceType.of(type);
  }

  static ConfigType<Long> integer(long min, long max) {
    return new NumberType(NumberForm.INTEGER, min, max, null);
  }

  static ConfigType<Long> memory(long min, long max) {
    return new NumberType(NumberForm.MEMORY, min, max, null);
  }
}
