package io.redknot.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** When the heap is asked to lie in huge pages. */
class HugePagesTest {
  private static final long MIB = 1 << 20;

  private boolean wanted = true;
  private long totalMib;
  private long usedMib;
  private boolean granted = true;
  private int asked;

  private final HugePages.Heap heap =
      new HugePages.Heap() {
        @Override
        public long totalBytes() {
          return totalMib * MIB;
        }

        @Override
        public long freeBytes() {
          return (totalMib - usedMib) * MIB;
        }
      };

  private final HugePages pages = new HugePages(() -> wanted, heap, this::ask, Runnable::run);

  private boolean ask() {
    asked++;
    return granted;
  }

  private void assertAsked(int times, long nowTotalMib, long nowUsedMib) {
    totalMib = nowTotalMib;
    usedMib = nowUsedMib;
    pages.tick();
    pages.tick();
    assertEquals(times, asked);
  }

  @Test
  void largeHeapIsAskedForOnceAndAgainWhenItHasGrown() {
    assertAsked(0, 256, 39);
    assertAsked(1, 256, 41);
    assertAsked(1, 256, 200);
    assertAsked(2, 320, 260);
  }

  @Test
  void whatWasRefusedIsNotAskedForAgain() {
    granted = false;
    assertAsked(1, 256, 41);
    assertAsked(1, 320, 260);
  }

  @Test
  void nothingIsAskedForUntilItIsWanted() {
    wanted = false;
    assertAsked(0, 256, 200);
    wanted = true;
    assertAsked(1, 256, 200);
  }
}
