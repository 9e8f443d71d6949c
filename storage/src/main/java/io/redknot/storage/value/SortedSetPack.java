package io.redknot.storage.value;

import io.redknot.storage.encoding.DecimalText;
import io.redknot.storage.encoding.DoubleText;
import io.redknot.storage.encoding.Listpack;
import io.redknot.storage.encoding.ScoredVisitor;
import java.util.Arrays;

/**
 * Small sorted sets: a listpack of members, each followed by its score, in order. A score is an
 * integer or the text of a double, so -0 becomes 0. Positions are those of members.
 */
final class SortedSetPack {
  private SortedSetPack() {}

  static int count(byte[] lp, int at) {
    return Listpack.count(lp, at) / 2;
  }

  /** Position of a member, or {@link Listpack#NONE}. */
  static int find(byte[] lp, int at, byte[] member, int offset, int length) {
    return Listpack.find(lp, at, Listpack.first(lp, at), member, offset, length, 1);
  }

  /** Position of the element of a rank, which must be there. */
  static int seek(byte[] lp, int at, long rank) {
    return Listpack.seek(lp, at, (int) rank * 2);
  }

  static int next(byte[] lp, int at, int p) {
    return Listpack.next(lp, at, Listpack.next(lp, at, p));
  }

  private static int previous(byte[] lp, int at, int p) {
    int score = Listpack.previous(lp, at, p);
    return score == Listpack.NONE ? score : Listpack.previous(lp, at, score);
  }

  /** The score of the member at a position. */
  static double score(byte[] lp, int at, int p) {
    return value(lp, at, Listpack.next(lp, at, p));
  }

  private static double value(byte[] lp, int at, int p) {
    return Listpack.isInteger(lp, at, p)
        ? Listpack.integer(lp, at, p)
        : DoubleText.read(lp, Listpack.textOffset(lp, at, p), Listpack.textLength(lp, at, p));
  }

  /** The member at a position against another one, by bytes. */
  static int compare(byte[] lp, int at, int p, byte[] member, int offset, int length) {
    if (Listpack.isInteger(lp, at, p)) {
      byte[] text = new byte[DecimalText.BYTES_MAX];
      int n = DecimalText.write(Listpack.integer(lp, at, p), text, 0);
      return Arrays.compareUnsigned(text, 0, n, member, offset, offset + length);
    }
    int from = Listpack.textOffset(lp, at, p);
    int to = from + Listpack.textLength(lp, at, p);
    return Arrays.compareUnsigned(lp, from, to, member, offset, offset + length);
  }

  /** Whether each element, of a score that is a number, belongs behind the one before it. */
  static boolean isOrdered(byte[] lp) {
    byte[] text = new byte[DecimalText.BYTES_MAX];
    double before = Double.NEGATIVE_INFINITY;
    int beforeAt = Listpack.NONE;
    int p = Listpack.first(lp, 0);
    while (p != Listpack.NONE) {
      int scoreAt = Listpack.next(lp, 0, p);
      double score = value(lp, 0, scoreAt);
      // Also false where it is NaN.
      boolean behind = score > before;
      if (!behind && score == before) {
        boolean number = Listpack.isInteger(lp, 0, p);
        byte[] member = number ? text : lp;
        int from = number ? 0 : Listpack.textOffset(lp, 0, p);
        int n = number ? Listpack.copy(lp, 0, p, text, 0) : Listpack.textLength(lp, 0, p);
        behind = beforeAt == Listpack.NONE || compare(lp, 0, beforeAt, member, from, n) < 0;
      }
      if (!behind) {
        return false;
      }
      before = score;
      beforeAt = p;
      p = Listpack.next(lp, 0, scoreAt);
    }
    return true;
  }

  /** Where a member that is not there belongs: a position, or the listpack's end. */
  static int place(byte[] lp, int at, double score, byte[] member, int offset, int length) {
    int p = Listpack.first(lp, at);
    while (p != Listpack.NONE) {
      int scoreAt = Listpack.next(lp, at, p);
      double other = value(lp, at, scoreAt);
      if (other > score || (other == score && compare(lp, at, p, member, offset, length) > 0)) {
        return p;
      }
      p = Listpack.next(lp, at, scoreAt);
    }
    return Listpack.end(lp, at);
  }

  /** Number of elements before a position. */
  static int rank(byte[] lp, int at, int position) {
    int rank = 0;
    for (int p = Listpack.first(lp, at); p != position; p = next(lp, at, p)) {
      rank++;
    }
    return rank;
  }

  /** Number of elements, from the first on, of scores less than one, or equal. */
  static int countBelow(byte[] lp, int at, double score, boolean orEqual) {
    int count = 0;
    int p = Listpack.first(lp, at);
    while (p != Listpack.NONE) {
      int scoreAt = Listpack.next(lp, at, p);
      double other = value(lp, at, scoreAt);
      if (orEqual ? other > score : other >= score) {
        return count;
      }
      count++;
      p = Listpack.next(lp, at, scoreAt);
    }
    return count;
  }

  /** Number of elements, from the first on, of members less than one, or equal. */
  static int countBelow(byte[] lp, int at, byte[] member, int offset, int length, boolean orEqual) {
    int count = 0;
    for (int p = Listpack.first(lp, at); p != Listpack.NONE; p = next(lp, at, p)) {
      int order = compare(lp, at, p, member, offset, length);
      if (orEqual ? order > 0 : order >= 0) {
        return count;
      }
      count++;
    }
    return count;
  }

  /** Shows elements from a rank on, which must be there, in either direction. */
  static void visit(
      byte[] lp, int at, long rank, long elementsMax, boolean backwards, ScoredVisitor visitor) {
    byte[] text = new byte[DecimalText.BYTES_MAX];
    int p = seek(lp, at, rank);
    for (long left = elementsMax; left > 0 && p != Listpack.NONE; left--) {
      double score = score(lp, at, p);
      if (Listpack.isInteger(lp, at, p)) {
        int n = DecimalText.write(Listpack.integer(lp, at, p), text, 0);
        visitor.element(score, text, 0, n);
      } else {
        int from = Listpack.textOffset(lp, at, p);
        visitor.element(score, lp, from, Listpack.textLength(lp, at, p));
      }
      p = backwards ? previous(lp, at, p) : next(lp, at, p);
    }
  }

  /** Bytes that a member and its score take. */
  static int encodedBytes(byte[] member, int offset, int length, double score, byte[] text) {
    int scoreBytes =
        DoubleText.isInteger(score)
            ? Listpack.encodedBytes((long) score)
            : Listpack.encodedBytes(text, 0, DoubleText.write(score, text, 0));
    return Listpack.encodedBytes(member, offset, length) + scoreBytes;
  }

  /** Inserts a member and its score before a position, where there is room. */
  static void insert(
      byte[] lp, int at, int p, byte[] member, int offset, int length, double score, byte[] text) {
    int behind = Listpack.insert(lp, at, p, member, offset, length);
    if (DoubleText.isInteger(score)) {
      Listpack.insert(lp, at, behind, (long) score);
    } else {
      Listpack.insert(lp, at, behind, text, 0, DoubleText.write(score, text, 0));
    }
  }
}
