package io.redknot.server.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Every directive of Redis 7.2, and those of Redknot's own, in the order of the documentation. */
public final class ConfigTable {
  /** A directive whose default is the working directory. */
  static final String DIR = "dir";

  /** A directive whose default follows from the number of cores. */
  static final String IO_THREADS = "io-threads";

  private static final List<Directive<?>> ROWS = rows();
  private static final Map<String, Directive<?>> BY_NAME = byName();

  private ConfigTable() {}

  private static List<Directive<?>> rows() {
    List<Directive<?>> rows = new ArrayList<>();
    NodeDirectives.addTo(rows);
    DataDirectives.addTo(rows);
    ReplicationDirectives.addTo(rows);
    return List.copyOf(rows);
  }

  private static Map<String, Directive<?>> byName() {
    Map<String, Directive<?>> map = new LinkedHashMap<>();
    for (Directive<?> row : ROWS) {
      for (String name : row.names()) {
        if (map.put(name, row) != null) {
          throw new IllegalStateException("two directives are called " + name);
        }
      }
    }
    return map;
  }

  static List<Directive<?>> all() {
    return ROWS;
  }

  static @Nullable Directive<?> find(String name) {
    return BY_NAME.get(lowerCase(name));
  }

  /** Returns whether the value of a directive is a secret that logs and MONITOR must not show. */
  public static boolean isSensitive(String name) {
    Directive<?> row = find(name);
    return row != null && row.is(Directive.Flag.SENSITIVE);
  }

  /** Lowers ASCII letters; names and keywords of the configuration are ASCII. */
  static String lowerCase(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
