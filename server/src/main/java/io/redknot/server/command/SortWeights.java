package io.redknot.server.command;

import io.redknot.server.dispatch.CommandContext;
import io.redknot.storage.encoding.DoubleText;
import org.jspecify.annotations.Nullable;

/** The weights of elements that are sorted, and the order that they make. */
final class SortWeights {
  private final SortElements elements;
  private final boolean stores;
  private final boolean descends;

  SortWeights(SortElements elements, boolean stores, boolean descends) {
    this.elements = elements;
    this.stores = stores;
    this.descends = descends;
  }

  private int[] sorted(IndexSort.Order ascending) {
    int[] order = elements.identity();
    IndexSort.sort(order, descends ? (a, b) -> -ascending.compare(a, b) : ascending);
    return order;
  }

  /**
   * The order of numbers, and where they are equal that of the elements' bytes.
   *
   * @return null where a weight is no number
   */
  int @Nullable [] byNumber(CommandContext ctx, @Nullable SortPattern by) {
    Numbers numbers = new Numbers(elements.count());
    for (int i = 0; i < elements.count(); i++) {
      numbers.next = i;
      if (by == null) {
        numbers.text(elements.array(), elements.offset(i), elements.length(i));
      } else {
        by.find(ctx, elements, i, numbers);
      }
    }
    if (numbers.wrong) {
      return null;
    }
    double[] weights = numbers.weights;
    return sorted(
        (a, b) -> {
          // Not Double.compare, for which -0 is less than 0.
          if (weights[a] != weights[b]) {
            return weights[a] < weights[b] ? -1 : 1;
          }
          return SortElements.compare(elements, a, elements, b);
        });
  }

  private static final class Numbers implements SortPattern.Sink {
    final double[] weights;
    int next;
    boolean wrong;

    Numbers(int count) {
      weights = new double[count];
    }

    @Override
    public void text(byte[] array, int offset, int length) {
      weights[next] = number(array, offset, length);
      wrong |= Double.isNaN(weights[next]);
    }

    @Override
    public void integer(long value) {
      weights[next] = value;
    }

    @Override
    public void nothing() {
      weights[next] = 0;
    }
  }

  /**
   * As C reads a string: blanks before the number are skipped, a zero byte ends it, none is 0; NaN
   * where there is none, or one that a double cannot hold with full precision.
   */
  private static double number(byte[] array, int offset, int length) {
    int end = offset + length;
    int zero = offset;
    while (zero < end && array[zero] != 0) {
      zero++;
    }
    if (zero == offset) {
      return 0;
    }
    int from = offset;
    while (from < zero && (array[from] == ' ' || (array[from] >= '\t' && array[from] <= '\r'))) {
      from++;
    }
    if (from == zero) {
      return Double.NaN;
    }
    double number = DoubleText.readInRange(array, from, zero - from);
    boolean subnormal = number != 0 && Math.abs(number) < Double.MIN_NORMAL;
    return subnormal ? Double.NaN : number;
  }

  /** The order of texts; of equal ones that in which the elements are. */
  int[] byText(CommandContext ctx, @Nullable SortPattern by) {
    if (by == null) {
      return sorted((a, b) -> compare(elements, a, b));
    }
    Texts texts = new Texts(elements.count());
    for (int i = 0; i < elements.count(); i++) {
      by.find(ctx, elements, i, texts);
    }
    return sorted(
        (a, b) -> {
          if (texts.missing[a] || texts.missing[b]) {
            return Boolean.compare(texts.missing[b], texts.missing[a]);
          }
          return compare(texts.texts, a, b);
        });
  }

  private int compare(SortElements texts, int a, int b) {
    return stores
        ? SortElements.compare(texts, a, texts, b)
        : SortElements.compareStrings(texts, a, texts, b);
  }

  private static final class Texts implements SortPattern.Sink {
    private static final byte[] NOTHING = {};

    final SortElements texts = new SortElements();
    final boolean[] missing;

    Texts(int count) {
      missing = new boolean[count];
    }

    @Override
    public void text(byte[] array, int offset, int length) {
      texts.add(array, offset, length);
    }

    @Override
    public void integer(long value) {
      texts.add(value);
    }

    @Override
    public void nothing() {
      missing[texts.count()] = true;
      texts.add(NOTHING, 0, 0);
    }
  }
}
