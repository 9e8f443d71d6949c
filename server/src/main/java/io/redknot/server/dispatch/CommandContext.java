package io.redknot.server.dispatch;

/** What a handler may reach: its connection, the keyspace under the lock, the server. */
public final class CommandContext {}
