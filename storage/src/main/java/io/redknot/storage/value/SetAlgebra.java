package io.redknot.storage.value;

import io.redknot.storage.encoding.ElementVisitor;
import io.redknot.storage.encoding.HashTable;
import io.redknot.storage.keyspace.EntryFormat;
import io.redknot.storage.keyspace.Keyspace;

/** Intersection, union and difference of sets that lie in one keyspace. */
public final class SetAlgebra {
  private final Keyspace keys;
  private final SetLimits limits;
  private final long[] sets;

  /** The sets by their references; 0 is an empty one. The references must stay valid. */
  public SetAlgebra(Keyspace keys, SetLimits limits, long[] sets) {
    this.keys = keys;
    this.limits = limits;
    this.sets = sets;
  }

  private int count(long set) {
    return set == 0 ? 0 : SetValue.count(keys, set);
  }

  /** The set with the fewest members; 0 where one has none. */
  private long smallest() {
    long smallest = sets[0];
    for (long set : sets) {
      if (count(set) < count(smallest)) {
        smallest = set;
      }
    }
    return smallest;
  }

  /** Whether all sets but one have a member. */
  private boolean othersContain(long except, byte[] member, int offset, int length) {
    for (long set : sets) {
      if (set != except && !SetValue.contains(keys, set, member, offset, length)) {
        return false;
      }
    }
    return true;
  }

  /** Visits the members that all sets have. */
  public void intersect(ElementVisitor visitor) {
    long smallest = smallest();
    if (smallest == 0) {
      return;
    }
    SetValue.forEach(
        keys,
        smallest,
        (member, offset, length, value, valueAt, valueLength) -> {
          if (othersContain(smallest, member, offset, length)) {
            visitor.element(member, offset, length, value, valueAt, valueLength);
          }
        });
  }

  /** Number of the members that all sets have, counted no further than a limit. */
  public long countIntersection(long limit) {
    long smallest = smallest();
    if (smallest == 0) {
      return 0;
    }
    long[] count = {0};
    ElementVisitor counter =
        (member, offset, length, value, valueAt, valueLength) -> {
          if (count[0] < limit && othersContain(smallest, member, offset, length)) {
            count[0]++;
          }
        };
    if (SetValue.isSmall(keys, smallest)) {
      SetValue.forEach(keys, smallest, counter);
    } else {
      HashTable table = SetValue.table(keys, smallest);
      long position = 0;
      do {
        position = table.scan(position, Integer.MAX_VALUE, counter);
      } while (position != 0 && count[0] < limit);
    }
    return count[0];
  }

  /** The members that all sets have. */
  public SetBuilder intersection() {
    long smallest = smallest();
    boolean asIntegers = smallest != 0 && keys.encoding(smallest) == EntryFormat.INTSET;
    SetBuilder result = new SetBuilder(keys, limits, asIntegers);
    intersect((member, offset, length, value, at, n) -> result.add(member, offset, length));
    result.preferIntegers();
    return result;
  }

  /** The members that any set has. */
  public SetBuilder union() {
    SetBuilder result = new SetBuilder(keys, limits, true);
    for (long set : sets) {
      addAll(result, set);
    }
    return result;
  }

  private void addAll(SetBuilder result, long set) {
    if (set != 0) {
      SetValue.forEach(
          keys, set, (member, offset, length, value, at, n) -> result.add(member, offset, length));
    }
  }

  /** The members that only the first set has. */
  public SetBuilder difference() {
    SetBuilder result = new SetBuilder(keys, limits, true);
    if (sets[0] == 0 || firstIsThereAgain()) {
      return result;
    }
    if (lookUpsAreFewer()) {
      SetValue.forEach(
          keys,
          sets[0],
          (member, offset, length, value, at, n) -> {
            if (!othersHave(member, offset, length)) {
              result.add(member, offset, length);
            }
          });
      return result;
    }
    addAll(result, sets[0]);
    for (int i = 1; i < sets.length && result.count() > 0; i++) {
      if (sets[i] != 0) {
        SetValue.forEach(
            keys,
            sets[i],
            (member, offset, length, value, at, n) -> result.remove(member, offset, length));
      }
    }
    return result;
  }

  private boolean firstIsThereAgain() {
    for (int i = 1; i < sets.length; i++) {
      if (sets[i] == sets[0]) {
        return true;
      }
    }
    return false;
  }

  private boolean othersHave(byte[] member, int offset, int length) {
    for (int i = 1; i < sets.length; i++) {
      if (sets[i] != 0 && SetValue.contains(keys, sets[i], member, offset, length)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether to look the first set's members up in the others, rather than to remove those of the
   * others. The choice is that of Redis, since the result's encoding may follow from it; a look-up
   * is taken for half as long, as the first hit ends the search.
   */
  private boolean lookUpsAreFewer() {
    long lookUps = 0;
    long removals = 0;
    for (long set : sets) {
      lookUps += set == 0 ? 0 : count(sets[0]);
      removals += count(set);
    }
    return lookUps / 2 <= removals;
  }
}
