package io.redknot.storage.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PagePoolTest {
  private final PagePool pool = new PagePool();

  private record Taken(PagePool.Part part) {
    byte[] array() {
      return part.array();
    }

    /** A bit for each unit. */
    long units() {
      return PageArena.mask(part.units()) << part.unit();
    }
  }

  private Taken take(int units) {
    return new Taken(pool.take(units, units));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void noUnitIsTakenTwice(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Taken> parts = new ArrayList<>();
    IdentityHashMap<byte[], Long> used = new IdentityHashMap<>();
    for (int i = 0; i < 5_000; i++) {
      if (parts.isEmpty() || random.nextInt(100) < (i / 1_000 % 2 == 0 ? 70 : 30)) {
        int units = 1 + random.nextInt(random.nextInt(10) == 0 ? 64 : 8);
        int least = 1 + random.nextInt(units);
        Taken part = new Taken(pool.take(units, least));
        parts.add(part);
        int count = part.part().units();
        assertEquals(count, Long.bitCount(part.units()));
        assertTrue(count >= least && count < units + PagePool.PIECE_UNITS_MIN, "" + count);
        long before = used.getOrDefault(part.array(), 0L);
        assertEquals(0, before & part.units(), "taken twice");
        used.put(part.array(), before | part.units());
      } else {
        Taken part = parts.remove(random.nextInt(parts.size()));
        pool.giveBack(part.array(), part.units());
        used.computeIfPresent(part.array(), (_, units) -> units & ~part.units());
      }
      long taken = used.values().stream().mapToLong(Long::bitCount).sum();
      assertEquals(64L * used.size() - taken, pool.freeUnits());
    }
  }

  @Test
  void arrayWithoutUsedUnitsIsTakenAgain() {
    Taken first = take(4);
    Taken second = take(60);
    assertSame(first.array(), second.array());
    pool.giveBack(second.array(), second.units());
    assertEquals(60, pool.freeUnits());
    pool.giveBack(first.array(), first.units());
    assertEquals(64, pool.freeUnits());
    assertSame(first.array(), take(64).array());
    assertNotSame(first.array(), take(1).array());
  }

  @Test
  void whatAnArrayHasLeftIsTakenBeforeANewOne() {
    Taken first = take(20);
    take(4);
    Taken third = take(20);
    pool.giveBack(first.array(), first.units());
    Taken most = new Taken(pool.take(40, 2));
    assertSame(first.array(), most.array());
    assertEquals(20, most.part().units());
    Taken rest = new Taken(pool.take(40, 20));
    assertEquals(20, rest.part().units());
    assertSame(third.array(), rest.array());
    assertEquals(0, pool.freeUnits());
  }

  @Test
  void whatIsTooLittleForWhoAsksIsLeftToOthers() {
    Taken first = take(57);
    Taken second = new Taken(pool.take(20, 8));
    assertNotSame(first.array(), second.array());
    assertEquals(20, second.part().units());
    assertSame(first.array(), take(7).array());
  }

  @Test
  void piecesOfNoUseToOthersGoWithTheRest() {
    assertEquals(64, take(61).part().units());
    assertEquals(60, take(60).part().units());
    assertEquals(4, pool.freeUnits());
  }
}
