package io.redknot.cluster.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.cluster.wire.BusDecoder.Decoded;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BusDecoderTest {
  private final BusDecoder decoder = new BusDecoder();

  private Decoded decode(byte[] bytes) {
    return decoder.decode(ByteBuffer.wrap(bytes));
  }

  private static byte[] changed(BusMessage message, int offset, int... values) {
    byte[] bytes = BusEncoder.encode(message);
    for (int i = 0; i < values.length; i++) {
      bytes[offset + i] = (byte) values[i];
    }
    return bytes;
  }

  private void assertIgnored(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    assertInstanceOf(Decoded.Ignored.class, decoder.decode(in));
    assertEquals(bytes.length, in.position(), "an ignored message is consumed");
  }

  @Test
  void whatIsEncodedIsDecoded() {
    for (BusMessage message : SampleMessages.oneOfEach()) {
      Decoded.Message whole =
          assertInstanceOf(Decoded.Message.class, decode(BusEncoder.encode(message)));
      assertEquals(withoutExtensionBit(message), withoutExtensionBit(whole.message()));
    }
  }

  /** The bit is set wherever there are extensions, and shows up in the decoded header. */
  private static BusMessage withoutExtensionBit(BusMessage m) {
    BusHeader h = m.header();
    int flags = h.messageFlags() & ~BusFormat.FLAG_EXTENSIONS;
    BusHeader same =
        new BusHeader(
            h.sender(),
            h.currentEpoch(),
            h.configEpoch(),
            h.replicationOffset(),
            h.slots(),
            h.primaryId(),
            h.ip(),
            h.port(),
            h.secondaryPort(),
            h.busPort(),
            h.flags(),
            h.clusterOk(),
            flags);
    return new BusMessage(m.type(), same, m.body());
  }

  @Test
  void messagesAreCutOutOfAStreamWhereverItIsSplit() {
    byte[] first = BusEncoder.encode(SampleMessages.gossip());
    byte[] second = BusEncoder.encode(SampleMessages.oneOfEach().get(3));
    byte[] stream = new byte[first.length + second.length];
    System.arraycopy(first, 0, stream, 0, first.length);
    System.arraycopy(second, 0, stream, first.length, second.length);
    for (int split = 0; split < first.length; split += 7) {
      ByteBuffer in = ByteBuffer.wrap(stream, 0, split);
      Decoded.NeedMore more = assertInstanceOf(Decoded.NeedMore.class, decoder.decode(in));
      assertEquals(split < 8 ? 8 : first.length, more.lengthBytes());
      assertEquals(0, in.position());
    }
    ByteBuffer all = ByteBuffer.wrap(stream);
    assertInstanceOf(Decoded.Message.class, decoder.decode(all));
    assertEquals(first.length, all.position());
    assertInstanceOf(Decoded.Message.class, decoder.decode(all));
    assertEquals(0, all.remaining());
  }

  @Test
  void wrongSignatureClosesTheLink() {
    assertInstanceOf(Decoded.Corrupt.class, decode(changed(SampleMessages.ping(), 0, 'X')));
  }

  @Test
  void lengthBelowTheHeaderClosesTheLink() {
    assertInstanceOf(
        Decoded.Corrupt.class, decode(changed(SampleMessages.ping(), 4, 0, 0, 8, 0xcf)));
  }

  @Test
  void lengthBeyondTheLimitClosesTheLink() {
    byte[] bytes = changed(SampleMessages.ping(), 4, 0xff, 0xff, 0xff, 0xff);
    assertInstanceOf(Decoded.Corrupt.class, decode(bytes));
    Decoded small =
        new BusDecoder(2256).decode(ByteBuffer.wrap(BusEncoder.encode(SampleMessages.gossip())));
    assertInstanceOf(Decoded.Corrupt.class, small);
  }

  @Test
  void otherProtocolVersionIsIgnored() {
    assertIgnored(changed(SampleMessages.ping(), 8, 0, 2));
  }

  @Test
  void unknownTypeIsIgnoredWhateverItsLength() {
    assertIgnored(changed(SampleMessages.gossip(), 12, 0, 99));
  }

  @Test
  void lightMessageOfNewerServersIsNotTakenForAFullOne() {
    assertIgnored(changed(SampleMessages.oneOfEach().get(4), 12, 0x80, 4));
  }

  @Test
  void lengthThatDoesNotFitTheTypeIsIgnored() {
    assertIgnored(changed(SampleMessages.oneOfEach().get(3), 12, 0, 7));
    assertIgnored(changed(SampleMessages.ping(), 14, 0, 1));
    assertIgnored(changed(SampleMessages.gossip(), 14, 0, 0));
    assertIgnored(changed(SampleMessages.oneOfEach().get(4), 2256, 0, 0, 0, 5));
    assertIgnored(changed(SampleMessages.oneOfEach().get(4), 2256, 0xff, 0xff, 0xff, 0xff));
    assertIgnored(changed(SampleMessages.oneOfEach().get(9), 2264, 0x7f, 0, 0, 0));
  }

  @Test
  void extensionThatRunsPastTheEndIsIgnored() {
    int extensions = 2256 + 104;
    assertIgnored(changed(SampleMessages.gossip(), extensions, 0, 0, 0x7f, 0xf8));
    assertIgnored(changed(SampleMessages.gossip(), extensions, 0, 0, 0, 15));
    assertIgnored(changed(SampleMessages.gossip(), extensions, 0, 0, 0, 0));
    assertIgnored(changed(SampleMessages.gossip(), 2214, 0, 5));
    assertIgnored(changed(SampleMessages.gossip(), 2214, 0, 3));
  }

  @Test
  void extensionCountWithoutTheFlagIsNotFollowed() {
    byte[] bytes = changed(SampleMessages.ping(), 2214, 0, 9);
    Decoded.Message whole = assertInstanceOf(Decoded.Message.class, decode(bytes));
    assertEquals(new BusBody.Gossip(List.of(), List.of()), whole.message().body());
  }

  @Test
  void unknownExtensionIsSkippedByItsLength() {
    byte[] bytes = changed(SampleMessages.gossip(), 2256 + 104 + 4, 0, 77);
    Decoded.Message whole = assertInstanceOf(Decoded.Message.class, decode(bytes));
    BusBody.Gossip gossip = (BusBody.Gossip) whole.message().body();
    assertEquals(new PingExtension.Unknown(77), gossip.extensions().get(0));
    assertEquals(new PingExtension.ShardId(SampleMessages.CAROL), gossip.extensions().get(3));
  }

  @Test
  void textThatWouldBreakNodesConfIsIgnored() {
    for (int c : new int[] {' ', '\n', ',', '"', '@', 0x80}) {
      assertIgnored(changed(SampleMessages.ping(), 2168, c));
    }
  }

  @Test
  void epochThatCouldOverflowIsIgnored() {
    assertIgnored(changed(SampleMessages.ping(), 16, 0xff));
    assertIgnored(changed(SampleMessages.ping(), 24, 0x41));
    assertIgnored(changed(SampleMessages.oneOfEach().get(7), 2256, 0x80));
  }

  @Test
  void randomBytesNeverThrowNorMisplaceThePosition() {
    long seed = 20260101L;
    Random random = new Random(seed);
    for (int round = 0; round < 30_000; round++) {
      byte[] bytes = BusEncoder.encode(any(random));
      for (int i = random.nextInt(6); i > 0; i--) {
        bytes[hot(random, bytes.length)] = (byte) random.nextInt(256);
      }
      ByteBuffer in = ByteBuffer.wrap(bytes, 0, random.nextInt(bytes.length + 1));
      int before = in.remaining();
      Decoded decoded = decoder.decode(in);
      boolean stays = decoded instanceof Decoded.NeedMore || decoded instanceof Decoded.Corrupt;
      assertTrue(
          stays ? in.remaining() == before : in.remaining() < before, "seed " + seed + "/" + round);
    }
  }

  private static BusMessage any(Random random) {
    List<BusMessage> all = SampleMessages.oneOfEach();
    return all.get(random.nextInt(all.size()));
  }

  /** Bytes that steer the decoder are hit more often than ids and bitmaps. */
  private static int hot(Random random, int length) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(16);
      case 1 -> 2214 + random.nextInt(42);
      case 2 -> length - 1 - random.nextInt(Math.min(length, 260));
      default -> random.nextInt(length);
    };
  }
}
