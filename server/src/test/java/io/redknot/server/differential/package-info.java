/**
 * The same commands, drawn at random from a seed, on a real redis-server and on Redknot, with every
 * reply compared byte for byte.
 *
 * <p>A family of commands is one class that implements {@link
 * io.redknot.server.differential.Family} and one line in {@link
 * io.redknot.server.differential.DifferentialTest}. Where a reply may differ, the step says how it
 * is compared, or {@link io.redknot.server.differential.AcceptedDifference} says why.
 *
 * <p>Thread: each test runs on its own; both servers have threads or processes of their own.
 */
@NullMarked
package io.redknot.server.differential;

import org.jspecify.annotations.NullMarked;
