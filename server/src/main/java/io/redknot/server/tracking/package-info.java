/**
 * Client-side caching (CLIENT TRACKING): what clients remember of keys, and who is told that it is
 * no longer so.
 *
 * <p>Thread: what is remembered of the keys of a shard is touched under the shard's lock; a client
 * is told on the event loop that gets the message, in the order of the changes. A client reads and
 * is remembered under one lock, and is told by a later task of the same event loop: so it never
 * keeps what changed without being told.
 */
@NullMarked
package io.redknot.server.tracking;

import org.jspecify.annotations.NullMarked;
