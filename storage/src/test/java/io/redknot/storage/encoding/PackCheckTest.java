package io.redknot.storage.encoding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackCheckTest {
  private static byte[] pack(List<String> elements) {
    byte[] lp = new byte[64 * 1024];
    Listpack.clear(lp, 0);
    for (String element : elements) {
      byte[] text = element.getBytes(StandardCharsets.ISO_8859_1);
      Listpack.insert(lp, 0, Listpack.end(lp, 0), text, 0, text.length);
    }
    return lp;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void keysThatStandTwiceAreFoundAmongAnyNumberOfOthers(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 2000; round++) {
      int group = 1 + random.nextInt(2);
      List<String> keys = new ArrayList<>();
      List<String> elements = new ArrayList<>();
      for (int i = random.nextInt(40); i > 0; i--) {
        // Of few numbers and long texts with a common beginning, so that some stand twice.
        int n = random.nextInt(300);
        keys.add(random.nextBoolean() ? Integer.toString(n - 100) : "a common beginning " + n);
        elements.add(keys.getLast());
        if (group == 2) {
          elements.add("value");
        }
      }
      assertEquals(
          new HashSet<>(keys).size() == keys.size(),
          PackCheck.hasDistinctKeys(pack(elements), group),
          "seed " + seed + ": " + elements);
    }
  }

  @Test
  void aNumberThatIsKeptAsTextIsNoKey() {
    byte[] lp = pack(List.of("ab", "value", "cd", "value"));
    assertTrue(PackCheck.hasDistinctKeys(lp, 2));
    int text = Listpack.textOffset(lp, 0, Listpack.first(lp, 0));
    lp[text] = '1';
    lp[text + 1] = '2';
    assertFalse(Listpack.isInteger(lp, 0, Listpack.first(lp, 0)));
    assertFalse(PackCheck.hasDistinctKeys(lp, 2));
  }
}
