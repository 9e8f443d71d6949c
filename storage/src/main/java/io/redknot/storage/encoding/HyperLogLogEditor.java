package io.redknot.storage.encoding;

import java.util.Arrays;

/**
 * Adds elements to a sketch. Dense registers are set in place; a sparse sketch, whose length
 * changes, is copied here with its first change, and the caller then stores what {@link #array}
 * has. It keeps its room and is meant to be used again and again.
 *
 * <p>Which runs a sparse sketch has after the same additions is the same as in Redis.
 */
public final class HyperLogLogEditor {
  private static final byte[] NOTHING = {};

  /** Most bytes that one run becomes: zeros, a value, zeros. */
  private static final int PIECES_MAX = 5;

  /** After a change so many runs are looked at for values that one run can hold. */
  private static final int JOIN_STEPS = 5;

  private byte[] room = new byte[128];
  private byte[] dense = NOTHING;
  private final byte[] pieces = new byte[PIECES_MAX];

  private byte[] sketch = NOTHING;
  private int at;
  private int length;
  private long sparseBytesMax;
  private boolean copied;
  private int changes;

  // What was searched: the run of a register, and the two before it. Positions in the sketch.
  private int position;
  private int first;
  private int previous;
  private int secondPrevious;
  private int secondPreviousFirst;

  /**
   * Takes a sketch to edit. Its array must not change otherwise until {@link #close}.
   *
   * @param sparseBytesMax a sketch that would become longer than this is made dense
   */
  public void open(byte[] array, int offset, int bytes, long sparseBytesMax) {
    this.sketch = array;
    this.at = offset;
    this.length = bytes;
    this.sparseBytesMax = sparseBytesMax;
    this.copied = false;
    this.changes = 0;
    rewind();
  }

  /** Forgets the sketch. */
  public void close() {
    sketch = NOTHING;
  }

  /** Whether the sketch is dense. */
  public boolean isDense() {
    return HyperLogLog.isDense(sketch, at);
  }

  /** How many registers were changed, those that a merge sets at once counted together. */
  public int changes() {
    return changes;
  }

  /** Whether the changed sketch is here, and no longer where it was. */
  public boolean isCopied() {
    return copied;
  }

  /** The array that has the sketch. */
  public byte[] array() {
    return sketch;
  }

  /** First byte of the sketch in {@link #array}. */
  public int offset() {
    return at;
  }

  /** Length of the sketch in bytes. */
  public int length() {
    return length;
  }

  /** The value of a register; -1 where no run has it. */
  public int get(int index) {
    if (isDense()) {
      return DenseRegisters.get(sketch, at, index);
    }
    rewind();
    return find(index) ? SparseRegisters.value(sketch[at + position]) : -1;
  }

  /**
   * Adds an element.
   *
   * @return false where that met registers that are wrong; what was added before stays
   */
  public boolean add(byte[] element, int offset, int bytes) {
    long hash = HyperLogLog.hash(element, offset, bytes);
    return raise(HyperLogLog.indexOf(hash), HyperLogLog.rankOf(hash));
  }

  /**
   * Adds all elements of a union, which has this sketch too.
   *
   * @return false where that met registers that are wrong
   */
  public boolean add(HyperLogLogUnion union) {
    rewind();
    for (int i = 0; i < HyperLogLogFormat.REGISTERS; i++) {
      if (isDense()) {
        return addDense(union);
      }
      int value = union.get(i);
      if (value != 0 && !raiseNext(i, value)) {
        return false;
      }
    }
    return true;
  }

  private boolean addDense(HyperLogLogUnion union) {
    for (int i = 0; i < DenseRegisters.GROUPS; i++) {
      long now = DenseRegisters.group(sketch, at, i);
      long raised = DenseRegisters.max(now, union.group(i));
      if (raised != now) {
        DenseRegisters.putGroup(sketch, at, i, raised);
        changes++;
      }
    }
    return true;
  }

  /** Raises a register to a value; false where that met registers that are wrong. */
  boolean raise(int index, int value) {
    rewind();
    return raiseNext(index, value);
  }

  /** As {@link #raise}, but after a lower register. */
  private boolean raiseNext(int index, int value) {
    if (isDense()) {
      raiseDense(index, value);
      return true;
    }
    if (value > HyperLogLogFormat.SPARSE_VALUE_MAX) {
      return makeDenseAndRaise(index, value);
    }
    if (!find(index)) {
      return false;
    }
    return SparseRegisters.value(sketch[at + position]) >= value || raiseSparse(index, value);
  }

  private void raiseDense(int index, int value) {
    if (DenseRegisters.get(sketch, at, index) < value) {
      DenseRegisters.set(sketch, at, index, value);
      changes++;
    }
  }

  /** The next search begins at the first run. */
  private void rewind() {
    secondPrevious = -1;
  }

