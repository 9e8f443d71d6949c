package io.redknot.storage.rdb;

import io.redknot.storage.encoding.ListLimits;

/**
 * Up to when collections are kept in their small forms; of the settings of the same names.
 *
 * @param hashEntries fields of a hash
 * @param hashBytes bytes of a field or value of a hash
 * @param setIntegers members of a set of integers
 * @param setEntries members of a set that is a listpack
 * @param setBytes bytes of a member of a set
 * @param zsetEntries members of a sorted set
 * @param zsetBytes bytes of a member of a sorted set
 * @param list a list
 */
public record EncodingLimits(
    long hashEntries,
    long hashBytes,
    long setIntegers,
    long setEntries,
    long setBytes,
    long zsetEntries,
    long zsetBytes,
    ListLimits list) {}
