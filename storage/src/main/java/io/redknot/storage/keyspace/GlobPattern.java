package io.redknot.storage.keyspace;

/**
 * Redis's glob patterns over bytes.
 *
 * <pre>
 *   *        any run        [abc] [a-z]   one of; a range in either direction
 *   ?        one byte       [^abc]        none of
 *   \c       c itself       a missing ] ends the class at the pattern's end
 * </pre>
 *
 * <p>As in Redis (on x86), bytes are ordered as signed, and of several stars none matches an empty
 * text. Matching takes at most time in proportion to the product of both lengths: after a mismatch
 * only the last {@code *} is tried again. Redis recurses at each star and therefore gives up beyond
 * a depth; a pattern that it could never match matches nothing here either.
 */
public final class GlobPattern {
  /** Runs of stars with something behind them that Redis (with its fixes of 2024) still follows. */
  private static final int STARS_MAX = 1000;

  private final byte[] pattern;
  private final boolean ignoreCase;
  private final boolean everything;
  private final boolean nothing;

  // Where a class or escape ends in the pattern; set by matchesOne.
  private int next;

  private GlobPattern(byte[] pattern, boolean ignoreCase) {
    this.pattern = pattern;
    this.ignoreCase = ignoreCase;
    this.everything = pattern.length == 1 && pattern[0] == '*';
    this.nothing = pattern.length > 2 * STARS_MAX && countStars() > STARS_MAX;
  }

  /** Runs of stars with something behind them. */
  private int countStars() {
    int count = 0;
    int p = 0;
    boolean star = false;
    while (p < pattern.length) {
      if (pattern[p] == '*') {
        star = true;
        p++;
      } else {
        count += star ? 1 : 0;
        star = false;
        var _ = matchesOne(p, (byte) 0);
        p = next;
      }
    }
    return count;
  }

  /** A pattern that compares bytes as they are; the array is kept. */
  public static GlobPattern of(byte[] pattern) {
    return new GlobPattern(pattern, false);
  }

  /** A pattern that takes ASCII letters of either case for the same. */
  public static GlobPattern ignoringCase(byte[] pattern) {
    return new GlobPattern(pattern, true);
  }

  /** Whether the pattern is {@code *}. */
  public boolean matchesEverything() {
    return everything;
  }

  /** Whether the whole text fits the pattern. */
  public boolean matches(byte[] text, int offset, int length) {
    if (everything) {
      return true;
    }
    if (length == 0 || nothing) {
      return pattern.length == 0;
    }
    int end = offset + length;
    int at = offset;
    int p = 0;
    int starP = -1;
    int starAt = 0;
    while (at < end) {
      if (p < pattern.length && pattern[p] == '*') {
        starP = ++p;
        starAt = at;
      } else if (p < pattern.length && matchesOne(p, text[at])) {
        p = next;
        at++;
      } else if (starP >= 0) {
        p = starP;
        at = ++starAt;
      } else {
        return false;
      }
    }
    while (p < pattern.length && pattern[p] == '*') {
      p++;
    }
    return p == pattern.length;
  }

  private boolean matchesOne(int p, byte b) {
    byte wanted = pattern[p];
    if (wanted == '[') {
      return matchesClass(p + 1, b);
    }
    if (wanted == '\\' && p + 1 < pattern.length) {
      next = p + 2;
      return same(pattern[p + 1], b);
    }
    next = p + 1;
    return wanted == '?' || same(wanted, b);
  }

  private boolean matchesClass(int start, byte b) {
    int p = start;
    boolean negated = p < pattern.length && pattern[p] == '^';
    if (negated) {
      p++;
    }
    boolean found = false;
    while (p < pattern.length && pattern[p] != ']') {
      if (pattern[p] == '\\' && p + 1 < pattern.length) {
        found |= same(pattern[p + 1], b);
        p += 2;
      } else if (p + 2 < pattern.length && pattern[p + 1] == '-') {
        found |= inRange(pattern[p], pattern[p + 2], b);
        p += 3;
      } else {
        found |= same(pattern[p], b);
        p++;
      }
    }
    next = Math.min(p + 1, pattern.length);
    return found != negated;
  }

  private boolean inRange(byte first, byte last, byte b) {
    int value = fold(b);
    return value >= fold((byte) Math.min(first, last))
        && value <= fold((byte) Math.max(first, last));
  }

  private boolean same(byte a, byte b) {
    return fold(a) == fold(b);
  }

  private int fold(byte b) {
    return ignoreCase && b >= 'A' && b <= 'Z' ? b + 32 : b;
  }
}
