package io.redknot.server.tool;

import java.io.IOException;
import java.io.Serial;

/** A node answered with an error; the message is the node's. The connection stays usable. */
final class ReplyException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private final String error;

  ReplyException(NodeAddress node, String error) {
    super(node + " answered: " + error);
    this.error = error;
  }

  /** The error as the node gave it, its first word the code. */
  String error() {
    return error;
  }
}
