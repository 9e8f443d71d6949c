package io.redknot.server.differential;

/** The number of a key of the pool; its name is different in every run of a sequence. */
record Key(int number) {
  /** The name in a run. */
  String name(String prefix) {
    return prefix + number;
  }
}
