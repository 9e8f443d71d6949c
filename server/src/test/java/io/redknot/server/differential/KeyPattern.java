package io.redknot.server.differential;

/** A pattern over names of keys: it begins with what all names of a run begin with. */
record KeyPattern(String text) {
  /** The pattern in a run. */
  String name(String prefix) {
    return prefix + text;
  }
}
