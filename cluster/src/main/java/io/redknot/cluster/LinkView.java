package io.redknot.cluster;

/**
 * One bus connection that belongs to a node, for CLUSTER LINKS.
 *
 * @param outbound {@code to} when true, {@code from} otherwise
 * @param createdMs unix time
 * @param sendBufferBytes queued bytes at the last tick
 */
public record LinkView(boolean outbound, String nodeId, long createdMs, long sendBufferBytes) {}
