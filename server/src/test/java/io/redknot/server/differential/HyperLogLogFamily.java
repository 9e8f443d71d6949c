package io.redknot.server.differential;

import java.util.ArrayList;
import java.util.List;

/** HyperLogLog sketches, whose bytes are compared too, and strings that are almost sketches. */
final class HyperLogLogFamily implements Family {
  private static final int HEADER_BYTES = 16;
  private static final int DENSE_BYTES = 12304;
  private static final int REGISTERS = 16384;

  @Override
  public String name() {
    return "hyperloglog";
  }

  @Override
  public List<Recipe> recipes() {
    return List.of(
        draw -> Step.of("PFADD", draw.key(), elements(draw)),
        draw -> Step.of("PFADD", draw.key(), elements(draw)),
        draw -> Step.of("PFADD", draw.key(), manyElements(draw)),
        draw -> Step.of("PFADD", draw.key()),
        draw -> Step.of("PFADD", draw.key(), draw.value()),
        draw -> Step.of("PFCOUNT", draw.key()),
        draw -> Step.of("PFCOUNT", draw.key()),
        draw -> Step.of("PFCOUNT", draw.keys(1, 4)),
        draw -> Step.of("PFMERGE", draw.key(), draw.keys(0, 3)),
        draw -> Step.of("PFMERGE", draw.key(), draw.keys(0, 3)),
        draw -> Step.of("PFDEBUG", draw.word("decode"), draw.key()),
        draw -> Step.of("PFDEBUG", draw.word("encoding"), draw.key()),
        draw -> Step.of("PFDEBUG", word(draw), draw.key()),
        draw -> Step.of("SET", draw.key(), almostSketch(draw)),
        draw -> Step.of("SETRANGE", draw.key(), draw.below(HEADER_BYTES), draw.bytes(1)),
        draw -> Step.of("SETBIT", draw.key(), draw.below(8 * HEADER_BYTES), draw.below(2)),
        draw -> Step.of("APPEND", draw.key(), new byte[] {(byte) (draw.below(256) & 0xbf)}),
        draw -> Step.of("OBJECT", "ENCODING", draw.key()),
        draw -> Step.of("GET", draw.key()),
        draw -> Step.of("DEL", draw.key()));
  }

  @Override
  public List<Step> probes(Key key) {
    return List.of(Step.of("PFCOUNT", key), Step.of("GET", key));
  }

  private static String word(Draw draw) {
    return draw.percent(20)
        ? draw.oneOf("", "dense", "help")
        : draw.word(draw.oneOf("todense", "getreg"));
  }

  private static List<Object> elements(Draw draw) {
    List<Object> elements = new ArrayList<>();
    for (int i = draw.below(5); i >= 0; i--) {
      elements.add(draw.percent(80) ? draw.between(0, 3000) : draw.bytes(draw.below(40)));
    }
    return elements;
  }

  /** So many that one call leads from few runs to the limit of the sparse form and beyond. */
  private static List<Object> manyElements(Draw draw) {
    List<Object> elements = new ArrayList<>();
    int from = draw.below(100_000);
    for (int i = draw.below(draw.oneOf(10, 100, 1000)); i >= 0; i--) {
      elements.add(from + i);
    }
    return elements;
  }

  /**
   * A header with a mistake now and then, and runs of zeros and values, which now and then are not
   * as many registers as there are. No run is cut off: Redis writes behind the end of such ones.
   */
  private static byte[] almostSketch(Draw draw) {
    byte[] bytes = draw.bytes(draw.percent(10) ? DENSE_BYTES - draw.below(2) : draw.below(80));
    byte[] header = {'H', 'Y', 'L', 'L', (byte) draw.below(3)};
    System.arraycopy(header, 0, bytes, 0, Math.min(header.length, bytes.length));
    if (bytes.length > HEADER_BYTES + 2 && bytes.length < DENSE_BYTES) {
      int end = bytes.length - 2;
      int registers = draw.percent(20) ? 1 : 0;
      for (int i = HEADER_BYTES; i < end; i++) {
        bytes[i] = (byte) (draw.percent(50) ? 0x80 | draw.below(12) : draw.below(0x40));
        registers += bytes[i] < 0 ? (bytes[i] & 3) + 1 : bytes[i] + 1;
      }
      bytes[end] = (byte) (0x40 | (REGISTERS - registers - 1) >> 8);
      bytes[end + 1] = (byte) (REGISTERS - registers - 1);
    } else if (bytes.length > HEADER_BYTES) {
      bytes[bytes.length - 1] &= (byte) 0xbf;
    }
    return bytes;
  }
}
