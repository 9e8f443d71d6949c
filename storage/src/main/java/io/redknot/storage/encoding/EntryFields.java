package io.redknot.storage.encoding;

/** Fields and values of an entry that is to be added, one behind the other, in one array. */
public interface EntryFields {
  /** Number of texts: two for each pair. */
  int count();

  /** The array that holds all texts; not a page. */
  byte[] array();

  /** First byte of a text in {@link #array}. */
  int offset(int index);

  /** Length of a text in bytes. */
  int length(int index);
}
