package io.redknot.storage.encoding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListpackTest {
  private static final int STEPS = 6000;
  private static final int ELEMENTS_MAX = 300;

  /** Not the first byte of the array: a position must not depend on where the listpack lies. */
  private int at = 13;

  private byte[] lp = new byte[64];
  private final List<byte[]> model = new ArrayList<>();

  private void room(int more) {
    int needed = at + Listpack.bytes(lp, at) + more;
    if (needed > lp.length) {
      lp = Arrays.copyOf(lp, needed);
    }
  }

  private void insert(int index, byte[] element) {
    int p = index == model.size() ? Listpack.end(lp, at) : Listpack.seek(lp, at, index);
    int bytes = Listpack.encodedBytes(element, 0, element.length);
    room(bytes);
    int behind = Listpack.insert(lp, at, p, element, 0, element.length);
    assertEquals(p + bytes, behind);
    model.add(index, element);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void behavesAsListOfTexts(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ElementDraw draw = new ElementDraw(random);
    Listpack.clear(lp, at);
    for (int step = 0; step < STEPS; step++) {
      int choice = random.nextInt(model.size() < ELEMENTS_MAX ? 12 : 6);
      switch (choice) {
        case 0, 1 -> remove(random);
        case 2, 3, 4 -> replace(random, draw.element());
        case 5 -> moveElsewhere(random);
        case 6 -> insertInteger(random);
        default -> insert(random.nextInt(model.size() + 1), draw.element());
      }
      if (step % 50 == 0) {
        check("seed " + seed + " step " + step);
        checkSearch(random, draw.element());
      }
    }
    check("seed " + seed);
  }

  private void insertInteger(SplittableRandom random) {
    long value = random.nextLong() >> random.nextInt(64);
    int index = random.nextInt(model.size() + 1);
    int p = index == model.size() ? Listpack.end(lp, at) : Listpack.seek(lp, at, index);
    room(Listpack.encodedBytes(value));
    assertEquals(p + Listpack.encodedBytes(value), Listpack.insert(lp, at, p, value));
    model.add(index, ElementDraw.text(Long.toString(value)));
  }

  private void remove(SplittableRandom random) {
    if (model.isEmpty()) {
      return;
    }
    int index = random.nextInt(model.size());
    int count = 1 + random.nextInt(Math.min(5, model.size() - index));
    int p = Listpack.seek(lp, at, index);
    int behind = Listpack.remove(lp, at, p, count);
    model.subList(index, index + count).clear();
    assertEquals(index == model.size() ? Listpack.NONE : p, behind);
  }

  private void replace(SplittableRandom random, byte[] element) {
    if (model.isEmpty()) {
      return;
    }
    int index = random.nextInt(model.size());
    int p = Listpack.seek(lp, at, index - (random.nextBoolean() ? model.size() : 0));
    room(Listpack.ELEMENT_OVERHEAD_MAX + element.length);
    Listpack.replace(lp, at, p, element, 0, element.length);
    model.set(index, element);
  }

  private void moveElsewhere(SplittableRandom random) {
    int length = Listpack.bytes(lp, at);
    int to = random.nextInt(40);
    byte[] other = new byte[to + length + random.nextInt(3)];
    System.arraycopy(lp, at, other, to, length);
    lp = other;
    at = to;
  }

  private byte[] text(int p) {
    byte[] text = new byte[Listpack.length(lp, at, p)];
    assertEquals(text.length, Listpack.copy(lp, at, p, text, 0));
    return text;
  }

  private void check(String where) {
    assertTrue(Listpack.isValid(lp, at, Listpack.bytes(lp, at)), where);
    assertEquals(model.size(), Listpack.count(lp, at), where);
    int p = Listpack.first(lp, at);
    for (byte[] element : model) {
      assertArrayEquals(element, text(p), where);
      assertTrue(Listpack.is(lp, at, p, element, 0, element.length), where);
      boolean number = DecimalText.isLong(element, 0, element.length);
      assertEquals(number, Listpack.isInteger(lp, at, p), where);
      p = Listpack.next(lp, at, p);
    }
    assertEquals(Listpack.NONE, p, where);
    p = Listpack.last(lp, at);
    for (int i = model.size() - 1; i >= 0; i--) {
      assertArrayEquals(model.get(i), text(p), where);
      assertEquals(p, Listpack.seek(lp, at, i), where);
      assertEquals(p, Listpack.seek(lp, at, i - model.size()), where);
      p = Listpack.previous(lp, at, p);
    }
    assertEquals(Listpack.NONE, p, where);
    assertEquals(Listpack.NONE, Listpack.seek(lp, at, model.size()), where);
    assertEquals(Listpack.NONE, Listpack.seek(lp, at, -model.size() - 1), where);
  }

  private void checkSearch(SplittableRandom random, byte[] absent) {
    byte[] wanted =
        random.nextBoolean() || model.isEmpty() ? absent : model.get(random.nextInt(model.size()));
    int skip = random.nextInt(3);
    int expected = Listpack.NONE;
    for (int i = 0; i < model.size() && expected == Listpack.NONE; i += 1 + skip) {
      expected = Arrays.equals(model.get(i), wanted) ? Listpack.seek(lp, at, i) : Listpack.NONE;
    }
    int first = Listpack.first(lp, at);
    assertEquals(expected, Listpack.find(lp, at, first, wanted, 0, wanted.length, skip));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 81 01",
    "63, bf 40",
    "64, e0 40 42",
    "125, e0 7d 7f",
    "126, e0 7e 01 80",
    "4095, ef ff 20 81",
    "4096, f0 00 10 00 00 20 85",
    "16377, f0 f9 3f 00 00 7f fe",
    "16378, f0 fa 3f 00 00 00 ff ff",
    "16379, f0 fb 3f 00 00 01 80 80",
    "2097145, f0 f9 ff 1f 00 7f ff fe",
    "2097146, f0 fa ff 1f 00 00 ff ff ff",
    "2097147, f0 fb ff 1f 00 01 80 80 80",
  })
  void textsOfEveryLengthAreEncodedAsRedisDoes(int length, String expected) {
    String headAndBack = length == 0 ? "80 01" : expected;
    byte[] text = new byte[length];
    Arrays.fill(text, (byte) 'x');
    Listpack.clear(lp, at);
    insert(0, ElementDraw.text("before"));
    insert(1, text);
    insert(2, ElementDraw.text("behind"));
    int p = Listpack.seek(lp, at, 1);
    int head = Listpack.textOffset(lp, at, p) - at - p;
    int bytes = Listpack.elementBytes(lp, at, p);
    byte[] around = new byte[bytes - length];
    System.arraycopy(lp, at + p, around, 0, head);
    System.arraycopy(lp, at + p + head + length, around, head, bytes - head - length);
    assertEquals(headAndBack, HexFormat.ofDelimiter(" ").formatHex(around));
    check("length " + length);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 00 01",
    "127, 7f 01",
    "128, c0 80 02",
    "4095, cf ff 02",
    "-1, df ff 02",
    "-4096, d0 00 02",
    "4096, f1 00 10 03",
    "-4097, f1 ff ef 03",
    "32767, f1 ff 7f 03",
    "32768, f2 00 80 00 04",
    "-32769, f2 ff 7f ff 04",
    "8388607, f2 ff ff 7f 04",
    "-8388608, f2 00 00 80 04",
    "8388608, f3 00 00 80 00 05",
    "-8388609, f3 ff ff 7f ff 05",
    "2147483647, f3 ff ff ff 7f 05",
    "2147483648, f4 00 00 00 80 00 00 00 00 09",
    "-9223372036854775808, f4 00 00 00 00 00 00 00 80 09",
  })
  void integersOfEveryWidthAreEncodedAsRedisDoes(long value, String expected) {
    Listpack.clear(lp, at);
    insert(0, ElementDraw.text(Long.toString(value)));
    int p = Listpack.first(lp, at);
    byte[] bytes = Arrays.copyOfRange(lp, at + p, at + p + Listpack.elementBytes(lp, at, p));
    assertEquals(expected, HexFormat.ofDelimiter(" ").formatHex(bytes));
    assertEquals(value, Listpack.integer(lp, at, p));
    check("value " + value);
  }

  @Test
  void countsBeyondWhatTheHeaderHolds() {
    lp = new byte[400_000];
    at = 0;
    Listpack.clear(lp, at);
    byte[] one = {'1'};
    for (int i = 1; i <= 65_540; i++) {
      Listpack.insert(lp, at, Listpack.end(lp, at), one, 0, 1);
      if (i >= 65_530) {
        assertEquals(i, Listpack.count(lp, at));
        assertTrue(Listpack.isValid(lp, at, Listpack.bytes(lp, at)));
      }
    }
    assertEquals(Listpack.last(lp, at), Listpack.seek(lp, at, 65_539));
    assertEquals(Listpack.first(lp, at), Listpack.seek(lp, at, -65_540));
    for (int i = 65_539; i >= 65_500; i--) {
      Listpack.remove(lp, at, Listpack.first(lp, at), 1);
      assertEquals(i, Listpack.count(lp, at));
    }
    Listpack.remove(lp, at, Listpack.first(lp, at), 65_500);
    assertEquals(Listpack.EMPTY_BYTES, Listpack.bytes(lp, at));
    assertEquals(0, Listpack.count(lp, at));
  }

  @Test
  void textThatLooksLikeIntegerButIsKeptAsTextIsFound() {
    // What other programs may have written: "5" as text, and 5 in the widest encoding.
    byte[] foreign = HexFormat.of().parseHex("1400000002008135" + "02f4050000000000000009ff");
    assertTrue(Listpack.isValid(foreign, 0, foreign.length));
    byte[] five = {'5'};
    assertTrue(Listpack.is(foreign, 0, Listpack.first(foreign, 0), five, 0, 1));
    assertTrue(Listpack.is(foreign, 0, Listpack.last(foreign, 0), five, 0, 1));
    assertFalse(Listpack.isInteger(foreign, 0, Listpack.first(foreign, 0)));
  }
}
