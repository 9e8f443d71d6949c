/**
 * The bytes of the Redis Cluster bus: layout, messages as immutable values, decoder and encoder.
 *
 * <p>Thread: everything here is immutable or stateless; any thread may use it.
 */
@NullMarked
package io.redknot.cluster.wire;

import org.jspecify.annotations.NullMarked;
