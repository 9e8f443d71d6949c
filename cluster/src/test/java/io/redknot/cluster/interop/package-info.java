/**
 * Our core and real servers in one cluster.
 *
 * <p>Thread: each core runs on the loop thread of its {@code SocketNode}.
 */
@NullMarked
package io.redknot.cluster.interop;

import org.jspecify.annotations.NullMarked;
