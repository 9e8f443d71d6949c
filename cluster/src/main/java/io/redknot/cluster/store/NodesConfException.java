package io.redknot.cluster.store;

/** The cluster configuration file cannot be used; it is left as it is. */
public final class NodesConfException extends Exception {
  private static final long serialVersionUID = 1L;

  public NodesConfException(String message) {
    super(message);
  }

  static NodesConfException atLine(int line, String problem) {
    return new NodesConfException("Corrupted cluster config file, line " + line + ": " + problem);
  }
}
