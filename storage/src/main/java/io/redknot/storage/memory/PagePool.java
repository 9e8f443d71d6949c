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
  /** Fewer units are no page of their own where there is a choice. */
  static final int PIECE_UNITS_MIN = 4;

  /** The arrays that have free units, and some that had them. */
  @GuardedBy("this")
  private final List<Shared> shared = new ArrayList<>();

  /** A page. */
  static final class Part {
    private final byte[] array;
    private final int unit;
    private final int units;

    private Part(byte[] array, int unit, int units) {
      this.array = array;
      this.unit = unit;
      this.units = units;
    }

    /** Its bytes are whatever was there. */
    byte[] array() {
      return array;
    }

    /** The page's first unit in the array. */
    int unit() {
      return unit;
    }

    /** How many units it has. */
    int units() {
      return units;
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
    return new Part(new byte[units * SizeClasses.UNIT_BYTES], 0, units);
  }

  /**
   * Takes contiguous units: as many as wanted, or else the most that an array has left, or those of
   * a new array. What would be left beside them goes with them where it is of no use to others.
   *
   * @param units wanted, 1 to 64
   * @param least how few will do, at most as many
   * @throws OutOfMemoryError where the heap has no room for an array
   */
  synchronized Part take(int units, int least) {
    shared.removeIf(each -> each.freeUnits == 0 || each.array.refersTo(null));
    int atLeast = Math.min(units, Math.max(least, PIECE_UNITS_MIN));
    int most = 0;
    Shared best = null;
    byte[] bestArray = null;
    for (Shared each : shared) {
      int found = longest(each.freeUnits, units);
      byte[] array = found > most ? each.array.get() : null;
      if (array != null) {
        most = found;
        best = each;
        bestArray = array;
      }
      if (most == units) {
        break;
      }
    }
    if (best == null || bestArray == null || most < atLeast) {
      bestArray = new byte[PageArena.PAGE_BYTES];
      best = new Shared(bestArray, PageArena.ALL_UNITS);
      shared.add(best);
      most = units;
    }
    return cut(best, bestArray, most);
  }

  private static Part cut(Shared from, byte[] array, int units) {
    int start = PageArena.contiguous(from.freeUnits, units);
    int free = Long.numberOfTrailingZeros(~(from.freeUnits >>> start));
    int taken = free - units < PIECE_UNITS_MIN ? free : units;
    from.freeUnits &= ~(PageArena.mask(taken) << start);
    return new Part(array, start, taken);
  }

  /** The most contiguous units among free ones, up to those wanted. */
  private static int longest(long free, int wanted) {
    if (PageArena.contiguous(free, wanted) >= 0) {
      return wanted;
    }
    int most = 0;
    for (long starts = free; starts != 0; starts &= starts >>> 1) {
      most++;
    }
    return most;
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
