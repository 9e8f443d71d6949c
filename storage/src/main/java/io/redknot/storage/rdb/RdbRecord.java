package io.redknot.storage.rdb;

/**
 * A key of a file with all that belongs to it; the value is not decoded yet.
 *
 * @param database its number
 * @param expiryMs Unix ms, or {@link io.redknot.storage.keyspace.Keyspace#NO_EXPIRY}
 * @param idleSeconds for how long it had not been used; -1: not told
 * @param frequency its LFU counter; -1: not told
 * @param type RDB type of the value
 * @param key the key's bytes
 * @param slot of the key
 * @param value the value's bytes as they stand in the file
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, and never compared
public record RdbRecord(
    int database,
    long expiryMs,
    long idleSeconds,
    int frequency,
    int type,
    byte[] key,
    int slot,
    byte[] value) {}
