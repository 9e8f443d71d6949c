/**
 * The commands: per family a file with handlers and their rows.
 *
 * <p>Thread: handlers run on the event loop of the client's connection, under the lock of the shard
 * that owns the command's keys.
 */
@NullMarked
package io.redknot.server.command;

import org.jspecify.annotations.NullMarked;
