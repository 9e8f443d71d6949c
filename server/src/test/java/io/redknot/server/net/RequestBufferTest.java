package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.netty.buffer.Unpooled;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RequestBufferTest {
  private static final byte[] FIRST = {1, 2, 3, 4, 5, 6, 7, 8};

  private final RequestBuffer buffer = new RequestBuffer();

  /** Three of eight bytes are left, so that two have room where others were. */
  private void fill() {
    buffer.put(FIRST, 0, FIRST.length, 0);
    buffer.consumedTo(buffer.from() + 5);
  }

  private byte[] content() {
    return Arrays.copyOfRange(buffer.array(), buffer.from(), buffer.to());
  }

  @Test
  void whatIsLeftMovesToMakeRoom() {
    fill();
    byte[] array = buffer.array();
    buffer.append(Unpooled.wrappedBuffer(new byte[] {9, 10}), 2, 0);
    assertSame(array, buffer.array());
    assertArrayEquals(new byte[] {6, 7, 8, 9, 10}, content());
  }

  @Test
  void whatIsLentStaysWhereItIs() {
    fill();
    byte[] array = buffer.array();
    byte[] before = array.clone();
    buffer.lend();
    buffer.append(Unpooled.wrappedBuffer(new byte[] {9, 10}), 2, 0);
    assertArrayEquals(before, array);
    assertNotSame(array, buffer.array());
    assertArrayEquals(new byte[] {6, 7, 8, 9, 10}, content());
  }

  @Test
  void whereLittleIsFreeItGrowsInsteadOfMovingAgainAndAgain() {
    buffer.put(FIRST, 0, FIRST.length, 0);
    buffer.consumedTo(buffer.from() + 2);
    buffer.append(Unpooled.wrappedBuffer(new byte[] {9, 10}), 2, 0);
    assertEquals(2 * FIRST.length, buffer.capacity());
    assertArrayEquals(new byte[] {3, 4, 5, 6, 7, 8, 9, 10}, content());
  }
}
