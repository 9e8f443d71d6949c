package io.redknot.storage.encoding;

/** Gets the fields and values of an entry in turn, each as text or as a number. */
public interface EntryVisitor {
  /** A field or a value; the bytes are borrowed until the visitor returns. */
  void text(byte[] array, int offset, int length);

  /** A field or a value that is kept as a number: its decimal text is meant. */
  void integer(long value);
}
