package io.redknot.storage.keyspace;

import io.redknot.storage.memory.Bytes;
import io.redknot.storage.memory.PageArena;
import java.util.random.RandomGenerator;

/**
 * The access clocks of a keyspace's entries, and whether they are renewed: not for a client that
 * does not want to be noticed (CLIENT NO-TOUCH).
 *
 * <p>Under the lock of the shard.
 */
public final class Accesses {
  private final PageArena arena;
  private final AccessClock clock;
  private final RandomGenerator random;
  private boolean counted = true;

  Accesses(PageArena arena, AccessClock clock, RandomGenerator random) {
    this.arena = arena;
    this.clock = clock;
    this.random = random;
  }

  /** Whether what follows renews clocks. */
  public void count(boolean value) {
    counted = value;
  }

  int clock(long ref) {
    return Bytes.getInt(arena.page(ref), at(ref));
  }

  private static int at(long ref) {
    return PageArena.offset(ref) + EntryFormat.ACCESS_CLOCK;
  }

  void clock(long ref, int value) {
    Bytes.putInt(arena.page(ref), at(ref), value);
  }

  /** Renews an entry's clock. */
  void renew(long ref, long nowMs) {
    if (counted) {
      int old = clock(ref);
      int renewed = clock.touched(old, nowMs, random);
      if (renewed != old) {
        clock(ref, renewed);
      }
    }
  }

  /** An entry was made. */
  void begin(long ref, long nowMs) {
    clock(ref, clock.fresh(nowMs));
  }
}
