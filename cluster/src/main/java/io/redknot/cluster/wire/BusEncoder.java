package io.redknot.cluster.wire;

import static io.redknot.cluster.wire.BusFormat.*;

import io.redknot.cluster.wire.BusBody.Gossip;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Turns messages into bytes, exactly as Redis 7.2 writes them. */
public final class BusEncoder {
  private BusEncoder() {}

  /** The whole message in a new array. */
  public static byte[] encode(BusMessage message) {
    byte[] bytes = new byte[lengthBytes(message)];
    ByteBuffer out = ByteBuffer.wrap(bytes);
    header(message, out);
    body(message.body(), out);
    return bytes;
  }

  /** The length of the encoded message. */
  public static int lengthBytes(BusMessage message) {
    return switch (message.body()) {
      case BusBody.Empty e -> HEADER_BYTES;
      case BusBody.Fail f -> FAIL_BYTES;
      case BusBody.Update u -> UPDATE_BYTES;
      case BusBody.Publish p ->
          PUBLISH_HEAD_BYTES + p.channel().lengthBytes() + p.message().lengthBytes();
      case BusBody.Module m -> MODULE_HEAD_BYTES + m.payload().lengthBytes();
      case Gossip g -> {
        int length = HEADER_BYTES + GOSSIP_BYTES * g.entries().size();
        for (PingExtension extension : g.extensions()) {
          length += lengthBytes(extension);
        }
        yield length;
      }
    };
  }

  private static void header(BusMessage message, ByteBuffer out) {
    BusHeader header = message.header();
    out.putInt(SIGNATURE_OFFSET, SIGNATURE);
    out.putInt(TOTAL_LENGTH_OFFSET, out.limit());
    out.putShort(VERSION_OFFSET, (short) VERSION);
    out.putShort(PORT_OFFSET, (short) header.port());
    out.putShort(TYPE_OFFSET, (short) message.type().code());
    out.putLong(CURRENT_EPOCH_OFFSET, header.currentEpoch());
    out.putLong(CONFIG_EPOCH_OFFSET, header.configEpoch());
    out.putLong(REPLICATION_OFFSET_OFFSET, header.replicationOffset());
    text(out, SENDER_OFFSET, header.sender(), NODE_ID_BYTES);
    header.slots().write(out, SLOTS_OFFSET);
    text(out, PRIMARY_OFFSET, header.primaryId(), NODE_ID_BYTES);
    text(out, IP_OFFSET, header.ip(), IP_BYTES - 1);
    out.putShort(SECONDARY_PORT_OFFSET, (short) header.secondaryPort());
    out.putShort(BUS_PORT_OFFSET, (short) header.busPort());
    out.putShort(FLAGS_OFFSET, (short) header.flags());
    out.put(STATE_OFFSET, (byte) (header.clusterOk() ? 0 : 1));
    out.put(MESSAGE_FLAGS_OFFSET, (byte) header.messageFlags());
  }

  private static void body(BusBody body, ByteBuffer out) {
    switch (body) {
      case BusBody.Empty e -> {}
      case BusBody.Fail f -> text(out, HEADER_BYTES, f.nodeId(), NODE_ID_BYTES);
      case BusBody.Update u -> {
        out.putLong(HEADER_BYTES, u.configEpoch());
        text(out, HEADER_BYTES + Long.BYTES, u.nodeId(), NODE_ID_BYTES);
        u.slots().write(out, HEADER_BYTES + Long.BYTES + NODE_ID_BYTES);
      }
      case BusBody.Publish p -> {
        out.putInt(HEADER_BYTES, p.channel().lengthBytes());
        out.putInt(HEADER_BYTES + Integer.BYTES, p.message().lengthBytes());
        out.put(PUBLISH_HEAD_BYTES, p.channel().array());
        out.put(PUBLISH_HEAD_BYTES + p.channel().lengthBytes(), p.message().array());
      }
      case BusBody.Module m -> {
        out.putLong(HEADER_BYTES, m.moduleId());
        out.putInt(HEADER_BYTES + Long.BYTES, m.payload().lengthBytes());
        out.put(MODULE_HEAD_BYTES - 1, (byte) m.kind());
        out.put(MODULE_HEAD_BYTES, m.payload().array());
      }
      case Gossip g -> gossip(g, out);
    }
  }

