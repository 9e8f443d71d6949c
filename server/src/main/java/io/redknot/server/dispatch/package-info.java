/**
 * From arguments to a handler: the command table, admission, routing and the context that a handler
 * sees.
 *
 * <p>Thread: tables are immutable after start; a context belongs to one connection and is used on
 * its event loop, or to one that replays a stream and is used on its thread.
 */
@NullMarked
package io.redknot.server.dispatch;

import org.jspecify.annotations.NullMarked;
