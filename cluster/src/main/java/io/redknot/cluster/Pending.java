package io.redknot.cluster;

/** Work that is done once at the end of an event, however often it was asked for. */
final class Pending {
  private boolean save;
  private boolean later;
  private boolean fsync;
  private boolean health;
  private boolean election;
  private boolean view;

  void save() {
    save = true;
    view = true;
  }

  /** For what another event is about to save: the next one that does, or the next tick. */
  void saveLater() {
    later = true;
    view = true;
  }

  /** A tick has come. */
  void saveWhatWaits() {
    save |= later;
  }

  /** For what the cluster relies on: epochs, votes, and slots changed by the bus. */
  void saveDurably() {
    save();
    fsync = true;
  }

  void health() {
    health = true;
    view = true;
  }

  /** For what only time can have changed. */
  void healthAgain() {
    health = true;
  }

  void election() {
    election = true;
  }

  void view() {
    view = true;
  }

  boolean takeHealth() {
    boolean was = health;
    health = false;
    return was;
  }

  boolean takeElection() {
    boolean was = election;
    election = false;
    return was;
  }

  boolean wantsSave() {
    return save;
  }

  boolean wantsFsync() {
    return fsync;
  }

  boolean wantsView() {
    return view;
  }

  void drained() {
    later &= !save;
    save = false;
    fsync = false;
    view = false;
  }
}
