package io.redknot.server.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeySpecTest {
  private static final List<Integer> MISFIT = List.of(-1);

  private static List<Integer> positions(KeySpec spec, String line) {
    Args args = Objects.requireNonNull(RespParser.splitLine(line));
    List<Integer> found = new ArrayList<>();
    if (!spec.positions(args, found::add)) {
      assertEquals(List.of(), found, "nothing is visited where the arguments do not fit");
      return MISFIT;
    }
    return found;
  }

  @Test
  void aRangeEndsRelativeToItsFirstKeyOrToTheEnd() {
    assertEquals(List.of(1), positions(KeySpec.at(1, "RO"), "get a b"));
    assertEquals(MISFIT, positions(KeySpec.at(1, "RO"), "get"));
    assertEquals(List.of(1, 2), positions(KeySpec.range(1, 1, 1, "RO"), "lcs a b c"));
    assertEquals(MISFIT, positions(KeySpec.range(1, 1, 1, "RO"), "lcs a"));
    assertEquals(List.of(1, 3), positions(KeySpec.range(1, -1, 2, "OW"), "mset a 1 b 2"));
    assertEquals(List.of(1, 2), positions(KeySpec.range(1, -2, 1, "RW"), "blpop a b 0"));
    assertEquals(MISFIT, positions(KeySpec.range(1, -2, 1, "RW"), "blpop a"));
  }

  @Test
  void aLimitTakesAPartOfWhatIsLeft() {
    KeySpec streams =
        KeySpec.of(new KeySpec.Begin.Keyword("STREAMS", 1), new KeySpec.Find.Range(-1, 1, 2), "RO");
    assertEquals(List.of(2, 3), positions(streams, "xread streams a b 0 0"));
    assertEquals(List.of(2), positions(streams, "xread Streams a b 0"));
    assertEquals(MISFIT, positions(streams, "xread streams a"));
  }

  @Test
  void anAbsentWordMeansThatThereIsNoKey() {
    KeySpec store = KeySpec.behind("STORE", 3, "OW");
    assertEquals(List.of(), positions(store, "georadius a 0 0"));
    assertEquals(List.of(5), positions(store, "georadius a 0 0 store d"));
    assertEquals(List.of(), positions(store, "georadius store 0 0 store"));
  }

  @Test
  void aWordIsSearchedBackwardsFromTheEnd() {
    KeySpec keys = KeySpec.behind("KEYS", -2, "RW");
    assertEquals(List.of(4), positions(keys, "migrate h keys keys a"));
    assertEquals(List.of(), positions(keys, "migrate h x a"));
  }

  @Test
  void aCountMustBeANumberAndItsKeysMustBeThere() {
    KeySpec counted = KeySpec.counted(1, "RO");
    assertEquals(List.of(2, 3), positions(counted, "zdiff 2 a b c"));
    assertEquals(List.of(), positions(counted, "zdiff 0 a"));
    for (String count :
        List.of("3", "-1", "x", "01", "9223372036854775807", "99999999999999999999")) {
      assertEquals(MISFIT, positions(counted, "zdiff " + count + " a b"), count);
    }
    assertEquals(MISFIT, positions(counted, "zdiff"));
  }

  @Test
  void aHugeCountWithAWideStepDoesNotOverflow() {
    KeySpec wide =
        KeySpec.of(new KeySpec.Begin.Index(1), new KeySpec.Find.Count(0, 1, 1 << 30), "RO");
    assertEquals(MISFIT, positions(wide, "x 9223372036854775807 a"));
    assertEquals(MISFIT, positions(wide, "x 3 a b c d"));
  }

  @Test
  void whatOnlyTheCommandKnowsNeverFits() {
    KeySpec unknown =
        KeySpec.of(new KeySpec.Begin.Unknown(), new KeySpec.Find.Unknown(), "RO access");
    assertFalse(unknown.isComplete());
    assertEquals(MISFIT, positions(unknown, "sort a"));
  }

  @Test
  void positionsAreAlwaysWithinTheArguments() {
    long seed = 7;
    Random random = new Random(seed);
    for (int i = 0; i < 50_000; i++) {
      KeySpec spec = KeySpec.of(begin(random), find(random), "RO");
      String line = line(random);
      Args args = Objects.requireNonNull(RespParser.splitLine(line));
      for (int position : positions(spec, line)) {
        assertTrue(
            position == -1 || (position > 0 && position < args.count()),
            spec + " on " + line + ", seed " + seed);
      }
      assertEquals(
          Math.max(0, spec.count(args)),
          positions(spec, line).stream().filter(position -> position >= 0).count());
    }
  }

  private static KeySpec.Begin begin(Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> new KeySpec.Begin.Index(1 + random.nextInt(4));
      case 1 -> new KeySpec.Begin.Keyword("K", 1 + random.nextInt(4));
      default -> new KeySpec.Begin.Keyword("K", -1 - random.nextInt(4));
    };
  }

  private static KeySpec.Find find(Random random) {
    return random.nextBoolean()
        ? new KeySpec.Find.Range(random.nextInt(6) - 3, 1 + random.nextInt(3), random.nextInt(4))
        : new KeySpec.Find.Count(random.nextInt(3), random.nextInt(3), 1 + random.nextInt(3));
  }

  private static String line(Random random) {
    StringBuilder line = new StringBuilder("x");
    for (int i = random.nextInt(8); i > 0; i--) {
      line.append(' ').append(List.of("k", "a", "1", "2", "-3", "7").get(random.nextInt(6)));
    }
    return line.toString();
  }
}
