package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class NamePatternTest {
  private static void check(boolean expected, String pattern, String name) {
    assertEquals(expected, new NamePattern(pattern).matches(name), pattern + " on " + name);
  }

  @Test
  void starsAndQuestionMarksStandForAnything() {
    check(true, "*", "");
    check(true, "x*", "xadd");
    check(true, "*get*", "config|get");
    check(true, "*t|?t", "object|tt");
    check(false, "?", "");
    check(false, "get", "getex");
    check(false, "getex", "get");
  }

  @Test
  void bracketsStandForOneOfTheirCharacters() {
    check(true, "[gs]et", "set");
    check(false, "[^gs]et", "set");
    check(true, "[h-f]get", "hget");
    check(true, "[\\]]", "]");
    check(true, "x[a", "xa");
    check(false, "x[", "xa");
  }

  @Test
  void caseDoesNotMatterAndABackslashQuotes() {
    check(true, "GET", "get");
    check(true, "\\G\\et", "get");
    check(false, "\\*", "get");
    check(true, "get\\", "get\\");
  }

  @Test
  void starsMatchAsARecursionOverAllChoicesDoes() {
    long seed = 42;
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      String pattern = word(random, "ab*?", 6);
      String name = word(random, "ab", 8);
      assertEquals(
          slow(pattern, name),
          new NamePattern(pattern).matches(name),
          pattern + " on " + name + ", seed " + seed);
    }
  }

  private static String word(Random random, String letters, int lengthMax) {
    StringBuilder word = new StringBuilder();
    for (int i = random.nextInt(lengthMax + 1); i > 0; i--) {
      word.append(letters.charAt(random.nextInt(letters.length())));
    }
    return word.toString();
  }

  private static boolean slow(String pattern, String name) {
    if (pattern.isEmpty()) {
      return name.isEmpty();
    }
    if (pattern.charAt(0) == '*') {
      return slow(pattern.substring(1), name)
          || (!name.isEmpty() && slow(pattern, name.substring(1)));
    }
    return !name.isEmpty()
        && (pattern.charAt(0) == '?' || pattern.charAt(0) == name.charAt(0))
        && slow(pattern.substring(1), name.substring(1));
  }
}
