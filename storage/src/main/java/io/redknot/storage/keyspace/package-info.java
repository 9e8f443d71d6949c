/**
 * Keys: their slots, tables, entries, expiry and iteration.
 *
 * <p>Thread: everything in a keyspace is guarded by the lock of its shard; {@link
 * io.redknot.storage.keyspace.Shard} says how it is taken.
 */
@NullMarked
package io.redknot.storage.keyspace;

import org.jspecify.annotations.NullMarked;
