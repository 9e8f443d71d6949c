package io.redknot.storage.value;

import io.redknot.storage.encoding.DecimalText;
import io.redknot.storage.encoding.ElementVisitor;
import io.redknot.storage.encoding.Listpack;

/** Elements of a listpack as visitors take them: every one as text, alone or with a value. */
final class SmallElements {
  private static final int VALUE_TEXT = DecimalText.BYTES_MAX;

  /** Holds the texts of a key and a value that are kept as integers. */
  private final byte[] text = new byte[2 * DecimalText.BYTES_MAX];

  private final ElementVisitor visitor;

  SmallElements(ElementVisitor visitor) {
    this.visitor = visitor;
  }

  /** Shows an integer that has no value. */
  void show(long value) {
    int length = DecimalText.write(value, text, 0);
    visitor.element(text, 0, length, text, 0, 0);
  }

  /**
   * Shows the element at a position.
   *
   * @param stride 1: it stands alone; 2: its value follows
   */
  void show(byte[] lp, int at, int p, int stride) {
    byte[] key = lp;
    int keyAt = 0;
    int keyLength;
    if (Listpack.isInteger(lp, at, p)) {
      key = text;
      keyLength = DecimalText.write(Listpack.integer(lp, at, p), text, 0);
    } else {
      keyAt = Listpack.textOffset(lp, at, p);
      keyLength = Listpack.textLength(lp, at, p);
    }
    if (stride == 1) {
      visitor.element(key, keyAt, keyLength, text, 0, 0);
    } else {
      showPair(key, keyAt, keyLength, lp, at, Listpack.next(lp, at, p));
    }
  }

  private void showPair(byte[] key, int keyAt, int keyLength, byte[] lp, int at, int p) {
    if (Listpack.isInteger(lp, at, p)) {
      int length = DecimalText.write(Listpack.integer(lp, at, p), text, VALUE_TEXT);
      visitor.element(key, keyAt, keyLength, text, VALUE_TEXT, length);
    } else {
      int valueAt = Listpack.textOffset(lp, at, p);
      visitor.element(key, keyAt, keyLength, lp, valueAt, Listpack.textLength(lp, at, p));
    }
  }

  /** Shows all elements of a listpack. */
  void showAll(byte[] lp, int at, int stride) {
    int p = Listpack.first(lp, at);
    while (p != Listpack.NONE) {
      show(lp, at, p, stride);
      p = skip(lp, at, p, stride);
    }
  }

  /** The position behind an element and its value. */
  static int skip(byte[] lp, int at, int p, int stride) {
    int next = Listpack.next(lp, at, p);
    return stride == 1 || next == Listpack.NONE ? next : Listpack.next(lp, at, next);
  }
}
