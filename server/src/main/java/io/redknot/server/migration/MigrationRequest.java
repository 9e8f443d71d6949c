package io.redknot.server.migration;

import io.redknot.protocol.Args;
import io.redknot.server.dispatch.CommandError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What MIGRATE is asked for.
 *
 * @param host name or address of the other server
 * @param port its port, as it was given
 * @param db the database there
 * @param timeoutMs how long the other server may make no progress, at least 1
 * @param copy whether the keys are to stay here
 * @param replace whether keys that are there already are replaced
 * @param auth the words of AUTH behind its name; empty for none
 * @param firstKey the argument that is the first key, of which all that follow are keys too where
 *     there are {@code severalKeys}
 */
public record MigrationRequest(
    String host,
    String port,
    int db,
    long timeoutMs,
    boolean copy,
    boolean replace,
    List<byte[]> auth,
    int firstKey,
    boolean severalKeys) {
  private static final int HOST = 1;
  private static final int PORT = 2;
  private static final int KEY = 3;
  private static final int DB = 4;
  private static final int TIMEOUT = 5;
  private static final int FIRST_OPTION = 6;
  private static final long TIMEOUT_DEFAULT_MS = 1000;

  private static final CommandError KEY_AND_KEYS =
      CommandError.of(
          "ERR When using MIGRATE KEYS option, the key argument must be set to the empty string");

  /**
   * Reads the arguments.
   *
   * @throws CommandError where they are not those of MIGRATE
   */
  public static MigrationRequest of(Args args) {
    boolean copy = false;
    boolean replace = false;
    List<byte[]> auth = List.of();
    int firstKey = KEY;
    boolean several = false;
    for (int i = FIRST_OPTION; i < args.count() && !several; i++) {
      if (args.is(i, "copy")) {
        copy = true;
      } else if (args.is(i, "replace")) {
        replace = true;
      } else if (args.is(i, "auth")) {
        auth = words(args, i + 1, 1);
        i += 1;
      } else if (args.is(i, "auth2")) {
        auth = words(args, i + 1, 2);
        i += 2;
      } else if (args.is(i, "keys")) {
        if (args.length(KEY) > 0) {
          throw KEY_AND_KEYS;
        }
        firstKey = i + 1;
        several = true;
      } else {
        throw CommandError.SYNTAX;
      }
    }
    if (!args.isLong(TIMEOUT) || !args.isLong(DB)) {
      throw CommandError.NOT_INTEGER;
    }
    long timeoutMs = args.toLong(TIMEOUT);
    return new MigrationRequest(
        text(args, HOST),
        text(args, PORT),
        (int) args.toLong(DB),
        timeoutMs <= 0 ? TIMEOUT_DEFAULT_MS : timeoutMs,
        copy,
        replace,
        auth,
        firstKey,
        several);
  }

  private static List<byte[]> words(Args args, int first, int count) {
    if (first + count > args.count()) {
      throw CommandError.SYNTAX;
    }
    List<byte[]> words = new ArrayList<>();
    for (int i = first; i < first + count; i++) {
      words.add(args.copy(i));
    }
    return List.copyOf(words);
  }

  private static String text(Args args, int index) {
    return new String(args.copy(index), StandardCharsets.ISO_8859_1);
  }

  /** Index behind the last argument that is a key. */
  int keysEnd(Args args) {
    return severalKeys ? args.count() : firstKey + 1;
  }

  /** Names the other server among those that connections are kept to. */
  String target() {
    return host + ":" + port;
  }
}
