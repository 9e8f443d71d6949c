package io.redknot.storage.keyspace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobPatternTest {
  private static byte[] bytes(String hex) {
    return hex.equals("-") ? new byte[0] : HexFormat.of().parseHex(hex);
  }

  private static List<String> recordedLines() throws IOException {
    try (InputStream in = GlobPatternTest.class.getResourceAsStream("glob-cases.txt")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), ISO_8859_1);
      return text.lines().filter(line -> !line.startsWith("#")).toList();
    }
  }

  @Test
  void patternsMatchWhatRedisMatches() throws IOException {
    List<String> lines = recordedLines();
    String[] texts = lines.getFirst().split(" ", -1);
    for (String line : lines.subList(1, lines.size())) {
      int space = line.indexOf(' ');
      GlobPattern pattern = GlobPattern.of(bytes(line.substring(0, space)));
      for (int i = 1; i < texts.length; i++) {
        byte[] text = bytes(texts[i]);
        boolean expected = line.charAt(space + i) == '1';
        String where = "pattern " + line.substring(0, space) + " text " + texts[i];
        assertEquals(expected, pattern.matches(text, 0, text.length), where);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"ABC, abc, true", "[A-C]x, bX, true", "a\\B, AB, true", "abc, abd, false"})
  void caseIsIgnoredOnDemand(String pattern, String text, boolean expected) {
    byte[] bytes = text.getBytes(ISO_8859_1);
    GlobPattern ignoring = GlobPattern.ignoringCase(pattern.getBytes(ISO_8859_1));
    assertEquals(expected, ignoring.matches(bytes, 0, bytes.length));
    GlobPattern exact = GlobPattern.of(pattern.getBytes(ISO_8859_1));
    assertFalse(exact.matches(bytes, 0, bytes.length));
  }

  /** Repeated texts of patterns as redis-server 7.0.15 was asked for keys with 1500 letters a. */
  @ParameterizedTest
  @CsvSource({
    "*a, '', 1000, true",
    "*a, '', 1001, false",
    "*a, *, 1000, true",
    "*a, *, 1001, false",
    "a*, '', 1001, true",
    "a*, '', 1002, false",
    "a*, ***, 1001, true",
    "a*, ***, 1002, false",
    "**?, '', 1000, true",
    "**?, '', 1001, false",
    "*[*a], '', 1000, true",
    "*[*a], '', 1001, false",
    "[*]a, '', 1002, false",
    "*\\a, '', 1001, false",
    "[*a], *, 1300, true",
    "a, *, 1500, true"
  })
  void starsBeyondTheDepthOfRedisMatchNothing(
      String repeated, String end, int times, boolean expected) {
    byte[] text = "a".repeat(1500).getBytes(ISO_8859_1);
    GlobPattern pattern = GlobPattern.of((repeated.repeat(times) + end).getBytes(ISO_8859_1));
    assertEquals(expected, pattern.matches(text, 0, text.length));
  }

  @Test
  void onlyASliceIsMatched() {
    byte[] text = "xxabcxx".getBytes(ISO_8859_1);
    assertTrue(GlobPattern.of("a?c".getBytes(ISO_8859_1)).matches(text, 2, 3));
    assertTrue(GlobPattern.of("*".getBytes(ISO_8859_1)).matchesEverything());
    assertFalse(GlobPattern.of("**".getBytes(ISO_8859_1)).matchesEverything());
  }

  /** Backtracking into every star would take longer than the universe is old. */
  @Test
  void manyStarsDoNotTakeExponentialTime() {
    GlobPattern pattern = GlobPattern.of(("a*".repeat(60) + "b").getBytes(ISO_8859_1));
    byte[] text = "a".repeat(20_000).getBytes(ISO_8859_1);
    assertFalse(pattern.matches(text, 0, text.length));
  }
}
