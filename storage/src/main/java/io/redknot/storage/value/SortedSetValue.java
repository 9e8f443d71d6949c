package io.redknot.storage.value;

import io.redknot.storage.encoding.DoubleText;
import io.redknot.storage.encoding.Listpack;
import io.redknot.storage.encoding.PackCheck;
import io.redknot.storage.encoding.ScoredVisitor;
import io.redknot.storage.keyspace.EntryFormat;
import io.redknot.storage.keyspace.Keyspace;
import java.util.Arrays;

/**
 * The sorted set of a key: small ones are a listpack in the entry, see {@link SortedSetPack}, large
 * ones a {@link SortedSet}. Elements are in the order of their scores, which are never NaN, and
 * where these are equal of their members' bytes; ranks count from 0.
 *
 * <p>An instance stands for the key during one command and keeps track of the entry when that
 * moves. An emptied set takes its key with it; then only {@link #isRemoved} may be asked.
 */
public final class SortedSetValue {
  /** A listpack of more bytes is not made. */
  private static final int PACK_BYTES_MAX = 1 << 30;

  /** One of so many elements or more is wanted: drawing beats looking at all of them. */
  private static final int SPARSE = 4;

  private static final byte[] NOTHING = {};

  private final Keyspace keys;
  private final SortedSetLimits limits;
  private long ref;

  /** The member that was looked up last: its position in the listpack, and its score. */
  private int position = Listpack.NONE;

  private double score = Double.NaN;

  private SortedSetValue(Keyspace keys, long ref, SortedSetLimits limits) {
    this.keys = keys;
    this.ref = ref;
    this.limits = limits;
  }

  /**
   * The sorted set of an entry that is one.
   *
   * @param ref what a look-up of the key just returned
   */
  public static SortedSetValue of(Keyspace keys, long ref, SortedSetLimits limits) {
    return new SortedSetValue(keys, ref, limits);
  }

  /**
   * Makes a key with an empty sorted set, to which an element must then be added.
   *
   * @param elements how many will be added, about
   * @param memberBytes length of the first member
   */
  public static SortedSetValue create(
      Keyspace keys,
      byte[] key,
      int offset,
      int length,
      SortedSetLimits limits,
      long elements,
      long memberBytes) {
    long ref;
    if (elements > limits.entriesMax() || memberBytes > limits.memberBytesMax()) {
      SortedSet set = new SortedSet(keys.nodes(), keys.hash());
      ref = keys.putLarge(0, key, offset, length, EntryFormat.TYPE_ZSET, set);
    } else {
      ref = putPack(keys, 0, key, offset, length, Listpack.EMPTY_BYTES);
      Listpack.clear(keys.valueArray(ref), keys.valueOffset(ref));
    }
    return new SortedSetValue(keys, ref, limits);
  }

  /**
   * Whether a valid listpack from elsewhere is a small sorted set: members, each with its score, in
   * order and each there once.
   */
  public static boolean isPack(byte[] lp) {
    return Listpack.count(lp, 0) % 2 == 0
        && SortedSetPack.isOrdered(lp)
        && PackCheck.hasDistinctKeys(lp, 2);
  }

  static long putPack(
      Keyspace keys, long ref, byte[] key, int offset, int length, int valueLength) {
    return keys.put(
        ref, key, offset, length, EntryFormat.TYPE_ZSET, EntryFormat.LISTPACK, valueLength);
  }

  /** The entry's reference as it is now; 0 where the key was removed. */
  public long ref() {
    return ref;
  }

  /** Whether the set became empty, so that its key is gone. */
  public boolean isRemoved() {
    return ref == 0;
  }

  private boolean isLarge() {
    return keys.encoding(ref) == EntryFormat.LARGE;
  }

  private SortedSet large() {
    return (SortedSet) keys.large(ref);
  }

  private byte[] array() {
    return keys.valueArray(ref);
  }

  private int at() {
    return keys.valueOffset(ref);
  }

  /** Number of elements. */
  public long count() {
    return isLarge() ? large().count() : SortedSetPack.count(array(), at());
  }

  /** The score of a member; NaN where it is not there. */
  public double score(byte[] member, int offset, int length) {
    if (isLarge()) {
      score = large().score(member, offset, length);
    } else {
      byte[] lp = array();
      int at = at();
      position = SortedSetPack.find(lp, at, member, offset, length);
      score = position == Listpack.NONE ? Double.NaN : SortedSetPack.score(lp, at, position);
    }
    return score;
  }

  /**
   * Adds a member, or gives it another score.
   *
   * @param member what {@link #score} just looked up; the bytes must not lie in the keyspace
   */
  public void set(byte[] member, int offset, int length, double now) {
    if (now == score) {
      return;
    }
    if (!isLarge() && Double.isNaN(score) && outgrows(length)) {
      convert();
    }
    if (!isLarge()) {
      setInPack(member, offset, length, now);
    } else if (Double.isNaN(score)) {
      large().add(member, offset, length, now);
    } else {
      large().rescore(member, offset, length, score, now);
    }
  }

  /** Adds a member, or gives it another score; the bytes must not lie in the keyspace. */
  public void put(byte[] member, int offset, int length, double now) {
    score(member, offset, length);
    set(member, offset, length, now);
  }

  private boolean outgrows(int memberBytes) {
    return count() >= limits.entriesMax()
        || memberBytes > limits.memberBytesMax()
        || keys.valueLength(ref) + (long) memberBytes > PACK_BYTES_MAX;
  }

  /** Tells how many elements a command may add, so that the set can be made large at once. */
  public void expect(long elements) {
    if (!isLarge() && elements > limits.entriesMax()) {
      convert();
    }
  }

