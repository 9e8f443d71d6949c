package io.redknot.server.command;

/** The commands that search for places differ in how they are told where and what to do. */
enum GeoForm {
  RADIUS(1, 6),
  RADIUS_RO(1, 6),
  RADIUS_BY_MEMBER(1, 5),
  RADIUS_BY_MEMBER_RO(1, 5),
  SEARCH(1, 2),
  SEARCH_STORE(2, 3);

  private final int source;
  private final int firstOption;

  GeoForm(int source, int firstOption) {
    this.source = source;
    this.firstOption = firstOption;
  }

  /** The argument that is the key to search. */
  int source() {
    return source;
  }

  /** The first argument that has no fixed place. */
  int firstOption() {
    return firstOption;
  }

  boolean isByPlace() {
    return this == RADIUS || this == RADIUS_RO;
  }

  boolean isByMember() {
    return this == RADIUS_BY_MEMBER || this == RADIUS_BY_MEMBER_RO;
  }

  boolean isSearch() {
    return this == SEARCH || this == SEARCH_STORE;
  }

  /** Whether STORE and STOREDIST may name a key. */
  boolean takesStoreKey() {
    return this == RADIUS || this == RADIUS_BY_MEMBER;
  }
}
