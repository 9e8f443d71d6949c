package io.redknot.storage.keyspace;

import io.redknot.storage.memory.KeyHash;
import io.redknot.storage.memory.PagePool;
import java.util.random.RandomGenerator;

/** What the keyspaces of a shard share. */
record ShardTools(
    KeyHash hash,
    AccessClock clock,
    KeyspaceStats stats,
    ShardEvents events,
    PagePool pages,
    RandomGenerator random) {}
