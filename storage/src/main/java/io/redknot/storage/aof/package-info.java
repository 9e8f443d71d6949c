/**
 * The formats of the append-only file in Redis 7's parts: the manifest, the commands, and the data
 * set written as commands.
 *
 * <p>Thread: nothing here starts one or knows a lock; whoever uses an object sees to that.
 */
@NullMarked
package io.redknot.storage.aof;

import org.jspecify.annotations.NullMarked;
