/**
 * The cluster core: membership, epochs, slot ownership, failure detection and elections as a pure
 * state machine.
 *
 * <p>Thread: confined to whoever drives it (the cluster loop, or a simulator); views are immutable.
 */
@NullMarked
package io.redknot.cluster;

import org.jspecify.annotations.NullMarked;
