/**
 * How collections lie in bytes: listpacks and intsets, which an entry holds itself, and the larger
 * structures, which keep their elements in nodes. They know bytes and numbers, no keys and no
 * types.
 *
 * <p>Thread: under the lock of the shard that owns the bytes.
 */
@NullMarked
package io.redknot.storage.encoding;

import org.jspecify.annotations.NullMarked;
