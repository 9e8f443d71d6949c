package io.redknot.server.replication;

import java.util.Locale;

/**
 * Which history the data set has, and which one it had before this node began its own.
 *
 * @param id of the present one
 * @param previousId of the one before, {@link ReplicationId#NONE} without
 * @param previousEnd the first offset that is not part of the one before; -1 without
 */
public record History(String id, String previousId, long previousEnd) {
  /** A history that has just begun, with none before. */
  static History fresh() {
    return new History(ReplicationId.random(), ReplicationId.NONE, -1);
  }

  /** That of another node, whose data was taken as a whole. */
  static History of(String id) {
    return new History(id, ReplicationId.NONE, -1);
  }

  /** A new one that goes on where the present one has been left. */
  History continuedAs(String newId, long offset) {
    return new History(newId, id, offset + 1);
  }

  /** The one before, where nothing was added to it: the data set is no more than a part of that. */
  History withoutEmpty(long offset) {
    return offset + 1 == previousEnd ? of(previousId) : this;
  }

  /** Whether a node that asks for the stream from an offset on has the same past. */
  boolean contains(String askedId, long askedOffset) {
    String asked = askedId.toLowerCase(Locale.ROOT);
    return asked.equals(id) || (asked.equals(previousId) && askedOffset <= previousEnd);
  }
}