  /**
   * Finds the run that has a register, and the two runs before it. Goes on from the run before
   * those, which no change touched, so registers must be searched in ascending order.
   *
   * @return false where no run has it
   */
  private boolean find(int index) {
    int from = secondPrevious < 0 ? HyperLogLogFormat.HEADER_BYTES : secondPrevious;
    int begin = secondPrevious < 0 ? 0 : secondPreviousFirst;
    byte[] bytes = sketch;
    int end = at + length;
    int before = -1;
    int beforeFirst = 0;
    int second = -1;
    int secondFirst = 0;
    int i = at + from;
    while (i < end) {
      int run = SparseRegisters.run(bytes, i, end);
      if (index < begin + run) {
        position = i - at;
        first = begin;
        previous = before < 0 ? -1 : before - at;
        secondPrevious = second < 0 ? -1 : second - at;
        secondPreviousFirst = secondFirst;
        return true;
      }
      second = before;
      secondFirst = beforeFirst;
      before = i;
      beforeFirst = begin;
      begin += run;
      i += SparseRegisters.width(bytes[i]);
    }
    return false;
  }

  private boolean raiseSparse(int index, int value) {
    byte head = sketch[at + position];
    if (position + SparseRegisters.width(head) > length) {
      return false;
    }
    int run = SparseRegisters.run(sketch, at + position, at + length);
    int count = 1;
    if (run == 1 && !SparseRegisters.isLongZeros(head)) {
      pieces[0] = SparseRegisters.values(value, 1);
    } else {
      count = split(head, index - first, value, first + run - 1 - index);
    }
    int growth = count - SparseRegisters.width(head);
    if (growth > 0 && length + growth > sparseBytesMax) {
      return makeDenseAndRaise(index, value);
    }
    copy();
    replace(count, growth);
    join();
    changes++;
    return true;
  }

  /** Makes the pieces of a run of which one register gets a value; returns their bytes. */
  private int split(byte head, int left, int value, int right) {
    int n = 0;
    if (left > 0) {
      n = putRun(head, n, left);
    }
    pieces[n++] = SparseRegisters.values(value, 1);
    return right > 0 ? putRun(head, n, right) : n;
  }

  private int putRun(byte head, int n, int run) {
    if (!SparseRegisters.isValues(head)) {
      return SparseRegisters.putZeros(pieces, n, run);
    }
    pieces[n] = SparseRegisters.values(SparseRegisters.value(head), run);
    return n + 1;
  }

  /** Makes the sketch one of this object's, with room for the pieces of a run. */
  private void copy() {
    if (room.length < length + PIECES_MAX) {
      room = Arrays.copyOf(room, (length + PIECES_MAX) * 2);
      if (copied) {
        sketch = room;
      }
    }
    if (!copied) {
      System.arraycopy(sketch, at, room, 0, length);
      sketch = room;
      at = 0;
      copied = true;
    }
  }

  private void replace(int count, int growth) {
    int next = position + SparseRegisters.width(sketch[position]);
    System.arraycopy(sketch, next, sketch, next + growth, length - next);
    System.arraycopy(pieces, 0, sketch, position, count);
    length += growth;
  }

  /** Joins runs of the same value around a change, where one run can hold them. */
  private void join() {
    byte[] bytes = sketch;
    int i = previous < 0 ? HyperLogLogFormat.HEADER_BYTES : previous;
    for (int step = 0; step < JOIN_STEPS && i < length; step++) {
      int next = i + SparseRegisters.width(bytes[i]);
      int run = next < length ? joined(bytes[i], bytes[next]) : 0;
      if (run > 0) {
        bytes[i] = SparseRegisters.values(SparseRegisters.value(bytes[i]), run);
        System.arraycopy(bytes, next + 1, bytes, next, length - next - 1);
        length--;
      } else {
        i = next;
      }
    }
  }

  /** How many registers two runs have, where both have the same value and one run can hold them. */
  private static int joined(byte a, byte b) {
    if (!SparseRegisters.isValues(a) || SparseRegisters.value(a) != SparseRegisters.value(b)) {
      return 0;
    }
    int run = SparseRegisters.valueRun(a) + SparseRegisters.valueRun(b);
    return run > HyperLogLogFormat.VALUE_RUN_MAX ? 0 : run;
  }

  private boolean makeDenseAndRaise(int index, int value) {
    if (!makeDense()) {
      return false;
    }
    raiseDense(index, value);
    return true;
  }

  /**
   * Makes a sparse sketch a dense one.
   *
   * @return false, and nothing done, where the runs are not as many registers as there are
   */
  public boolean makeDense() {
    if (dense.length == 0) {
      dense = new byte[HyperLogLogFormat.DENSE_BYTES];
    }
    Arrays.fill(dense, (byte) 0);
    System.arraycopy(sketch, at, dense, 0, HyperLogLogFormat.HEADER_BYTES);
    dense[HyperLogLogFormat.FORM] = HyperLogLogFormat.DENSE;
    int end = at + length;
    int index = 0;
    for (int i = at + HyperLogLogFormat.HEADER_BYTES; i < end; ) {
      int run = SparseRegisters.run(sketch, i, end);
      if (run > HyperLogLogFormat.REGISTERS - index) {
        return false;
      }
      int value = SparseRegisters.value(sketch[i]);
      for (int k = value == 0 ? run : 0; k < run; k++) {
        DenseRegisters.set(dense, 0, index + k, value);
      }
      index += run;
      i += SparseRegisters.width(sketch[i]);
    }
    if (index != HyperLogLogFormat.REGISTERS) {
      return false;
    }
    sketch = dense;
    at = 0;
    length = HyperLogLogFormat.DENSE_BYTES;
    copied = true;
    return true;
  }
}
