package io.redknot.server.config;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What Redis asks of the texts that become file names, host names and process titles. */
final class TextChecks {
  private static final int HOST_NAME_BYTES_MAX = 255;
  private static final String NOT_IN_NODE_NAMES = "!#$%&()*+.:;<>?@[]^{|}~";
  private static final Set<String> TITLE_VARIABLES =
      Set.of(
          "title", "listen-addr", "server-mode", "port", "tls-port", "unixsocket", "config-file");

  private TextChecks() {}

  static @Nullable String dbFileName(String text) {
    return isPath(text) ? "dbfilename can't be a path, just a filename" : null;
  }

  static @Nullable String appendFileName(String text) {
    if (text.isEmpty()) {
      return "appendfilename can't be empty";
    }
    return isPath(text) ? "appendfilename can't be a path, just a filename" : null;
  }

  static @Nullable String appendDirName(String text) {
    if (text.isEmpty()) {
      return "appenddirname can't be empty";
    }
    return isPath(text) ? "appenddirname can't be a path, just a dirname" : null;
  }

  private static boolean isPath(String text) {
    return text.indexOf('/') >= 0 || text.indexOf('\\') >= 0;
  }

  static @Nullable String hostName(String text) {
    if (text.length() > HOST_NAME_BYTES_MAX) {
      return "Hostnames must be less than 256 characters";
    }
    boolean plain = text.chars().allMatch(c -> isLetterOrDigit(c) || c == '-' || c == '.');
    return plain ? null : "Hostnames may only contain alphanumeric characters, hyphens or dots";
  }

  static @Nullable String nodeName(String text) {
    boolean plain = text.chars().allMatch(c -> c != 0 && NOT_IN_NODE_NAMES.indexOf(c) < 0);
    return plain ? null : "Announced human node name contained invalid character";
  }

  private static boolean isLetterOrDigit(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  /** A title template names its variables in braces; a doubled brace stands for itself. */
  static @Nullable String titleTemplate(String text) {
    boolean fits = !text.isEmpty();
    int at = 0;
    while (fits && at < text.length()) {
      int open = text.indexOf('{', at);
      if (open < 0) {
        break;
      }
      if (text.startsWith("{{", open)) {
        at = open + 2;
      } else {
        int close = text.indexOf('}', open);
        fits = close > 0 && TITLE_VARIABLES.contains(text.substring(open + 1, close));
        at = close + 1;
      }
    }
    return fits ? null : "template format is invalid or contains unknown variables";
  }
}
