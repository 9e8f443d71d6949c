package io.redknot.storage.encoding;

/**
 * Whether bytes that may come from anywhere are the listpack of a stream, see {@link StreamNode}.
 */
public final class StreamNodeCheck {
  private static final int DELETED = 1;
  private static final int SAME_FIELDS = 2;
  private static final int FLAGS = DELETED | SAME_FIELDS;

  private final byte[] lp;
  private int p;
  private boolean good = true;

  private StreamNodeCheck(byte[] lp) {
    this.lp = lp;
    this.p = Listpack.first(lp, 0);
  }

  /** Whether all elements are what they should be, and there is an entry that is not deleted. */
  public static boolean isValid(byte[] lp) {
    return Listpack.isValid(lp, 0, lp.length) && new StreamNodeCheck(lp).check();
  }

  private boolean check() {
    long live = number();
    long deleted = number();
    long fields = number();
    skip(fields);
    good &= number() == 0;
    long liveFound = 0;
    long deletedFound = 0;
    while (good && p != Listpack.NONE) {
      if (entry(fields)) {
        deletedFound++;
      } else {
        liveFound++;
      }
    }
    return good && live > 0 && live == liveFound && deleted == deletedFound;
  }

  /** Checks an entry; whether it is deleted. */
  private boolean entry(long nodeFields) {
    long flags = number();
    good &= (flags & ~FLAGS) == 0;
    number();
    number();
    boolean same = (flags & SAME_FIELDS) != 0;
    long fields = same ? nodeFields : number();
    skip(same ? fields : 2 * fields);
    good &= number() == (same ? 3 + fields : 4 + 2 * fields);
    return (flags & DELETED) != 0;
  }

  private long number() {
    if (!good || p == Listpack.NONE || !Listpack.isInteger(lp, 0, p)) {
      good = false;
      return 0;
    }
    long value = Listpack.integer(lp, 0, p);
    p = Listpack.next(lp, 0, p);
    return value;
  }

  private void skip(long elements) {
    good &= elements >= 0 && elements <= lp.length;
    for (long left = elements; good && left > 0; left--) {
      good = p != Listpack.NONE;
      p = good ? Listpack.next(lp, 0, p) : p;
    }
  }
}
