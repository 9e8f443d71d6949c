package io.redknot.server.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

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
      return a == b || (a > 0 && b > 0 && isNear(a, b));
    }
  },

  /** Rows of XPENDING: the third column is a time, the others are the same. */
  PENDING {
    @Override
    boolean holds(Reply reference, Reply redknot) {
      int rows = reference.elements().size();
      if (rows == 0 || rows != redknot.elements().size()) {
        return EXACT.holds(reference, redknot);
      }
      for (int i = 0; i < rows; i++) {
        List<Reply> theirs = reference.elements().get(i).elements();
        List<Reply> ours = redknot.elements().get(i).elements();
        for (int column = 0; column < theirs.size(); column++) {
          if (column == 2
              ? !isNear(theirs.get(column).integer(), ours.get(column).integer())
              : !EXACT.holds(theirs.get(column), ours.get(column))) {
            return false;
          }
        }
      }
      return true;
    }
  },

  /**
   * What XINFO tells, without times, without what 7.2 tells in addition, without consumers that
   * have nothing, and without the number of nodes of a tree that is another one.
   */
  STREAM_INFO {
    @Override
    boolean holds(Reply reference, Reply redknot) {
      return withoutTimes(reference).equals(withoutTimes(redknot));
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

  /** Integers beyond are times since 1970. */
  private static final long TIMES_FROM = 1_000_000_000_000L;

  private static final Set<String> TIMES = Set.of("seen-time", "idle", "radix-tree-nodes");
  private static final Set<String> ADDED_BY_7_2 = Set.of("active-time", "inactive");

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

  private static boolean isNear(long a, long b) {
    return Math.abs(a - b) <= NEAR_MS;
  }

  private static String withoutTimes(Reply reply) {
    if (reply.isInteger() && reply.integer() > TIMES_FROM) {
      return "time ";
    }
    List<Reply> elements = reply.elements();
    if (elements.isEmpty()) {
      return reply.raw().replace("*0\r\n", "*]");
    }
    StringBuilder text = new StringBuilder().append(reply.type());
    for (int i = 0; i < elements.size(); i++) {
      String word = word(elements.get(i));
      if (ADDED_BY_7_2.contains(word)) {
        i++;
      } else if (!isIdleConsumer(elements.get(i))) {
        text.append(withoutTimes(elements.get(i)));
        i += TIMES.contains(word) || isCountOfConsumers(elements, i) ? 1 : 0;
      }
    }
    return text.append(']').toString();
  }

  private static String word(Reply reply) {
    return reply.raw().replaceAll("^[^\\n]*\\n|\\r\\n$", "");
  }

  /** 7.2 makes a consumer also where it gets nothing, 7.0 does not. */
  private static boolean isIdleConsumer(Reply reply) {
    List<String> words = reply.elements().stream().map(Comparison::word).toList();
    boolean ofFull = words.contains("seen-time");
    int pending = words.indexOf(ofFull ? "pel-count" : "pending");
    return (ofFull || words.contains("idle"))
        && reply.elements().get(pending + 1).header().equals(":0");
  }

  private static boolean isCountOfConsumers(List<Reply> elements, int index) {
    return word(elements.get(index)).equals("consumers") && elements.get(index + 1).isInteger();
  }
}
