package io.redknot.storage.encoding;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.memory.Bytes;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sketches beside a plain array of registers, and beside what redis-server made. */
class HyperLogLogTest {
  private static final int SPARSE_BYTES_MAX = 3000;

  private final HyperLogLogEditor editor = new HyperLogLogEditor();
  private final HyperLogLogUnion union = new HyperLogLogUnion();

  private static byte[] empty() {
    byte[] sketch = new byte[HyperLogLog.EMPTY_BYTES];
    HyperLogLog.clear(sketch, 0);
    return sketch;
  }

  private byte[] edited() {
    byte[] sketch =
        Arrays.copyOfRange(editor.array(), editor.offset(), editor.offset() + editor.length());
    editor.close();
    return sketch;
  }

  private byte[] with(byte[] sketch, long sparseBytesMax, String... elements) {
    editor.open(sketch, 0, sketch.length, sparseBytesMax);
    for (String element : elements) {
      byte[] bytes = element.getBytes(ISO_8859_1);
      assertTrue(editor.add(bytes, 0, bytes.length));
    }
    return edited();
  }

  private long count(byte[] sketch) {
    return union.count(sketch, 0, sketch.length);
  }

  private static String body(byte[] sketch) {
    return HexFormat.of().formatHex(sketch, HyperLogLogFormat.HEADER_BYTES, sketch.length);
  }

  @Test
  void fewElementsMakeTheRunsThatRedisMakes() {
    byte[] sketch = with(empty(), SPARSE_BYTES_MAX, "a", "b", "c");
    assertEquals("60f38050b1844bfb80425a", body(sketch));
    assertEquals(3, count(sketch));
    assertEquals(
        "Z:8436 v:1,1 Z:4274 v:2,1 Z:3068 v:1,1 Z:603", HyperLogLog.runs(sketch, 0, sketch.length));
  }

  /** What PFDEBUG DECODE of a real server tells of a sketch of one element. */
  @ParameterizedTest
  @CsvSource({
    "'', 'Z:5938 v:2,1 Z:10445'",
    "a, 'Z:12711 v:2,1 Z:3672'",
    "abc, 'Z:9474 v:1,1 Z:6909'",
    "hello, 'Z:9216 v:1,1 Z:7167'",
    "01234567, 'Z:594 v:2,1 Z:15789'",
    "012345678, 'Z:7667 v:3,1 Z:8716'",
  })
  void elementsOfAllLengthsHaveTheRegisterThatRedisGivesThem(String element, String runs) {
    byte[] sketch = with(empty(), SPARSE_BYTES_MAX, element);
    assertEquals(runs, HyperLogLog.runs(sketch, 0, sketch.length));
  }

  @Test
  void emptySketchIsOneRunWithoutCount() {
    byte[] sketch = empty();
    assertEquals("48594c4c010000000000000000000080", HexFormat.of().formatHex(sketch, 0, 16));
    assertEquals("7fff", body(sketch));
    assertFalse(HyperLogLog.hasCount(sketch, 0));
    assertEquals(0, count(sketch));
    HyperLogLog.putCount(sketch, 0, 77);
    assertTrue(HyperLogLog.hasCount(sketch, 0));
    assertEquals(77, HyperLogLog.count(sketch, 0));
    HyperLogLog.dropCount(sketch, 0);
    assertFalse(HyperLogLog.hasCount(sketch, 0));
    assertEquals(77 | Long.MIN_VALUE, HyperLogLog.count(sketch, 0));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void registersAreThoseOfPlainModel(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] model = new int[HyperLogLog.REGISTERS];
    byte[] sketch = empty();
    byte[] dense = dense(sketch);
    byte[] element = new byte[24];
    long sparseBytesMax = random.nextInt(100, 4000);
    for (int i = 0; i < 1500; i++) {
      random.nextBytes(element);
      int length = random.nextInt(element.length);
      long hash = HyperLogLog.hash(element, 0, length);
      int index = HyperLogLog.indexOf(hash);
      model[index] = Math.max(model[index], HyperLogLog.rankOf(hash));
      String text = new String(element, 0, length, ISO_8859_1);
      sketch = with(sketch, sparseBytesMax, text);
      dense = with(dense, 0, text);
      assertEquals(model[index], get(sketch, index), "seed " + seed + " step " + i);
    }
    for (int i = 0; i < model.length; i++) {
      assertEquals(model[i], get(dense, i), "seed " + seed + " register " + i);
    }
    assertEquals(body(dense), body(dense(sketch)), "seed " + seed);
    assertEquals(count(dense), count(sketch));
  }

  private int get(byte[] sketch, int index) {
    editor.open(sketch, 0, sketch.length, 0);
    return editor.get(index);
  }

