package io.redknot.server.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The settings by name, and the CONFIG verbs that work on names. */
abstract sealed class SettingStore permits ServerConfig {
  private final Map<String, Setting<?>> byName = new LinkedHashMap<>();
  private final Map<Setting<?>, List<ChangeListener>> listeners = new LinkedHashMap<>();

  SettingStore(ConfigEnvironment environment) {
    for (Directive<?> directive : ConfigTable.all()) {
      Setting<?> setting = Setting.of(directive, environment.defaultOf(directive));
      for (String name : directive.names()) {
        byName.put(name, setting);
      }
    }
  }

  /**
   * CONFIG GET: the values whose name or alias fits one of the patterns, in any case of letters.
   *
   * @return without duplicates, in the order of the patterns; hidden names only if named exactly,
   *     and a name without wildcards as it was asked for
   */
  public final List<NamedText> get(List<String> patterns) {
    Map<String, NamedText> found = new LinkedHashMap<>();
    for (String pattern : patterns) {
      String lower = ConfigTable.lowerCase(pattern);
      if (NamePattern.isPattern(pattern)) {
        addMatches(lower, found);
      } else {
        Setting<?> setting = byName.get(lower);
        if (setting != null) {
          found.putIfAbsent(lower, new NamedText(pattern, setting.text()));
        }
      }
    }
    return List.copyOf(found.values());
  }

  private void addMatches(String pattern, Map<String, NamedText> found) {
    byName.forEach(
        (name, setting) -> {
          boolean hidden = setting.directive().is(Directive.Flag.HIDDEN);
          if (!hidden && NamePattern.matches(pattern, name)) {
            found.putIfAbsent(name, new NamedText(name, setting.text()));
          }
        });
  }

  /**
   * CONFIG SET: sets all of the named values, or none.
   *
   * @param namesAndValues a name, its value, and so on
   * @param isLocal whether the client is connected from this machine
   * @param isLoading whether a data set is being loaded
   * @return null if all values are set, else the error reply without its leading {@code -}
   */
  public final synchronized @Nullable String set(
      List<String> namesAndValues, boolean isLocal, boolean isLoading) {
    return new ConfigTransaction(this, isLocal, isLoading).run(namesAndValues);
  }

  /**
   * Sets one value on the server's own account, whatever its flags; no listener is told.
   *
   * @throws IllegalArgumentException if there is no such directive or the value does not fit
   */
  public final synchronized void put(String name, String value) {
    Setting<?> setting = require(name);
    try {
      setting.assign(value);
    } catch (BadValueException bad) {
      throw new IllegalArgumentException(name + " " + value + ": " + bad.reason(), bad);
    }
  }

  /**
   * Returns a value as CONFIG GET prints it.
   *
   * @throws IllegalArgumentException if there is no such directive
   */
  public final String text(String name) {
    return require(name).text();
  }

  /** Has the listener called, in order of registration, after CONFIG SET changed the value. */
  public final synchronized void onChange(String name, ChangeListener listener) {
    listeners.computeIfAbsent(require(name), key -> new ArrayList<>()).add(listener);
  }

  final synchronized List<ChangeListener> listenersOf(Setting<?> setting) {
    return List.copyOf(listeners.getOrDefault(setting, List.of()));
  }

  final @Nullable Setting<?> find(String name) {
    return byName.get(ConfigTable.lowerCase(name));
  }

  final Setting<?> require(String name) {
    Setting<?> setting = find(name);
    if (setting == null) {
      throw new IllegalArgumentException("no directive " + name);
    }
    return setting;
  }

  final BoolSetting bool(String name) {
    return (BoolSetting) require(name);
  }

  final LongSetting number(String name) {
    return (LongSetting) require(name);
  }

  final ValueSetting<String> string(String name) {
    return value(name, String.class);
  }

  @SuppressWarnings("unchecked") // the class of the values is compared just before
  final <T> ValueSetting<T> value(String name, Class<T> type) {
    Setting<?> setting = require(name);
    if (!setting.directive().type().valueClass().equals(type)) {
      throw new IllegalArgumentException(name + " is no " + type);
    }
    return (ValueSetting<T>) setting;
  }
}
