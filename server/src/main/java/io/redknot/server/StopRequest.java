package io.redknot.server;

import io.redknot.server.config.ShutdownOptions;

/**
 * That the server is to stop.
 *
 * @param options what to do with the data before
 * @param becauseOfFailure whether the server stops because it cannot go on
 * @param onRefusal what is to be done where the server goes on, because the data cannot be saved
 */
public record StopRequest(ShutdownOptions options, boolean becauseOfFailure, Runnable onRefusal) {}
