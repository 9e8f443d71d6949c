package io.redknot.server.dispatch;

import io.redknot.server.config.Choices;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.net.PeerAddress;

/** Commands that the configuration must allow, for everybody or for local connections. */
public enum Guard {
  NONE(""),
  DEBUG(text("DEBUG", "enable-debug-command")),
  MODULE(text("MODULE", "enable-module-command"));

  private final String refusal;

  Guard(String refusal) {
    this.refusal = refusal;
  }

  private static String text(String command, String option) {
    return "ERR "
        + command
        + " command not allowed. If the "
        + option
        + " option is set to \"local\", you can run it from a local connection, otherwise you need"
        + " to set this option in the configuration file, and then restart the server.";
  }

  boolean allows(ServerConfig config, PeerAddress peer) {
    return switch (this) {
      case NONE -> true;
      case DEBUG -> config.enableDebugCommand.get().allows(peer.loopback());
      case MODULE -> moduleAccess(config).allows(peer.loopback());
    };
  }

  private static Choices.Access moduleAccess(ServerConfig config) {
    return switch (config.text("enable-module-command")) {
      case "yes" -> Choices.Access.YES;
      case "local" -> Choices.Access.LOCAL;
      default -> Choices.Access.NO;
    };
  }

  CommandError refusal() {
    return CommandError.of(refusal);
  }
}
