package io.redknot.server.tracking;

/**
 * How a client wants to be told of changes.
 *
 * @param broadcast of all keys with its prefixes, instead of those that it has read
 * @param optIn only of what it reads behind CLIENT CACHING YES
 * @param optOut not of what it reads behind CLIENT CACHING NO
 * @param noLoop not of its own changes
 * @param redirect id of the client that is told instead; 0: none
 */
public record TrackingMode(
    boolean broadcast, boolean optIn, boolean optOut, boolean noLoop, long redirect) {}
