package io.redknot.server.config;

import io.redknot.server.config.StartOptions.Print;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The texts for arguments that ask for something else than a running server. */
final class StartTexts {
  private static final String VERSION =
      "Redknot server v=%s redis_compat=%s java=%d bits=64"
          .formatted(
              StartOptions.REDKNOT_VERSION,
              StartOptions.REDIS_COMPATIBLE_VERSION,
              Runtime.version().feature());

  private static final String HELP =
      """
      Usage: redknot [file] [-] [--directive value...]...

        file                   read the configuration from this file
        -                      read more of the configuration from standard input
        --directive value...   overrule the file; every directive of redis.conf may be given
        -v, --version          print the version
        -h, --help             print this text

      Examples:
        redknot
        redknot /etc/redknot/redknot.conf --loglevel verbose
        redknot --port 7000 --cluster-enabled yes --save ""
        echo 'maxmemory 128mb' | redknot -""";

  private StartTexts() {}

  static @Nullable Print forArguments(List<String> arguments) {
    if (arguments.contains("--sentinel")) {
      return new Print("Redknot cannot run as a sentinel.", 1, true);
    }
    return switch (arguments.isEmpty() ? "" : arguments.getFirst()) {
      case "-v", "--version" -> new Print(VERSION, 0, false);
      case "-h", "--help" -> new Print(HELP, 0, false);
      case "--test-memory" ->
          new Print(
              "Redknot has no memory test; memtest86 and memtester are better ones.", 1, true);
      case "--check-system" -> new Print("Redknot has no checks of the system.", 1, true);
      default -> null;
    };
  }
}
