/**
 * Publish and subscribe: channels, patterns and shard channels, and who listens to them.
 *
 * <p>Thread: any thread publishes. A subscription is made and ended on the event loop of its
 * connection, and messages are delivered there; what a stripe or the patterns hold has a lock of
 * its own, taken after those of shards.
 */
@NullMarked
package io.redknot.server.pubsub;

import org.jspecify.annotations.NullMarked;
