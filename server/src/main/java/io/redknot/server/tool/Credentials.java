package io.redknot.server.tool;

import java.io.IOException;
import java.util.List;

/**
 * Who the tool is to the nodes; one password for all of them, as a cluster has.
 *
 * @param user empty for the default user
 * @param password empty where none is asked for
 */
record Credentials(String user, String password) {
  /** {@code REDISCLI_AUTH}, as redis-cli takes it, and {@code REDISCLI_USER}. */
  static final Credentials FROM_ENVIRONMENT =
      new Credentials(variable("REDISCLI_USER"), variable("REDISCLI_AUTH"));

  private static String variable(String name) {
    String value = System.getenv(name);
    return value == null ? "" : value;
  }

  /** Shows them to a node, if there are any. */
  void present(RespClient to) throws IOException {
    if (!password.isEmpty()) {
      to.ask(
          user.isEmpty() ? new String[] {"AUTH", password} : new String[] {"AUTH", user, password});
    }
  }

  /** The words by which MIGRATE presents them. */
  List<String> ofMigrate() {
    if (password.isEmpty()) {
      return List.of();
    }
    return user.isEmpty() ? List.of("AUTH", password) : List.of("AUTH2", user, password);
  }
}
