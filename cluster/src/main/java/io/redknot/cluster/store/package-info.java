/**
 * {@code nodes.conf}: its grammar as pure functions, and the locked file on disk.
 *
 * <p>Thread: grammar and records are immutable; {@code NodesConfFile} belongs to one thread.
 */
@NullMarked
package io.redknot.cluster.store;

import org.jspecify.annotations.NullMarked;
