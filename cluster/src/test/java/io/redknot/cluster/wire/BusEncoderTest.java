package io.redknot.cluster.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class BusEncoderTest {
  private static String hex(byte[] bytes, int from, int length) {
    return HexFormat.of().formatHex(bytes, from, from + length);
  }

  private static String ascii(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void headerFieldsStandWhereRedisPutsThem() {
    byte[] bytes = BusEncoder.encode(SampleMessages.ping());
    assertEquals(2256, bytes.length);
    assertEquals("52436d62" + "000008d0" + "0001" + "1b58" + "0000" + "0000", hex(bytes, 0, 16));
    assertEquals("0000000000000007" + "0000000000000005", hex(bytes, 16, 16));
    assertEquals("0000011f71fb04cb", hex(bytes, 32, 8));
    assertEquals(ascii(SampleMessages.ALICE), hex(bytes, 40, 40));
    assertEquals("0302", hex(bytes, 80, 2));
    assertEquals("80", hex(bytes, 80 + 2047, 1));
    assertEquals("00".repeat(40), hex(bytes, 2128, 40));
    assertEquals(ascii("192.168.1.20") + "00".repeat(34), hex(bytes, 2168, 46));
    assertEquals("0000" + "00".repeat(30), hex(bytes, 2214, 32));
    assertEquals("1d13" + "4268" + "0011" + "01" + "000000", hex(bytes, 2246, 10));
  }

  @Test
  void hostnameExtensionIsTheOneOfRedis70() {
    byte[] bytes =
        BusEncoder.encode(SampleMessages.ping(new PingExtension.Hostname("host.example.com")));
    assertEquals(2288, bytes.length);
    assertEquals("0001", hex(bytes, 2214, 2));
    assertEquals("040000", hex(bytes, 2253, 3));
    assertEquals(
        "0000002000000000" + ascii("host.example.com") + "00".repeat(8), hex(bytes, 2256, 32));
  }

  @Test
  void shardIdExtensionIsTheOneOfRedis72() {
    byte[] bytes =
        BusEncoder.encode(SampleMessages.ping(new PingExtension.ShardId(SampleMessages.CAROL)));
    assertEquals(2304, bytes.length);
    assertEquals("0000003000030000" + ascii(SampleMessages.CAROL), hex(bytes, 2256, 48));
  }

  @Test
  void extensionsArePaddedToEightBytesAndCounted() {
    byte[] bytes = BusEncoder.encode(SampleMessages.gossip());
    int extensions = 2256 + 104;
    assertEquals(extensions + 16 + 24 + 56 + 48 + 56 + 56, bytes.length);
    assertEquals("0006", hex(bytes, 2214, 2));
    assertEquals("0000001000000000" + ascii("h7") + "00".repeat(6), hex(bytes, extensions, 16));
    assertEquals("0000001800010000" + ascii("my-node-name"), hex(bytes, extensions + 16, 20));
    assertEquals(
        "0000003800020000" + ascii(SampleMessages.BOB) + "000000000000003b",
        hex(bytes, extensions + 40, 56));
    assertEquals(
        "0000003852010000" + "3fff000100000000" + ascii(SampleMessages.ALICE),
        hex(bytes, extensions + 144, 56));
  }

  @Test
  void gossipEntryFieldsStandWhereRedisPutsThem() {
    byte[] bytes = BusEncoder.encode(SampleMessages.gossip());
    assertEquals("0001", hex(bytes, 14, 2));
    assertEquals(ascii(SampleMessages.CAROL), hex(bytes, 2256, 40));
    assertEquals("6553f100" + "ee6b2800", hex(bytes, 2296, 8));
    assertEquals(ascii("2001:db8::1") + "00".repeat(35), hex(bytes, 2304, 46));
    assertEquals("1b59" + "4269" + "0002" + "0000" + "0000", hex(bytes, 2350, 10));
  }

  @Test
  void publishIsLengthsThenBytes() {
    byte[] bytes = BusEncoder.encode(SampleMessages.oneOfEach().get(4));
    assertEquals(2273, bytes.length);
    assertEquals("0000000400000005" + ascii("chanhello"), hex(bytes, 2256, 17));
  }

  @Test
  void everyTypeHasItsExactLength() {
    int[] lengths =
        SampleMessages.oneOfEach().stream().mapToInt(m -> BusEncoder.encode(m).length).toArray();
    assertEquals(
        "[2256, 2616, 2256, 2296, 2273, 2256, 2256, 4352, 2256, 2272, 2273]",
        Arrays.toString(lengths));
  }

  @Test
  void textThatDoesNotFitIsRefused() {
    BusHeader h = SampleMessages.header();
    BusHeader tooLong =
        new BusHeader(h.sender() + "a", 0, 0, 0, h.slots(), "", "", 0, 0, 0, 0, true, 0);
    BusMessage message = new BusMessage(MessageType.MFSTART, tooLong, BusBody.Empty.INSTANCE);
    assertThrows(IllegalArgumentException.class, () -> BusEncoder.encode(message));
  }
}
