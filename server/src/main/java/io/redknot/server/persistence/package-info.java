/**
 * Keeping the data set on disk: snapshots in RDB files, and loading them at the start.
 *
 * <p>Thread: files are touched by the file thread and, at the start, by the main thread; what
 * others ask is answered from fields that are safe to read.
 */
@NullMarked
package io.redknot.server.persistence;

import org.jspecify.annotations.NullMarked;
