/**
 * What the server counts and remembers about itself: commands, errors, latencies, slow commands.
 *
 * <p>Thread: {@link io.redknot.server.stats.LoopStats} is written by one event loop and read by
 * anybody; everything else may be used by any thread.
 */
@NullMarked
package io.redknot.server.stats;

import org.jspecify.annotations.NullMarked;
