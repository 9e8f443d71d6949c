package io.redknot.storage.rdb;

/**
 * A collection without elements, which old versions could write. In a file its key is passed over;
 * all its bytes are in order.
 */
public final class EmptyValueException extends RdbException {
  private static final long serialVersionUID = 1L;

  EmptyValueException() {
    super("a collection without elements");
  }
}
