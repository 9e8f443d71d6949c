/**
 * Checks files of the data set while no server has them: says what is wrong, and cuts torn ends
 * off.
 *
 * <p>Thread: one.
 */
@NullMarked
package io.redknot.server.check;

import org.jspecify.annotations.NullMarked;
