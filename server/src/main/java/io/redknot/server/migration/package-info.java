/**
 * MIGRATE: keys go to another server while this one goes on serving.
 *
 * <p>Thread: the event loop of the client that gave the command. It takes the values and removes
 * the keys under their shard's lock, and owns the connections to other servers and everything that
 * waits for their replies.
 */
@NullMarked
package io.redknot.server.migration;

import org.jspecify.annotations.NullMarked;
