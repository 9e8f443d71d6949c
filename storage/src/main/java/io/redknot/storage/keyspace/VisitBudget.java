package io.redknot.storage.keyspace;

/** How many more entries a visit may look at. */
final class VisitBudget {
  private long left;

  /** Allows that many more. */
  void allow(long entries) {
    left = entries;
  }

  /** Counts one entry; whether another may follow. */
  boolean takeOne() {
    return --left > 0;
  }

  /** What is left; 0 or less: nothing. */
  long left() {
    return left;
  }
}
