package io.redknot.server.command;

import io.redknot.protocol.RespWriter;
import io.redknot.storage.encoding.HyperLogLog;
import io.redknot.storage.encoding.HyperLogLogEditor;
import io.redknot.storage.encoding.HyperLogLogUnion;
import io.redknot.storage.memory.Bytes;

/**
 * PFSELFTEST: counts numbers with sketches of this machine, whose true count is known.
 *
 * <p>The same numbers go into a sketch that is dense from the start and into one that begins
 * sparse: both must have the same registers, and counts that are as near as theory says.
 */
final class HyperLogLogSelfTest {
  private static final int NUMBERS = 200_000;

  /** Standard errors of a count that are too many to be chance. */
  private static final int DEVIATIONS_MAX = 6;

  private static final double STANDARD_ERROR = 1.04 / Math.sqrt(HyperLogLog.REGISTERS);

  /** At counts this small the error is a few elements rather than a share. */
  private static final int SLACK = 2;

  private static final long SPARSE_BYTES_MAX = 3000;

  /** Odd, so that multiples of it are all different; it sets the numbers of a run apart. */
  private static final long STRIDE = 0x9e37_79b9_7f4a_7c15L;

  private final HyperLogLogUnion union = new HyperLogLogUnion();
  private final HyperLogLogEditor dense = new HyperLogLogEditor();
  private final HyperLogLogEditor sparse = new HyperLogLogEditor();
  private final byte[] number = new byte[Long.BYTES];

  private HyperLogLogSelfTest() {
    open(dense);
    open(sparse);
  }

  private static void open(HyperLogLogEditor editor) {
    byte[] empty = new byte[HyperLogLog.EMPTY_BYTES];
    HyperLogLog.clear(empty, 0);
    editor.open(empty, 0, empty.length, SPARSE_BYTES_MAX);
  }

  /** Runs the test and replies how it ended. */
  static void run(RespWriter out) {
    String failure = new HyperLogLogSelfTest().failure();
    if (failure.isEmpty()) {
      out.ok();
    } else {
      out.error("TESTFAILED " + failure);
    }
  }

  private String failure() {
    if (!dense.makeDense()) {
      return "An empty sketch could not be made dense";
    }
    int checkpoint = 1;
    for (int i = 1; i <= NUMBERS; i++) {
      Bytes.putLong(number, 0, i * STRIDE);
      if (!dense.add(number, 0, Long.BYTES) || !sparse.add(number, 0, Long.BYTES)) {
        return "Number " + i + " could not be added";
      }
      if (i == checkpoint || i == NUMBERS) {
        String wrong = wrongAt(i);
        if (!wrong.isEmpty()) {
          return wrong;
        }
        checkpoint *= 10;
      }
    }
    return "";
  }

  private String wrongAt(int numbers) {
    long count = union.count(dense.array(), dense.offset(), dense.length());
    if (count != union.count(sparse.array(), sparse.offset(), sparse.length())) {
      return "The sparse and the dense sketch of " + numbers + " numbers differ";
    }
    double error = Math.abs(count - numbers);
    return error > SLACK + DEVIATIONS_MAX * STANDARD_ERROR * numbers
        ? numbers + " numbers were counted as " + count
        : "";
  }
}
