package io.redknot.server.dispatch;

import io.redknot.server.ServerSettings;
import io.redknot.server.net.PeerAddress;

/** Commands that the configuration must allow, for everybody or for local connections. */
public enum Guard {
  NONE(""),
  DEBUG(text("DEBUG", "enable-debug-command")),
  MODULE(text("MODULE", "enable-module-command"));

  private final CommandError refusal;

  Guard(String refusal) {
    this.refusal = CommandError.of(refusal);
  }

  private static String text(String command, String option) {
    return "ERR "
        + command
        + " command not allowed. If the "
        + option
        + " option is set to \"local\", you can run it from a local connection, otherwise you need"
        + " to set this option in the configuration file, and then restart the server.";
  }

  boolean allows(ServerSettings settings, PeerAddress peer) {
    return switch (this) {
      case NONE -> true;
      case DEBUG -> allows(settings.enableDebugCommand(), peer);
      case MODULE -> allows(settings.enableModuleCommand(), peer);
    };
  }

  private static boolean allows(String setting, PeerAddress peer) {
    return setting.equals("yes") || setting.equals("local") && peer.loopback();
  }

  CommandError refusal() {
    return refusal;
  }
}
