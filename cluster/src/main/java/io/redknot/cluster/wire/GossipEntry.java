package io.redknot.cluster.wire;

/**
 * What the sender knows about one other node.
 *
 * @param pingSentSeconds unix time of an unanswered ping, 0 for none
 * @param pongReceivedSeconds unix time of the last pong, 0 for none
 * @param port the client port of the bus's own kind
 * @param secondaryPort the other client port
 * @param flags the sender's {@link NodeFlags} for that node
 */
public record GossipEntry(
    String nodeId,
    long pingSentSeconds,
    long pongReceivedSeconds,
    String ip,
    int port,
    int secondaryPort,
    int busPort,
    int flags) {

  public boolean has(int flag) {
    return (flags & flag) != 0;
  }
}
