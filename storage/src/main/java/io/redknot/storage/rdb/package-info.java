/**
 * Values and data sets as bytes: the RDB format of Redis, in files, over sockets and in the
 * payloads of DUMP and RESTORE. What is read may come from anybody: no length is trusted.
 *
 * <p>Thread: whoever owns the stream; values are touched under the lock of their shard.
 */
@NullMarked
package io.redknot.storage.rdb;

import org.jspecify.annotations.NullMarked;
