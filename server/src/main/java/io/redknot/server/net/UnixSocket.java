package io.redknot.server.net;

import io.netty.channel.Channel;
import io.netty.channel.ServerChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The socket in the file system on which clients of this host arrive: {@code unixsocket}. */
final class UnixSocket {
  private static final Logger LOG = LoggerFactory.getLogger(UnixSocket.class);

  /** What the system has room for, with the 0 at the end. */
  private static final int PATH_BYTES = 108;

  private static final int OWNER_READS = 0400;

  private final Path path;
  private @Nullable Channel channel;

  UnixSocket(Path path) {
    this.path = path;
  }

  /**
   * Listens, in place of whoever may have done so before.
   *
   * @param permissions as chmod takes them; 0: those that the system gives
   * @return the channel, to be registered
   */
  ServerChannel open(Transport transport, int backlog, int permissions) throws IOException {
    int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
    if (bytes >= PATH_BYTES) {
      throw refused("unix socket path too long (" + bytes + "), must be under " + PATH_BYTES, null);
    }
    try {
      removeFile();
      ServerChannel opened = transport.listenAt(path, backlog, () -> permit(permissions));
      channel = opened;
      return opened;
    } catch (IOException failure) {
      throw refused(String.valueOf(failure.getMessage()), failure);
    }
  }

  private static IOException refused(String reason, @Nullable IOException cause) {
    return new IOException("Failed opening Unix socket: " + reason, cause);
  }

  private void permit(int permissions) throws IOException {
    if (permissions == 0) {
      return;
    }
    Set<PosixFilePermission> granted = EnumSet.noneOf(PosixFilePermission.class);
    int bit = OWNER_READS;
    // In the order in which ls shows them: rwxrwxrwx.
    for (PosixFilePermission permission : PosixFilePermission.values()) {
      if ((permissions & bit) != 0) {
        granted.add(permission);
      }
      bit >>= 1;
    }
    Files.setPosixFilePermissions(path, granted);
  }

  private void removeFile() throws IOException {
    if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      Files.deleteIfExists(path);
    }
  }

  /** Listens no longer; the file is gone. */
  void close() {
    Channel open = channel;
    if (open == null) {
      return;
    }
    LOG.info("Removing the unix socket file.");
    open.close().awaitUninterruptibly();
    try {
      removeFile();
    } catch (IOException failure) {
      LOG.warn("Error removing the unix socket file: {}", failure.getMessage());
    }
  }
}
