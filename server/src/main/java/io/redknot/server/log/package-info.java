/**
 * Log lines in the form of redis-server, set up in code.
 *
 * <p>Thread: any thread logs; one lock orders the lines.
 */
@NullMarked
package io.redknot.server.log;

import org.jspecify.annotations.NullMarked;
