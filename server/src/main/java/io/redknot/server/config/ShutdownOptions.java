package io.redknot.server.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a signal to stop does. Without any option the data is saved if save points are set.
 *
 * @param save save even without save points
 * @param nosave do not save
 * @param now do not wait for replicas that lag
 * @param force stop even if saving fails
 */
public record ShutdownOptions(boolean save, boolean nosave, boolean now, boolean force) {
  private static final List<String> LABELS = List.of("default", "save", "nosave", "now", "force");

  static final ConfigType<ShutdownOptions> TYPE = new Type();

  private record Type() implements ConfigType<ShutdownOptions> {
    @Override
    public Class<ShutdownOptions> valueClass() {
      return ShutdownOptions.class;
    }

    @Override
    public ShutdownOptions parse(List<String> words, @Nullable ShutdownOptions current)
        throws BadValueException {
      List<String> given = words.stream().map(ConfigTable::lowerCase).toList();
      if (given.isEmpty() || !LABELS.containsAll(given)) {
        throw new BadValueException(ScalarTypes.ChoiceType.oneOf(LABELS));
      }
      if (given.contains("save") && given.contains("nosave")) {
        throw new BadValueException(
            "shutdown options SAVE and NOSAVE can't be used simultaneously");
      }
      return new ShutdownOptions(
          given.contains("save"),
          given.contains("nosave"),
          given.contains("now"),
          given.contains("force"));
    }

    @Override
    public String print(ShutdownOptions value) {
      List<String> words = new ArrayList<>();
      boolean[] given = {value.save, value.nosave, value.now, value.force};
      for (int i = 0; i < given.length; i++) {
        if (given[i]) {
          words.add(LABELS.get(i + 1));
        }
      }
      return words.isEmpty() ? LABELS.getFirst() : String.join(" ", words);
    }

    @Override
    public boolean takesManyWords() {
      return true;
    }

    @Override
    public String accepts() {
      return String.join(", ", LABELS) + "; several";
    }
  }
}
