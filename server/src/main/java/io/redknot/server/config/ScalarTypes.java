package io.redknot.server.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The types whose value is one word: yes or no, a number, one of several names, a text. */
final class ScalarTypes {
  private ScalarTypes() {}

  /** Yes or no. Some switches cannot be turned on here; then the refusal says why. */
  record BoolType(@Nullable String refusalOfYes) implements ConfigType<Boolean> {
    @Override
    public Class<Boolean> valueClass() {
      return Boolean.class;
    }

    @Override
    public Boolean parse(List<String> words, @Nullable Boolean current) throws BadValueException {
      String word = ConfigTable.lowerCase(words.getFirst());
      if (word.equals("yes") && refusalOfYes != null) {
        throw new BadValueException(refusalOfYes);
      }
      return switch (word) {
        case "yes" -> true;
        case "no" -> false;
        default -> throw new BadValueException("argument must be 'yes' or 'no'");
      };
    }

    @Override
    public Setting<Boolean> newSetting(Directive<Boolean> directive, Boolean initial) {
      return new BoolSetting(directive, initial);
    }

    @Override
    public String print(Boolean value) {
      return value ? "yes" : "no";
    }

    @Override
    public String accepts() {
      return "yes, no";
    }
  }

  /** How a number is written. */
  enum NumberForm {
    INTEGER,
    MEMORY,
    MEMORY_OR_PERCENT,
    OCTAL
  }

  /** A further rule for a number in range: may refuse it or put another in its place. */
  @FunctionalInterface
  interface NumberRule {
    long apply(long value) throws BadValueException;
  }

  /** A number within bounds. A percentage is held as a negative number. */
  record NumberType(NumberForm form, long min, long max, @Nullable NumberRule rule)
      implements ConfigType<Long> {
    private static final int PERCENT_MAX = 100;

    @Override
    public Class<Long> valueClass() {
      return Long.class;
    }

    @Override
    public Long parse(List<String> words, @Nullable Long current) throws BadValueException {
      String word = words.getFirst();
      long value =
          switch (form) {
            case INTEGER -> ConfigNumbers.integer(word);
            case MEMORY -> memory(word);
            case MEMORY_OR_PERCENT -> memoryOrPercent(word);
            case OCTAL -> octal(word);
          };
      checkRange(value);
      return rule == null ? value : rule.apply(value);
    }

    private static long memory(String word) throws BadValueException {
      long bytes = ConfigNumbers.sizeBytes(word);
      if (bytes >= 0) {
        return bytes;
      }
      if (!word.isEmpty() && word.chars().allMatch(c -> c >= '0' && c <= '9')) {
        return Long.MIN_VALUE; // a number beyond 64 bits: out of range rather than malformed
      }
      throw new BadValueException("argument must be a memory value");
    }

    private static long memoryOrPercent(String word) throws BadValueException {
      String notOne = "argument must be a memory or percent value";
      if (!word.endsWith("%")) {
        long bytes = ConfigNumbers.sizeBytes(word);
        if (bytes < 0) {
          throw new BadValueException(notOne);
        }
        return bytes;
      }
      try {
        long percent = ConfigNumbers.integer(word.substring(0, word.length() - 1));
        if (percent >= 0) {
          return percent > PERCENT_MAX ? Long.MIN_VALUE : -percent;
        }
      } catch (BadValueException notAnInteger) {
        // Falls through to the message that fits both forms.
      }
      throw new BadValueException(notOne);
    }

    private static long octal(String word) throws BadValueException {
      try {
        return Long.parseLong(word, 8);
      } catch (NumberFormatException notOctal) {
        throw new BadValueException("argument couldn't be parsed as an octal number");
      }
    }

    private void checkRange(long value) throws BadValueException {
      if (value >= min && value <= max) {
        return;
      }
      if (form == NumberForm.MEMORY_OR_PERCENT) {
        throw new BadValueException("percentage argument must be less or equal to 100");
      }
      throw new BadValueException(
          "argument must be between %s and %s inclusive".formatted(bound(min), bound(max)));
    }

    private String bound(long value) {
      return form == NumberForm.OCTAL ? Long.toOctalString(value) : Long.toString(value);
    }

    @Override
    public Setting<Long> newSetting(Directive<Long> directive, Long initial) {
      return new LongSetting(directive, initial);
    }

    @Override
    public String print(Long value) {
      return form == NumberForm.MEMORY_OR_PERCENT && value < 0 ? -value + "%" : bound(value);
    }

    @Override
    public List<String> lines(String name, Long value) {
      boolean isSize = form == NumberForm.MEMORY || form == NumberForm.MEMORY_OR_PERCENT;
      String text = isSize && value >= 0 ? ConfigNumbers.sizeText(value) : print(value);
      return List.of(name + " " + text);
    }

    @Override
    public String accepts() {
      if (form == NumberForm.MEMORY_OR_PERCENT) {
        return "size in bytes or with a unit, or 0%..100%";
      }
      String range = limitText(min) + ".." + limitText(max);
      return switch (form) {
        case MEMORY -> range + ", size";
        case OCTAL -> range + ", octal";
        default -> range;
      };
    }

    private String limitText(long limit) {
      return limit == Long.MAX_VALUE ? "2^63-1" : bound(limit);
    }
  }

  /** One of several names; each is a constant of an enum, in the same order. */
  record ChoiceType<E extends Enum<E>>(Class<E> valueClass, List<String> labels)
      implements ConfigType<E> {
    static <E extends Enum<E>> ChoiceType<E> of(Class<E> type) {
      List<String> labels = new ArrayList<>();
      for (E constant : type.getEnumConstants()) {
        labels.add(ConfigTable.lowerCase(constant.name()).replace('_', '-'));
      }
      return new ChoiceType<>(type, List.copyOf(labels));
    }

    @Override
    public E parse(List<String> words, @Nullable E current) throws BadValueException {
      int index = labels.indexOf(ConfigTable.lowerCase(words.getFirst()));
      if (index < 0) {
        throw new BadValueException(oneOf(labels));
      }
      return valueClass.getEnumConstants()[index];
    }

    static String oneOf(List<String> labels) {
      return "argument(s) must be one of the following: " + String.join(", ", labels);
    }

    @Override
    public String print(E value) {
      return labels.get(List.of(valueClass.getEnumConstants()).indexOf(value));
    }

    @Override
    public String accepts() {
      return String.join(", ", labels);
    }
  }

  /** Says what is wrong with a text; null if nothing is. */
  @FunctionalInterface
  interface TextCheck {
    @Nullable String refuse(String text);
  }

  /** A text. Where empty means "not set", CONFIG REWRITE leaves an empty one out. */
  record TextType(boolean emptyIsUnset, String accepts, @Nullable TextCheck check)
      implements ConfigType<String> {
    @Override
    public Class<String> valueClass() {
      return String.class;
    }

    @Override
    public String parse(List<String> words, @Nullable String current) throws BadValueException {
      String text = words.getFirst();
      String refusal = check == null ? null : check.refuse(text);
      if (refusal != null) {
        throw new BadValueException(refusal);
      }
      return text;
    }

    @Override
    public String print(String value) {
      return value;
    }

    @Override
    public List<String> lines(String name, String value) {
      boolean unset = emptyIsUnset && value.isEmpty();
      return unset ? List.of() : List.of(name + " " + ConfigWords.quote(value));
    }
  }
}
