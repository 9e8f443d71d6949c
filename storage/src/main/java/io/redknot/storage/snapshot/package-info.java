/**
 * The data set as it is at one moment, written while it goes on changing.
 *
 * <p>Thread: a session is begun under all locks and driven by one thread, which takes the lock of a
 * shard for one slice at a time; what is about to change is kept under the lock by whoever changes
 * it.
 */
@NullMarked
package io.redknot.storage.snapshot;

import org.jspecify.annotations.NullMarked;
