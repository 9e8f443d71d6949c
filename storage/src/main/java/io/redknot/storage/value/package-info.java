/**
 * The data types on top of the keyspace's entries.
 *
 * <p>Thread: under the lock of the shard whose keyspace they work on.
 */
@NullMarked
package io.redknot.storage.value;

import org.jspecify.annotations.NullMarked;
