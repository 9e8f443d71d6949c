/**
 * What the server tells about itself: the sections of INFO and the figures behind them.
 *
 * <p>Thread: any thread may ask. Figures of the keyspace are read under the locks of the shards,
 * one after the other; counters of other event loops may be a moment old.
 */
@NullMarked
package io.redknot.server.info;

import org.jspecify.annotations.NullMarked;
