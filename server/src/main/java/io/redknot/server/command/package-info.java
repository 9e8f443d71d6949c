/**
 * The commands: for each family one class with handlers and their rows.
 *
 * <p>Thread: handlers keep no state of a call; they run on the event loop of the connection, under
 * the lock of the shard where they touch keys.
 */
@NullMarked
package io.redknot.server.command;

import org.jspecify.annotations.NullMarked;
