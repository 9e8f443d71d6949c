package io.redknot.storage.encoding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sketches of hostile bytes are refused or edited, and nothing throws or reads beyond them. */
class HyperLogLogFuzzTest {
  private static final int ROUNDS = 20_000;
  private static final int MARGIN = 9;

  private final HyperLogLogEditor editor = new HyperLogLogEditor();
  private final HyperLogLogUnion union = new HyperLogLogUnion();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void noiseIsRefusedOrUsed(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int sound = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] sketch = noise(random);
      if (HyperLogLog.isValid(sketch, 0, sketch.length)) {
        sound += use(random, sketch, "seed " + seed + " round " + round) ? 1 : 0;
      }
    }
    assertTrue(sound > ROUNDS / 20, "some are sound: " + sound);
    assertTrue(sound < ROUNDS * 3 / 4, "most damage is found: " + sound);
  }

  private static byte[] noise(SplittableRandom random) {
    boolean dense = random.nextInt(50) == 0;
    byte[] sketch = new byte[dense ? HyperLogLog.DENSE_BYTES : random.nextInt(60)];
    random.nextBytes(sketch);
    byte[] header = new byte[HyperLogLog.EMPTY_BYTES];
    HyperLogLog.clear(header, 0);
    header[HyperLogLogFormat.FORM] = (byte) (dense ? 0 : random.nextInt(20) > 0 ? 1 : 2);
    System.arraycopy(header, 0, sketch, 0, Math.min(sketch.length, HyperLogLogFormat.HEADER_BYTES));
    if (!dense && sketch.length > header.length && random.nextInt(4) > 0) {
      complete(random, sketch);
    }
    return sketch;
  }

  /** Makes runs that are as many registers as there are, or one less. */
  private static void complete(SplittableRandom random, byte[] sketch) {
    int registers = random.nextInt(4) == 0 ? 1 : 0;
    int last = sketch.length - 2;
    for (int i = HyperLogLogFormat.HEADER_BYTES; i < last; i++) {
      sketch[i] = (byte) (random.nextBoolean() ? 0x80 | random.nextInt(16) : random.nextInt(64));
      registers += SparseRegisters.run(sketch, i, sketch.length);
    }
    SparseRegisters.putLongZeros(sketch, last, HyperLogLogFormat.REGISTERS - registers);
  }

  /** Does all there is with a sketch that has other bytes around it; whether it was sound. */
  private boolean use(SplittableRandom random, byte[] sketch, String where) {
    byte[] around = new byte[sketch.length + 2 * MARGIN];
    random.nextBytes(around);
    System.arraycopy(sketch, 0, around, MARGIN, sketch.length);
    byte[] before = around.clone();
    boolean sound = union.count(around, MARGIN, sketch.length) != HyperLogLogUnion.CORRUPTED;
    assertEquals(sound, isSound(sketch), where);
    union.clear();
    assertEquals(sound, union.add(around, MARGIN, sketch.length), where);
    if (!HyperLogLog.isDense(sketch, 0)) {
      assertTrue(HyperLogLog.runs(around, MARGIN, sketch.length).length() < 1000, where);
    }
    edit(random, around, sketch.length, sound, where);
    if (!HyperLogLog.isDense(sketch, 0)) {
      assertArrayEquals(before, around, where);
    }
    return sound;
  }

  private boolean isSound(byte[] sketch) {
    editor.open(sketch, 0, sketch.length, 0);
    return editor.isDense() || editor.makeDense();
  }

  private void edit(
      SplittableRandom random, byte[] around, int length, boolean sound, String where) {
    long max = random.nextInt(100);
    editor.open(around, MARGIN, length, max);
    for (int i = 0; i < 20; i++) {
      int index = random.nextInt(HyperLogLog.REGISTERS);
      int value = random.nextInt(1, random.nextInt(50) == 0 ? 40 : 8);
      boolean raised = editor.raise(index, value);
      assertTrue(raised || !sound, where);
      assertTrue(!raised || editor.get(index) >= value, where);
    }
    assertTrue(editor.isDense() || editor.length() <= Math.max(max, length), where);
    boolean still =
        union.count(editor.array(), editor.offset(), editor.length()) != HyperLogLogUnion.CORRUPTED;
    assertEquals(sound, still, where);
    editor.close();
  }
}
