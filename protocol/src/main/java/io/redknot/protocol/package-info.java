/**
 * RESP2 and RESP3: bytes to arguments, replies to bytes.
 *
 * <p>Thread: none of its own; every object here belongs to the event loop of its connection.
 */
@NullMarked
package io.redknot.protocol;

import org.jspecify.annotations.NullMarked;
