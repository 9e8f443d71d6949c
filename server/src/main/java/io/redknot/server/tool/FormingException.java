package io.redknot.server.tool;

import java.io.Serial;

/**
 * The nodes cannot become a cluster, or did not within the time; the message says which and why.
 */
final class FormingException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  FormingException(String message) {
    super(message);
  }
}
