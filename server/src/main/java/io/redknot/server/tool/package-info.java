/**
 * What {@code scripts/cluster} needs beyond a shell: forming a cluster of running nodes and telling
 * its state, without {@code redis-cli}.
 *
 * <p>A process of its own, never loaded by the server; it speaks to the nodes over their client
 * ports, as any client does.
 *
 * <p>Thread: one, the main thread; every call blocks, with a limit.
 */
@NullMarked
package io.redknot.server.tool;

import org.jspecify.annotations.NullMarked;
