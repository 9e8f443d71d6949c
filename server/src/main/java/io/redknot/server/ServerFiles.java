package io.redknot.server;

import io.redknot.server.config.ServerConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Files that the configuration names. */
public final class ServerFiles {
  private ServerFiles() {}

  /**
   * The place of a file: a relative name starts at {@code dir}, because the process itself cannot
   * change its working directory.
   *
   * @param name a byte string as the configuration holds it, one {@code char} a byte
   */
  public static Path path(ServerConfig config, String name) {
    byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
    return config.dir.get().resolve(new String(bytes, StandardCharsets.UTF_8));
  }
}
