package io.redknot.cluster;

/**
 * Something that led to a failover, was part of one, or followed from it, as this node saw it.
 *
 * @param atMs when, unix ms
 * @param nodeId the node that it is about
 * @param epoch this node's current epoch
 * @param detail numbers and other nodes, for people to read
 */
public record FailoverEvent(long atMs, Kind kind, String nodeId, long epoch, String detail) {
  /** What happened. */
  public enum Kind {
    /** This node gets no answer from it. */
    SUSPECTED,
    /** Another node gets no answer from it. */
    REPORTED,
    /** A quorum of primaries gets none. */
    FAILED,
    /** It answers again. */
    RECOVERED,
    /** This node will ask for votes to replace it. */
    PLANNED,
    /** This node asks for votes to replace it. */
    ASKED,
    /** It has given this node its vote. */
    VOTE_RECEIVED,
    /** This node has given it its vote. */
    VOTE_GIVEN,
    /** This node has not given it its vote. */
    VOTE_REFUSED,
    /** A manual failover went on. */
    MANUAL,
    /** This node has got its slots. */
    REPLACED,
    /** It has got all slots of another one. */
    TOOK_OVER,
    /** The cluster is up, in this node's opinion, or down. */
    STATE;

    /** The name that is shown. */
    public String text() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
  }
}
