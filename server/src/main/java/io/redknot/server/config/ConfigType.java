package io.redknot.server.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the text of a directive becomes a value and a value becomes text again. */
interface ConfigType<T> {
  Class<T> valueClass();

  /**
   * Reads a value.
   *
   * @param words exactly one word, unless {@link #takesManyWords}
   * @param current the value to be replaced; null when the default is read
   */
  T parse(List<String> words, @Nullable T current) throws BadValueException;

  /** Reads one more line of the same directive in the same file; most types keep the last line. */
  default T parseAgain(List<String> words, T current) throws BadValueException {
    return parse(words, current);
  }

  /** The text that CONFIG GET answers. */
  String print(T value);

  /** The lines CONFIG REWRITE writes; none if the directive is best left out. */
  default List<String> lines(String name, T value) {
    return List.of(name + " " + print(value));
  }

  default boolean takesManyWords() {
    return false;
  }

  /** The cell that holds a value of this type; some hold a primitive, so that reading is cheap. */
  default Setting<T> newSetting(Directive<T> directive, T initial) {
    return new ValueSetting<>(directive, initial);
  }

  /** The accepted values in words, for the documentation. */
  String accepts();
}
