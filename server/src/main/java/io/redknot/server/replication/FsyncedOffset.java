package io.redknot.server.replication;

import io.redknot.server.persistence.AppendOnly;

/**
 * How much of its primary's stream a replica has on its disk. The file knows only its own
 * positions, so that pairs of both are remembered, one at a time.
 *
 * <p>Asked on the event loop that applies the stream: what is applied has been appended there.
 */
final class FsyncedOffset {
  /** Nothing is kept on disk, or not all that was there at the beginning. */
  static final long NONE = -1;

  private final AppendOnly file;
  private long known;
  private boolean waits;
  private long waitingOffset;
  private long waitingAppended;

  FsyncedOffset(AppendOnly file) {
    this.file = file;
  }

  /**
   * The offset up to which all is on disk.
   *
   * @param offset up to which all is applied
   */
  long at(long offset) {
    long durable = file.durable();
    if (durable == AppendOnly.NOT_DURABLE) {
      waits = false;
      return NONE;
    }
    long appended = file.appended();
    if (waits && durable >= waitingAppended) {
      known = waitingOffset;
      waits = false;
    }
    if (durable >= appended) {
      known = offset;
    } else if (!waits) {
      waits = true;
      waitingOffset = offset;
      waitingAppended = appended;
    }
    return known;
  }
}
