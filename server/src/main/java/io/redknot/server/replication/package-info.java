/**
 * The stream of changes: what commands have done to the data set, in a form that does the same
 * wherever it is executed.
 *
 * <p>Thread: effects are collected under the lock of the shard that they change and belong to the
 * thread that holds it; the stream itself has a lock of its own, taken last.
 */
@NullMarked
package io.redknot.server.replication;

import org.jspecify.annotations.NullMarked;
