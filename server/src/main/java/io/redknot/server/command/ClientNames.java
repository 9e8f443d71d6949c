package io.redknot.server.command;

import io.redknot.server.dispatch.CommandError;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** What names and secrets that clients send may look like. */
final class ClientNames {
  private static final CommandError BAD_NAME =
      CommandError.of("ERR Client names cannot contain spaces, newlines or special characters.");

  private ClientNames() {}

  /** Only {@code !} to {@code ~}. */
  static boolean isPrintable(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '!' || text.charAt(i) > '~') {
        return false;
      }
    }
    return true;
  }

  static void check(String name) {
    if (!isPrintable(name)) {
      throw BAD_NAME;
    }
  }

  /** Compares in a time that does not tell where the texts differ. */
  static boolean sameSecret(String wanted, String given) {
    return MessageDigest.isEqual(
        wanted.getBytes(StandardCharsets.ISO_8859_1), given.getBytes(StandardCharsets.ISO_8859_1));
  }
}
