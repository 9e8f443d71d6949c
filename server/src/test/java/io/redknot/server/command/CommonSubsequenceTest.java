package io.redknot.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CommonSubsequenceTest {
  private static StringSlice slice(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    return StringSlice.of(bytes, 0, bytes.length);
  }

  private static String text(CommonSubsequence common) {
    return new String(common.bytes(), StandardCharsets.ISO_8859_1);
  }

  private static int longest(String a, String b) {
    if (a.isEmpty() || b.isEmpty()) {
      return 0;
    }
    String restA = a.substring(1);
    String restB = b.substring(1);
    return a.charAt(0) == b.charAt(0)
        ? 1 + longest(restA, restB)
        : Math.max(longest(a, restB), longest(restA, b));
  }

  private static boolean contains(String whole, String part) {
    int at = -1;
    for (int i = 0; i < part.length(); i++) {
      at = whole.indexOf(part.charAt(i), at + 1);
      if (at < 0) {
        return false;
      }
    }
    return true;
  }

  private static String draw(SplittableRandom random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(9); i > 0; i--) {
      text.append((char) ('a' + random.nextInt(3)));
    }
    return text.toString();
  }

  @Test
  void matchesAreListedFromTheEnd() {
    CommonSubsequence common = new CommonSubsequence(slice("ohmytext"), slice("mynewtext"), true);
    assertEquals("mytext", text(common));
    assertEquals(
        List.of(new CommonSubsequence.Match(4, 5, 4), new CommonSubsequence.Match(2, 0, 2)),
        common.matches());
  }

  @Test
  void resultIsCommonAndNoneIsLonger() {
    for (int seed = 0; seed < 3000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      String a = draw(random);
      String b = draw(random);
      CommonSubsequence common = new CommonSubsequence(slice(a), slice(b), true);
      String text = text(common);
      String what = "seed " + seed + " " + a + " " + b + " " + text;
      assertEquals(longest(a, b), text.length(), what);
      assertTrue(contains(a, text) && contains(b, text), what);
      assertEquals(text.length(), new CommonSubsequence(slice(a), slice(b), false).length(), what);
    }
  }
}
