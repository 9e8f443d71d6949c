package io.redknot.server.differential;

import java.util.ArrayList;
import java.util.List;

/** When two replies to the same command count as equal. */
enum Comparison {
  /** The same bytes. */
  EXACT {
    @Override
    boolean holds(Reply reference, Reply redknot) {
      return reference.raw().equals(redknot.raw());
    }
  },

  /** The same elements in any order. */
  UNORDERED {
    @Override
    boolean holds(Reply reference, Reply redknot) {
      return reference.header().equals(redknot.header())
          && sorted(reference).equals(sorted(redknot));
    }
  },

  /** The same pairs of elements in any order. */
  UNORDERED_PAIRS {
    @Override
    boolean holds(Reply reference, Reply redknot) {
      return reference.header().equals(redknot.header())
          && sortedPairs(reference).equals(sortedPairs(redknot));
    }
  },

  /** A cursor, and the same elements in any order. */
  WHOLE_SCAN {
    @Override
    boolean holds(Reply reference, Reply redknot) {
      if (reference.isError() || redknot.isError()) {
        return EXACT.holds(reference, redknot);
      }
      return EXACT.holds(reference.elements().getFirst(), redknot.elements().getFirst())
          && UNORDERED.holds(reference.elements().getLast(), redknot.elements().getLast());
    }
  },

  /** The same error, as many elements, or one of any kind. */
  SAME_LENGTH {
    @Override
    boolean holds(Reply reference, Reply redknot) {
      return reference.header().equals(redknot.header()) || areBulks(reference, redknot);
    }
  },

  /** The same elements in any order, or one of any kind. */
  UNORDERED_OR_BULK {
    @Override
    boolean holds(Reply reference, Reply redknot) {
      return UNORDERED.holds(reference, redknot) || areBulks(reference, redknot);
    }
  },

  /** Integers that both clocks may tell a little apart: at most two seconds, in any unit. */
  NEAR {
    @Override
    boolean holds(Reply reference, Reply redknot) {
      if (!reference.isInteger() || !redknot.isInteger()) {
        return EXACT.holds(reference, redknot);
      }
      long a = reference.integer();
      long b = redknot.integer();
      return a == b || (a > 0 && b > 0 && Math.abs(a - b) <= NEAR_MS);
    }
  },

  /** The same but for the digits of numbers: 7.0 writes up to 17, 7.2 as few as are needed. */
  REALS {
    @Override
    boolean holds(Reply reference, Reply redknot) {
      return reference.normal().equals(redknot.normal());
    }
  },

  /** The same elements, as above, in any order. */
  UNORDERED_REALS {
    @Override
    boolean holds(Reply reference, Reply redknot) {
      return reference.header().equals(redknot.header())
          && normals(reference).equals(normals(redknot));
    }
  },

  /** Replies of the same kind: null and null, bulk and bulk, array and array. */
  SAME_KIND {
    @Override
    boolean holds(Reply reference, Reply redknot) {
      return reference.isNull() == redknot.isNull() && reference.type() == redknot.type();
    }
  };

  private static final long NEAR_MS = 2000;

  abstract boolean holds(Reply reference, Reply redknot);

  private static List<String> normals(Reply reply) {
    return reply.elements().stream().map(Reply::normal).sorted().toList();
  }

  private static boolean areBulks(Reply reference, Reply redknot) {
    return reference.type() == '$' && SAME_KIND.holds(reference, redknot);
  }

  private static List<String> sortedPairs(Reply reply) {
    List<String> pairs = new ArrayList<>();
    List<Reply> elements = reply.elements();
    for (int i = 0; i + 1 < elements.size(); i += 2) {
      pairs.add(elements.get(i).raw() + elements.get(i + 1).raw());
    }
    return pairs.stream().sorted().toList();
  }

  private static List<String> sorted(Reply reply) {
    return reply.elements().stream().map(Reply::raw).sorted().toList();
  }
}
