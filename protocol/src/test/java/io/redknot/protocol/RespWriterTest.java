package io.redknot.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RespWriterTest {
  private static final int ROUNDS = 500;

  private final RespWriter out = new RespWriter();

  private String taken() {
    return new String(out.takeBytes(), StandardCharsets.ISO_8859_1);
  }

  @Test
  void theProtocolVersionDecidesTheForm() {
    writeEverything();
    assertEquals("+OK\r\n$-1\r\n*-1\r\n*4\r\n*2\r\n*1\r\n$3\r\n1.5\r\n:1\r\n$1\r\nx\r\n", taken());
    out.resp3(true);
    writeEverything();
    assertEquals("+OK\r\n_\r\n_\r\n%2\r\n~2\r\n>1\r\n,1.5\r\n#t\r\n=5\r\ntxt:x\r\n", taken());
  }

  private void writeEverything() {
    out.ok();
    out.nullBulk();
    out.nullArray();
    out.map(2);
    out.set(2);
    out.push(1);
    out.real(1.5);
    out.bool(true);
    out.verbatim("txt", "x");
  }

  @Test
  void lineBreaksInErrorsBecomeBlanks() {
    out.error("ERR a\r\nb");
    assertEquals("-ERR a  b\r\n", taken());
    assertEquals(1, out.errors());
    assertEquals("ERR a\r\nb", out.lastError());
  }

  @Test
  void rewindingForgetsSmallAndLargeReplies() {
    out.bulk("kept");
    long mark = out.mark();
    out.bulk(new byte[RespWriter.LARGE_BULK_BYTES]);
    out.bulk("gone");
    out.rewind(mark);
    out.integer(-7);
    assertEquals("$4\r\nkept\r\n:-7\r\n", taken());
    assertEquals(0, out.size());
  }

  @Test
  void everyWayToDrainGivesTheSameBytes() {
    for (int round = 0; round < ROUNDS; round++) {
      Random random = new Random(round);
      StringBuilder expected = new StringBuilder();
      for (int i = random.nextInt(6); i >= 0; i--) {
        addRandomReply(random, expected);
      }
      assertEquals(expected.length(), out.size(), "seed " + round);
      ByteBuf target = Unpooled.buffer(100, 100);
      boolean fits = out.drainInto(target);
      if (!fits) {
        assertEquals(0, target.readableBytes());
        target = out.drain(UnpooledByteBufAllocator.DEFAULT);
      }
      assertEquals(expected.toString(), target.toString(StandardCharsets.ISO_8859_1));
      assertEquals(0, out.size());
      target.release();
    }
  }

  private void addRandomReply(Random random, StringBuilder expected) {
    int length = random.nextInt(8) == 0 ? RespWriter.LARGE_BULK_BYTES + 5 : random.nextInt(60);
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    out.bulk(bytes);
    expected.append('$').append(length).append("\r\n");
    expected.append(new String(bytes, StandardCharsets.ISO_8859_1)).append("\r\n");
    long number = random.nextLong();
    out.integer(number);
    expected.append(':').append(number).append("\r\n");
  }

  @Test
  void aSmallBatchFitsAndALargeOneDoesNot() {
    out.bulk("x");
    ByteBuf target = Unpooled.buffer(7, 7);
    assertTrue(out.drainInto(target));
    out.bulk("xy");
    assertFalse(out.drainInto(target.clear()));
    assertEquals("$2\r\nxy\r\n", taken());
    target.release();
  }
}
