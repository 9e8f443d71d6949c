package io.redknot.storage.encoding;

import org.jspecify.annotations.Nullable;

/**
 * A place in a list, which is one listpack or nodes with a listpack each. It shows the element
 * there, and is valid until the next verb that writes.
 */
public final class ListCursor {
  private final @Nullable NodeList list;
  private int node;
  private byte[] lp;
  private int at;
  private int p;

  /** A place in one listpack. */
  public ListCursor(byte[] lp, int at, int p) {
    this.list = null;
    this.lp = lp;
    this.at = at;
    this.p = p;
  }

  /** A place in the listpack of a list's node. */
  ListCursor(NodeList list, int node, int p) {
    this.list = list;
    this.node = node;
    this.lp = list.array(node);
    this.at = list.offset(node);
    this.p = p;
  }

  /** Whether there is an element; otherwise it is behind the last or before the first one. */
  public boolean hasElement() {
    return p != Listpack.NONE;
  }

  /** Index of the node; 0 where the list is one listpack. */
  int node() {
    return node;
  }

  /** Position in the listpack. */
  public int position() {
    return p;
  }

  /** Goes to the next element. */
  public void next() {
    p = Listpack.next(lp, at, p);
    if (p == Listpack.NONE && list != null && node + 1 < list.nodes()) {
      enter(list, node + 1);
      p = Listpack.first(lp, at);
    }
  }

  /** Goes to the element before. */
  public void previous() {
    p = Listpack.previous(lp, at, p);
    if (p == Listpack.NONE && list != null && node > 0) {
      enter(list, node - 1);
      p = Listpack.last(lp, at);
    }
  }

  private void enter(NodeList of, int index) {
    node = index;
    lp = of.array(index);
    at = of.offset(index);
  }

  /** Whether the element is kept as an integer. */
  public boolean isInteger() {
    return Listpack.isInteger(lp, at, p);
  }

  /** The element where it is kept as an integer. */
  public long integer() {
    return Listpack.integer(lp, at, p);
  }

  /** The array that holds the text of the element where it is kept as text; borrowed. */
  public byte[] array() {
    return lp;
  }

  /** First byte of that text. */
  public int offset() {
    return Listpack.textOffset(lp, at, p);
  }

  /** Length of that text. */
  public int length() {
    return Listpack.textLength(lp, at, p);
  }

  /** Whether the element is equal to a text. */
  public boolean is(byte[] text, int from, int textLength) {
    return Listpack.is(lp, at, p, text, from, textLength);
  }

  /** An owned copy of the element as text. */
  public byte[] copy() {
    byte[] text = new byte[Listpack.length(lp, at, p)];
    Listpack.copy(lp, at, p, text, 0);
    return text;
  }
}
