/**
 * The cluster core in the real world: its clock, its sockets, its file.
 *
 * <p>Thread: everything runs on the cluster loop, one thread of its own, so that a busy data path
 * is not taken for a dead node. Others hand requests in through its queue and read the published
 * view.
 */
@NullMarked
package io.redknot.server.bus;

import org.jspecify.annotations.NullMarked;
