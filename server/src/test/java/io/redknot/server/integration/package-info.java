/**
 * Whole nodes as processes of their own: Redknot and redis-server side by side, driven by stock
 * redis-cli and by the cluster clients that users have.
 *
 * <p>Thread: tests run one after another; every process started here ends with the test, with the
 * class, or at the latest with the JVM.
 */
@NullMarked
package io.redknot.server.integration;

import org.jspecify.annotations.NullMarked;
