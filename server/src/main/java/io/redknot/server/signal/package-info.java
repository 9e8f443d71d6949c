/**
 * Who is told what happens to keys: clients that watch them, that wait for them, and that remember
 * them.
 *
 * <p>Thread: what belongs to a shard is touched under the shard's lock. Nothing here writes to a
 * connection: what a client is to be told is handed to its event loop.
 */
@NullMarked
package io.redknot.server.signal;

import org.jspecify.annotations.NullMarked;
