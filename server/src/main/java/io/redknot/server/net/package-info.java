/**
 * Connections: accepting them, reading requests, writing replies, and the register of clients.
 *
 * <p>Thread: everything of a connection belongs to its event loop; other threads hand it tasks. The
 * few fields that CLIENT LIST shows are read by any thread.
 */
@NullMarked
package io.redknot.server.net;

import org.jspecify.annotations.NullMarked;
