/**
 * The process: arguments, start and stop.
 *
 * <p>Thread: the main thread starts everything and then waits.
 */
@NullMarked
package io.redknot.server;

import org.jspecify.annotations.NullMarked;
