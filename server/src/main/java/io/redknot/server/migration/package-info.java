/**
 * MIGRATE: keys go to another server while this one goes on serving.
 *
 * <p>Thread: values are taken, and keys removed, under their shard's lock by whoever gave the
 * command and by the event loop that all connections to other servers belong to. That loop owns
 * those connections and everything that waits for their replies.
 */
@NullMarked
package io.redknot.server.migration;

import org.jspecify.annotations.NullMarked;