  private void convert() {
    int from = at();
    byte[] lp = Arrays.copyOfRange(array(), from, from + keys.valueLength(ref));
    SortedSet set = new SortedSet(keys.nodes(), keys.hash());
    SortedSetPack.visit(
        lp, 0, 0, Long.MAX_VALUE, false, (value, a, o, n) -> set.add(a, o, n, value));
    ref = keys.putLarge(ref, NOTHING, 0, 0, EntryFormat.TYPE_ZSET, set);
  }

  private void setInPack(byte[] member, int offset, int length, double now) {
    byte[] text = DoubleText.isInteger(now) ? NOTHING : new byte[DoubleText.BYTES_MAX];
    if (position != Listpack.NONE) {
      Listpack.remove(array(), at(), position, 2);
    }
    int place = SortedSetPack.place(array(), at(), now, member, offset, length);
    int bytes =
        Listpack.bytes(array(), at())
            + SortedSetPack.encodedBytes(member, offset, length, now, text);
    if (bytes != keys.valueLength(ref)) {
      ref = keys.resize(ref, bytes);
    }
    SortedSetPack.insert(array(), at(), place, member, offset, length, now, text);
  }

  /** Removes a member; whether it was there. */
  public boolean remove(byte[] member, int offset, int length) {
    if (isLarge()) {
      boolean removed = large().remove(member, offset, length);
      removeIfEmpty();
      return removed;
    }
    int p = SortedSetPack.find(array(), at(), member, offset, length);
    if (p == Listpack.NONE) {
      return false;
    }
    removeFromPack(p, 1);
    return true;
  }

  private void removeFromPack(int p, int elements) {
    byte[] lp = array();
    int at = at();
    Listpack.remove(lp, at, p, elements * 2);
    ref = keys.resize(ref, Listpack.bytes(lp, at));
    removeIfEmpty();
  }

  private void removeIfEmpty() {
    if (count() == 0) {
      keys.remove(ref);
      ref = 0;
    }
  }

  /**
   * Removes elements by rank.
   *
   * @param from rank of the first one
   * @param to rank of the one behind the last, at most {@link #count}
   */
  public void removeRange(long from, long to) {
    if (from >= to) {
      return;
    }
    if (to - from == count()) {
      keys.remove(ref);
      ref = 0;
    } else if (isLarge()) {
      large().removeRange(from, to);
    } else {
      removeFromPack(SortedSetPack.seek(array(), at(), from), (int) (to - from));
    }
  }

  /** Number of elements before a member; -1 where it is not there. */
  public long rank(byte[] member, int offset, int length) {
    if (isLarge()) {
      return large().rank(member, offset, length);
    }
    int p = SortedSetPack.find(array(), at(), member, offset, length);
    return p == Listpack.NONE ? -1 : SortedSetPack.rank(array(), at(), p);
  }

  /** Number of elements whose score is less than one, or equal where that is asked for. */
  public long countBelow(double bound, boolean orEqual) {
    return isLarge()
        ? large().tree().countBelow(bound, orEqual)
        : SortedSetPack.countBelow(array(), at(), bound, orEqual);
  }

  /**
   * Number of elements whose member is less than one, or equal where that is asked for, if all
   * elements have the same score.
   */
  public long countBelow(byte[] member, int offset, int length, boolean orEqual) {
    return isLarge()
        ? large().tree().countBelow(member, offset, length, orEqual)
        : SortedSetPack.countBelow(array(), at(), member, offset, length, orEqual);
  }

  /**
   * Shows elements from a rank on, as many as there are up to a number.
   *
   * @param rank at least 0; behind the last one there is nothing to show
   * @param backwards whether to go towards the first element
   */
  public void visit(long rank, long elementsMax, boolean backwards, ScoredVisitor visitor) {
    if (rank >= count()) {
      return;
    }
    if (isLarge()) {
      large().visit(rank, elementsMax, backwards, visitor);
    } else {
      SortedSetPack.visit(array(), at(), rank, elementsMax, backwards, visitor);
    }
  }

  /** Shows all elements in order. */
  public void visitAll(ScoredVisitor visitor) {
    visit(0, Long.MAX_VALUE, false, visitor);
  }

  /**
   * Shows some elements from a position on; a small set shows all.
   *
   * @param wanted how many, about
   * @return the position to go on with, 0 at the end; an element that is there all the time is
   *     shown at least once
   */
  public long scan(long from, int wanted, ScoredVisitor visitor) {
    if (isLarge()) {
      return large().scan(from, wanted, visitor);
    }
    visitAll(visitor);
    return 0;
  }

  /** Shows elements that are drawn independently, so that one may come several times. */
  public void visitDrawn(long picks, ScoredVisitor visitor) {
    for (long i = 0; i < picks; i++) {
      visit(keys.draw(count()), 1, false, visitor);
    }
  }

  /**
   * Shows different elements: a subset of that size, each as likely as the others.
   *
   * @param picks at least 0, at most {@link #count}
   */
  public void visitSome(int picks, ScoredVisitor visitor) {
    int count = (int) count();
    if (picks <= count / SPARSE) {
      DrawnPlaces drawn = new DrawnPlaces(picks);
      while (drawn.count() < picks) {
        long rank = keys.draw(count);
        if (drawn.add(rank)) {
          visit(rank, 1, false, visitor);
        }
      }
      return;
    }
    Selection selection = new Selection(keys, picks, count);
    visitAll(
        (value, member, offset, length) -> {
          if (selection.takesNext()) {
            visitor.element(value, member, offset, length);
          }
        });
  }
}