  private byte[] dense(byte[] sketch) {
    editor.open(sketch, 0, sketch.length, 0);
    assertTrue(editor.isDense() || editor.makeDense());
    return edited();
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 6, 7, 8, 9})
  void unionHasTheGreaterOfEachRegisterInAllForms(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] one = drawn(random, random.nextInt(1500));
    byte[] other = drawn(random, random.nextInt(1500));
    union.clear();
    assertTrue(union.add(one, 0, one.length) && union.add(other, 0, other.length));
    for (int i = 0; i < HyperLogLog.REGISTERS; i++) {
      assertEquals(Math.max(get(one, i), get(other, i)), union.get(i), "seed " + seed);
    }
    byte[] merged = merged(one);
    byte[] mergedDense = merged(dense(one));
    assertEquals(body(mergedDense), body(dense(merged)), "seed " + seed);
    assertEquals(union.count(), count(merged));
  }

  private byte[] drawn(SplittableRandom random, int elements) {
    String[] texts = new String[elements];
    Arrays.setAll(texts, i -> Long.toString(random.nextInt(5000)));
    byte[] sketch = with(empty(), SPARSE_BYTES_MAX, texts);
    return random.nextBoolean() ? sketch : dense(sketch);
  }

  private byte[] merged(byte[] sketch) {
    byte[] copy = sketch.clone();
    editor.open(copy, 0, copy.length, SPARSE_BYTES_MAX);
    assertTrue(editor.add(union));
    return edited();
  }

  @Test
  void mergeMakesTheRunsThatSearchesFromTheStartMake() {
    SplittableRandom random = new SplittableRandom(8);
    for (int round = 0; round < 200; round++) {
      byte[] sketch = drawnSparse(random);
      byte[] other = drawnSparse(random);
      union.clear();
      assertTrue(union.add(other, 0, other.length) && union.add(sketch, 0, sketch.length));
      byte[] expected = sketch;
      for (int i = 0; i < HyperLogLog.REGISTERS; i++) {
        if (union.get(i) > 0) {
          expected = raised(expected, i, union.get(i));
        }
      }
      assertArrayEquals(expected, merged(sketch), "round " + round);
    }
  }

  /** Registers close to each other, so that runs of equal values are met. */
  private byte[] drawnSparse(SplittableRandom random) {
    byte[] sketch = empty();
    for (int i = random.nextInt(60); i > 0; i--) {
      sketch = raised(sketch, random.nextInt(80), random.nextInt(1, 4));
    }
    return sketch;
  }

  private byte[] raised(byte[] sketch, int index, int value) {
    editor.open(sketch, 0, sketch.length, SPARSE_BYTES_MAX);
    assertTrue(editor.raise(index, value));
    return edited();
  }

  @Test
  void valueAboveThoseOfSparseFormMakesDense() {
    byte[] most = raised(empty(), 5, HyperLogLogFormat.SPARSE_VALUE_MAX);
    assertFalse(HyperLogLog.isDense(most, 0));
    byte[] dense = raised(most, 5, HyperLogLogFormat.SPARSE_VALUE_MAX + 1);
    assertTrue(HyperLogLog.isDense(dense, 0));
    assertEquals(HyperLogLog.DENSE_BYTES, dense.length);
    assertEquals(HyperLogLogFormat.SPARSE_VALUE_MAX + 1, get(dense, 5));
  }

  @Test
  void everyDenseRegisterHoldsEveryValueAndTouchesNoOther() {
    byte[] sketch = dense(empty());
    SplittableRandom random = new SplittableRandom(9);
    int[] model = new int[HyperLogLog.REGISTERS];
    for (int i = 0; i < 200_000; i++) {
      int index = random.nextInt(model.length);
      model[index] = random.nextInt(64);
      DenseRegisters.set(sketch, 0, index, model[index]);
    }
    byte[] copy = dense(empty());
    for (int i = 0; i < DenseRegisters.GROUPS; i++) {
      DenseRegisters.putGroup(copy, 0, i, DenseRegisters.group(sketch, 0, i));
    }
    assertEquals(body(sketch), body(copy));
    for (int i = 0; i < model.length; i++) {
      assertEquals(model[i], DenseRegisters.get(sketch, 0, i));
      long lanes = DenseRegisters.group(sketch, 0, i / DenseRegisters.LANES);
      assertEquals(model[i], (int) (lanes >>> (i % DenseRegisters.LANES * Byte.SIZE)) & 0xff);
    }
  }

  @Test
  void countsAreWithinTheErrorOfTheMethod() {
    byte[] sketch = dense(empty());
    byte[] number = new byte[Long.BYTES];
    editor.open(sketch, 0, sketch.length, 0);
    for (int i = 1; i <= 200_000; i++) {
      Bytes.putLong(number, 0, i);
      assertTrue(editor.add(number, 0, number.length));
      if (i == 1000 || i == 30_000 || i == 200_000) {
        assertEquals((double) i, (double) count(sketch), 0.03 * i);
      }
    }
  }

  @Test
  void registersThatNoElementMakesGiveTheCountThatRedisGives() {
    byte[] sketch = dense(empty());
    Arrays.fill(sketch, HyperLogLogFormat.HEADER_BYTES, sketch.length, (byte) 0xff);
    assertEquals(Long.MIN_VALUE, count(sketch));
  }
}
