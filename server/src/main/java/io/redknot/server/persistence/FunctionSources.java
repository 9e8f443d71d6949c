package io.redknot.server.persistence;

import io.redknot.protocol.Args;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sources of the libraries of functions in a file, by name: nothing can call them yet, but they are
 * not lost. One thread.
 *
 * <p>A source begins with a line that names its library: {@code #!lua name=LIBRARY}.
 */
final class FunctionSources {
  private static final String NAME = "name=";

  private final Map<String, byte[]> sources = new LinkedHashMap<>();

  void clear() {
    sources.clear();
  }

  /** Adds a library, in place of one of the same name. */
  void add(byte[] source) {
    sources.put(nameIn(source), source);
  }

  /** The sources, in the order in which their names came first. */
  List<byte[]> all() {
    return List.copyOf(sources.values());
  }

  /**
   * Does what a FUNCTION command in a file of commands has done.
   *
   * @return false where it is none of those that are kept so
   */
  boolean apply(Args args) {
    if (args.count() < 2 || !args.is(0, "function")) {
      return false;
    }
    if (args.is(1, "load") && args.count() > 2) {
      add(args.copy(args.count() - 1));
    } else if (args.is(1, "delete") && args.count() == 3) {
      sources.remove(args.text(2));
    } else if (args.is(1, "flush")) {
      clear();
    } else {
      return false;
    }
    return true;
  }

  /** A source that names nothing stands for itself. */
  private static String nameIn(byte[] source) {
    String text = new String(source, StandardCharsets.ISO_8859_1);
    for (String word : text.lines().findFirst().orElse("").split("\\s+", -1)) {
      if (word.startsWith(NAME)) {
        return word.substring(NAME.length());
      }
    }
    return text;
  }
}
