package io.redknot.server.persistence;

import io.redknot.server.config.ServerConfig;
import io.redknot.storage.encoding.ListLimits;
import io.redknot.storage.rdb.EncodingLimits;

/** Up to when collections are kept in their small forms, as the configuration says now. */
public final class Limits {
  private Limits() {}

  /** The limits of all types. */
  public static EncodingLimits of(ServerConfig config) {
    return new EncodingLimits(
        config.hashMaxListpackEntries.get(),
        config.hashMaxListpackValue.get(),
        config.setMaxIntsetEntries.get(),
        config.setMaxListpackEntries.get(),
        config.setMaxListpackValue.get(),
        config.zsetMaxListpackEntries.get(),
        config.zsetMaxListpackValue.get(),
        ListLimits.of(config.listMaxListpackSize.getInt()));
  }
}
