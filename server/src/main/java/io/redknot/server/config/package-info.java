/**
 * What the operator decides: the directives of redis.conf, their values, and the CONFIG verbs.
 *
 * <p>{@link io.redknot.server.config.ConfigTable} holds one row per directive; {@link
 * io.redknot.server.config.ServerConfig} holds the values. Every text in this package is a byte
 * string: one {@code char} per byte (ISO-8859-1), because passwords and file names need not be
 * UTF-8. A RESP handler decodes arguments and encodes replies with that charset.
 *
 * <p>Thread: values may be read by any thread at any time (each is one volatile field). Changes are
 * made one at a time under the lock of the {@code ServerConfig}, and its change listeners run on
 * the thread that makes the change, with that lock held.
 */
@NullMarked
package io.redknot.server.config;

import org.jspecify.annotations.NullMarked;
