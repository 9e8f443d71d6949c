package io.redknot.storage.memory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Arrays as long as the largest page, of which arenas take parts as their smaller pages.
 *
 * <p>So that all arrays of pages are of one length, which collectors can have begin in their old
 * generation; arrays as long as small pages would be copied there one after the other.
 *
 * <p>An array of which no arena has a part is taken again, unless the collector was there before.
 * The parts of an arena that is forgotten as a whole are not given out again.
 *
 * <p>Thread: any.
 */
public final class PagePool {
  /** The arrays that have free units, and some that had them. */
  @GuardedBy("this")
  private final List<Shared> shared = new ArrayList<>();

  /** A page. */
  static final class Part {
    private final byte[] array;
    private final int unit;

    private Part(byte[] array, int unit) {
      this.array = array;
      this.unit = unit;
    }

    /** Its bytes are whatever was there. */
    byte[] array() {
      return array;
    }

    /** The page's first unit in the array. */
    int unit() {
      return unit;
    }
  }

  private static final class Shared {
    final WeakReference<byte[]> array;
    long freeUnits;

    Shared(byte[] array, long freeUnits) {
      this.array = new WeakReference<>(array);
      this.freeUnits = freeUnits;
    }
  }

  /** A page in an array of its own: for what holds next to nothing, and often is soon gone. */
  static Part alone(int units) {
    return new Part(new byte[units * SizeClasses.UNIT_BYTES], 0);
  }

  /**
   * Takes contiguous units.
   *
   * @param units 1 to 64
   * @throws OutOfMemoryError where the heap has no room for an array
   */
  synchronized Part take(int units) {
    shared.removeIf(each -> each.freeUnits == 0 || each.array.refersTo(null));
    for (Shared each : shared) {
      int start = PageArena.contiguous(each.freeUnits, units);
      byte[] array = each.array.get();
      if (start >= 0 && array != null) {
        each.freeUnits &= ~(PageArena.mask(units) << start);
        return new Part(array, start);
      }
    }
    byte[] array = new byte[PageArena.PAGE_BYTES];
    if (units < PageArena.UNITS_PER_PAGE) {
      shared.add(new Shared(array, ~PageArena.mask(units)));
    }
    return new Part(array, 0);
  }

  /** Takes units of an array back, a bit each. */
  synchronized void giveBack(byte[] array, long units) {
    Shared found = find(array);
    if (found != null) {
      found.freeUnits |= units;
    } else if (array.length == PageArena.PAGE_BYTES) {
      shared.add(new Shared(array, units));
    }
  }

  @GuardedBy("this")
  private @Nullable Shared find(byte[] array) {
    for (Shared each : shared) {
      if (each.array.refersTo(array)) {
        return each;
      }
    }
    return null;
  }

  /** For tests: units that are free in arrays of which others are taken. */
  synchronized long freeUnits() {
    return shared.stream().mapToLong(each -> Long.bitCount(each.freeUnits)).sum();
  }
}