  private static void gossip(Gossip gossip, ByteBuffer out) {
    out.putShort(COUNT_OFFSET, (short) gossip.entries().size());
    out.putShort(EXTENSIONS_OFFSET, (short) gossip.extensions().size());
    int at = HEADER_BYTES;
    for (GossipEntry entry : gossip.entries()) {
      entry(entry, out, at);
      at += GOSSIP_BYTES;
    }
    if (!gossip.extensions().isEmpty()) {
      byte flags = out.get(MESSAGE_FLAGS_OFFSET);
      out.put(MESSAGE_FLAGS_OFFSET, (byte) (flags | FLAG_EXTENSIONS));
    }
    for (PingExtension extension : gossip.extensions()) {
      extension(extension, out, at);
      at += lengthBytes(extension);
    }
  }

  private static void entry(GossipEntry entry, ByteBuffer out, int at) {
    text(out, at, entry.nodeId(), NODE_ID_BYTES);
    out.putInt(at + GOSSIP_PING_SENT_OFFSET, (int) entry.pingSentSeconds());
    out.putInt(at + GOSSIP_PONG_RECEIVED_OFFSET, (int) entry.pongReceivedSeconds());
    text(out, at + GOSSIP_IP_OFFSET, entry.ip(), IP_BYTES - 1);
    out.putShort(at + GOSSIP_PORT_OFFSET, (short) entry.port());
    out.putShort(at + GOSSIP_BUS_PORT_OFFSET, (short) entry.busPort());
    out.putShort(at + GOSSIP_FLAGS_OFFSET, (short) entry.flags());
    out.putShort(at + GOSSIP_SECONDARY_PORT_OFFSET, (short) entry.secondaryPort());
  }

  private static void extension(PingExtension extension, ByteBuffer out, int at) {
    int data = at + EXTENSION_HEAD_BYTES;
    out.putInt(at, lengthBytes(extension));
    switch (extension) {
      case PingExtension.Hostname h -> {
        out.putShort(at + Integer.BYTES, (short) EXTENSION_HOSTNAME);
        text(out, data, h.name(), h.name().length());
      }
      case PingExtension.Nodename n -> {
        out.putShort(at + Integer.BYTES, (short) EXTENSION_NODENAME);
        text(out, data, n.name(), n.name().length());
      }
      case PingExtension.ForgottenNode f -> {
        out.putShort(at + Integer.BYTES, (short) EXTENSION_FORGOTTEN_NODE);
        text(out, data, f.nodeId(), NODE_ID_BYTES);
        out.putLong(data + NODE_ID_BYTES, f.ttlSeconds());
      }
      case PingExtension.ShardId s -> {
        out.putShort(at + Integer.BYTES, (short) EXTENSION_SHARD_ID);
        text(out, data, s.shardId(), NODE_ID_BYTES);
      }
      case PingExtension.OpenSlot o -> {
        out.putShort(at + Integer.BYTES, (short) EXTENSION_OPEN_SLOT);
        out.putShort(data, (short) o.slot());
        out.putShort(data + Short.BYTES, (short) (o.isLeaving() ? 1 : 0));
        text(out, data + Long.BYTES, o.peerId(), NODE_ID_BYTES);
      }
      case PingExtension.Unknown u -> out.putShort(at + Integer.BYTES, (short) u.type());
    }
  }

  private static int lengthBytes(PingExtension extension) {
    return switch (extension) {
      case PingExtension.Hostname h -> textExtensionBytes(h.name());
      case PingExtension.Nodename n -> textExtensionBytes(n.name());
      case PingExtension.ForgottenNode f -> FORGOTTEN_NODE_BYTES;
      case PingExtension.ShardId s -> SHARD_ID_BYTES;
      case PingExtension.OpenSlot o -> OPEN_SLOT_BYTES;
      case PingExtension.Unknown u -> EXTENSION_HEAD_BYTES;
    };
  }

  private static int textExtensionBytes(String text) {
    int withNul = text.length() + 1;
    int padded = (withNul + EXTENSION_ALIGNMENT - 1) / EXTENSION_ALIGNMENT * EXTENSION_ALIGNMENT;
    return EXTENSION_HEAD_BYTES + padded;
  }

  private static void text(ByteBuffer out, int offset, String text, int lengthMax) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    if (bytes.length > lengthMax) {
      throw new IllegalArgumentException("text longer than " + lengthMax + " bytes: " + text);
    }
    out.put(offset, bytes);
  }
}
