/**
 * Memory for keys and values: blocks inside large {@code byte[]} pages, which the garbage collector
 * neither traces nor moves one by one.
 *
 * <p>Thread: an arena belongs to one keyspace and is used under the lock of its shard.
 */
@NullMarked
package io.redknot.storage.memory;

import org.jspecify.annotations.NullMarked;
