package io.redknot.storage.value;

/**
 * Up to where a sorted set is kept as a listpack.
 *
 * @param entriesMax elements at most
 * @param memberBytesMax bytes of each member at most
 */
public record SortedSetLimits(long entriesMax, long memberBytesMax) {}
