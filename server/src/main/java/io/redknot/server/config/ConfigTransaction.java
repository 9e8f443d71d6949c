package io.redknot.server.config;

import io.redknot.server.config.Directive.Flag;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One CONFIG SET: checks every name, sets every value, tells the listeners, or undoes it all. */
final class ConfigTransaction {
  private static final String LOADING = "LOADING Redis is loading the dataset in memory";

  private record Step(String name, String value, Setting<?> setting) {}

  private final SettingStore store;
  private final boolean isLocal;
  private final boolean isLoading;
  private final List<Step> steps = new ArrayList<>();
  private final List<Runnable> undos = new ArrayList<>();

  ConfigTransaction(SettingStore store, boolean isLocal, boolean isLoading) {
    this.store = store;
    this.isLocal = isLocal;
    this.isLoading = isLoading;
  }

  @Nullable String run(List<String> pairs) {
    if (pairs.size() % 2 != 0) {
      return "ERR syntax error";
    }
    String refusal = admitAll(pairs);
    return refusal == null ? assignAll() : refusal;
  }

  private @Nullable String admitAll(List<String> pairs) {
    String first = null;
    for (int i = 0; i < pairs.size(); i += 2) {
      String refusal = admit(pairs.get(i), pairs.get(i + 1));
      // Clients treat LOADING as "try again later", so it goes before any other refusal.
      if (LOADING.equals(refusal)) {
        return refusal;
      }
      first = first == null ? refusal : first;
    }
    return first;
  }

  private @Nullable String admit(String name, String value) {
    Setting<?> setting = store.find(name);
    if (setting == null) {
      return "ERR Unknown option or number of arguments for CONFIG SET - '" + name + "'";
    }
    Directive<?> directive = setting.directive();
    if (directive.is(Flag.IMMUTABLE)) {
      return failed(name, "can't set immutable config");
    }
    if (directive.is(Flag.PROTECTED) && !protectedAllowed()) {
      return failed(name, "can't set protected config");
    }
    if (isLoading && directive.is(Flag.NOT_WHILE_LOADING)) {
      return LOADING;
    }
    for (Step step : steps) {
      if (step.name.equalsIgnoreCase(name)) {
        return failed(name, "duplicate parameter");
      }
    }
    steps.add(new Step(name, value, setting));
    return null;
  }

  private boolean protectedAllowed() {
    return store.value("enable-protected-configs", Choices.Access.class).get().allows(isLocal);
  }

  private @Nullable String assignAll() {
    Map<Setting<?>, String> changed = new LinkedHashMap<>();
    for (Step step : steps) {
      undos.add(step.setting.undo());
      try {
        if (step.setting.assign(step.value)) {
          changed.putIfAbsent(step.setting, ConfigTable.lowerCase(step.name));
        }
      } catch (BadValueException bad) {
        undoAll();
        return failed(ConfigTable.lowerCase(step.name), bad.reason());
      }
    }
    return tellAll(changed);
  }

  private @Nullable String tellAll(Map<Setting<?>, String> changed) {
    Set<ChangeListener> told = new LinkedHashSet<>();
    for (Map.Entry<Setting<?>, String> change : changed.entrySet()) {
      for (ChangeListener listener : store.listenersOf(change.getKey())) {
        String refusal = told.add(listener) ? listener.onChange() : null;
        if (refusal != null) {
          undoAll();
          // What has been applied is applied again, now from the old values.
          told.forEach(ChangeListener::onChange);
          return failed(change.getValue(), refusal);
        }
      }
    }
    return null;
  }

  private void undoAll() {
    undos.reversed().forEach(Runnable::run);
  }

  private static String failed(String name, String reason) {
    return "ERR CONFIG SET failed (possibly related to argument '%s') - %s".formatted(name, reason);
  }
}
