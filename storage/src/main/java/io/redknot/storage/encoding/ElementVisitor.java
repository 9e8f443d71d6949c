package io.redknot.storage.encoding;

/** Gets the elements of a collection, each a key and a value. */
@FunctionalInterface
public interface ElementVisitor {
  /**
   * Gets an element. The bytes are borrowed and valid until this returns. The visitor must not
   * change the collection.
   */
  void element(
      byte[] keyArray,
      int keyOffset,
      int keyLength,
      byte[] valueArray,
      int valueOffset,
      int valueLength);
}
