package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.storage.encoding.ScoredVisitor;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.SetValue;
import io.redknot.storage.value.SortedSetValue;
import io.redknot.storage.value.ValueType;

/** An input of ZUNION and its relatives: a sorted set, or a set whose members have the score 1. */
abstract class ScoredInput {
  private double weight = 1;

  /** What stands for a key that does not exist. */
  private static final class Nothing extends ScoredInput {
    @Override
    long count() {
      return 0;
    }

    @Override
    double score(byte[] member, int offset, int length) {
      return Double.NaN;
    }

    @Override
    void visit(ScoredVisitor visitor) {}
  }

  private static final class Sorted extends ScoredInput {
    private final SortedSetValue set;

    Sorted(SortedSetValue set) {
      this.set = set;
    }

    @Override
    long count() {
      return set.count();
    }

    @Override
    double score(byte[] member, int offset, int length) {
      return set.score(member, offset, length);
    }

    @Override
    void visit(ScoredVisitor visitor) {
      set.visitAll(visitor);
    }
  }

  private static final class Plain extends ScoredInput {
    private final Keyspace keys;
    private final long ref;

    Plain(Keyspace keys, long ref) {
      this.keys = keys;
      this.ref = ref;
    }

    @Override
    long count() {
      return SetValue.count(keys, ref);
    }

    @Override
    double score(byte[] member, int offset, int length) {
      return SetValue.contains(keys, ref, member, offset, length) ? 1 : Double.NaN;
    }

    @Override
    void visit(ScoredVisitor visitor) {
      SetValue.forEach(
          keys,
          ref,
          (member, offset, length, value, at, n) -> visitor.element(1, member, offset, length));
    }
  }

  /**
   * The input of a key.
   *
   * @throws CommandError where the key holds something else
   */
  static ScoredInput read(CommandContext ctx, Args args, int key) {
    long ref = Keys.read(ctx, args, key);
    Keyspace keys = ctx.keyspace();
    if (ref == 0) {
      return new Nothing();
    }
    if (ValueType.ZSET.is(keys, ref)) {
      return new Sorted(SortedSetValue.of(keys, ref, SortedSets.limits(ctx)));
    }
    if (ValueType.SET.is(keys, ref)) {
      return new Plain(keys, ref);
    }
    throw CommandError.WRONG_TYPE;
  }

  /** Number of elements. */
  abstract long count();

  /** The score of a member, without the weight; NaN where it is not there. */
  abstract double score(byte[] member, int offset, int length);

  /** Shows all elements with their scores, without the weight. */
  abstract void visit(ScoredVisitor visitor);

  final void weight(double value) {
    weight = value;
  }

  /** A score of this input with the weight; may be NaN. */
  final double weighted(double score) {
    return score * weight;
  }

  final boolean contains(byte[] member, int offset, int length) {
    return !Double.isNaN(score(member, offset, length));
  }
}
