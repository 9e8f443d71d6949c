package io.redknot.cluster.wire;

import static io.redknot.cluster.wire.BusFormat.*;

import io.redknot.cluster.wire.BusBody.Gossip;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts messages out of a byte stream. It keeps no bytes: the caller accumulates them and calls
 * again. Nothing is allocated for a message before all of its bytes are there.
 */
public final class BusDecoder {
  /** What was found at the position of the buffer. */
  public sealed interface Decoded {
    /** Not consumed: call again once this many bytes are in the buffer. */
    record NeedMore(int lengthBytes) implements Decoded {}

    /** Consumed: a message. */
    record Message(BusMessage message) implements Decoded {}

    /** Consumed, to be skipped; the link stays. The type is null when it is not known. */
    record Ignored(String reason, @Nullable MessageType type) implements Decoded {}

    /** The stream cannot be followed any longer: close the link. */
    record Corrupt(String reason) implements Decoded {}
  }

  private static final Decoded NEED_PREFIX = new Decoded.NeedMore(PREFIX_BYTES);

  private final int messageBytesMax;

  public BusDecoder() {
    this(MESSAGE_BYTES_MAX);
  }

  /**
   * A decoder with a limit of its own.
   *
   * @param messageBytesMax longest message accepted, in bytes; a longer one closes the link
   */
  public BusDecoder(int messageBytesMax) {
    this.messageBytesMax = messageBytesMax;
  }

  /**
   * Decodes the message at the buffer's position and moves the position behind it; leaves the
   * position alone when bytes are missing or the stream is corrupt. The buffer must be big-endian.
   */
  public Decoded decode(ByteBuffer in) {
    if (in.remaining() < PREFIX_BYTES) {
      return NEED_PREFIX;
    }
    int start = in.position();
    long total = in.getInt(start + TOTAL_LENGTH_OFFSET) & 0xffffffffL;
    if (in.getInt(start) != SIGNATURE) {
      return new Decoded.Corrupt("wrong signature");
    }
    if (total < HEADER_BYTES || total > messageBytesMax) {
      return new Decoded.Corrupt("message length " + total + " is out of bounds");
    }
    if (in.remaining() < total) {
      return new Decoded.NeedMore((int) total);
    }
    in.position(start + (int) total);
    return decodeWhole(in.slice(start, (int) total));
  }

  private static Decoded decodeWhole(ByteBuffer in) {
    MessageType type = MessageType.ofCode(u16(in, TYPE_OFFSET));
    if (u16(in, VERSION_OFFSET) != VERSION) {
      return new Decoded.Ignored("protocol version " + u16(in, VERSION_OFFSET), type);
    }
    if (type == null) {
      return new Decoded.Ignored("unknown message type " + u16(in, TYPE_OFFSET), null);
    }
    if (isBeyondBounds(in.getLong(CURRENT_EPOCH_OFFSET))
        || isBeyondBounds(in.getLong(CONFIG_EPOCH_OFFSET))) {
      return new Decoded.Ignored("epoch out of bounds", type);
    }
    try {
      BusBody body = body(type, in);
      if (body == null) {
        return new Decoded.Ignored("length " + in.limit() + " does not fit " + type, type);
      }
      return new Decoded.Message(new BusMessage(type, header(in), body));
    } catch (UnusableText e) {
      return new Decoded.Ignored("text in " + type + " is not printable", type);
    }
  }

  private static boolean isBeyondBounds(long epoch) {
    return epoch < 0 || epoch > EPOCH_MAX;
  }

  private static BusHeader header(ByteBuffer in) throws UnusableText {
    return new BusHeader(
        id(in, SENDER_OFFSET),
        in.getLong(CURRENT_EPOCH_OFFSET),
        in.getLong(CONFIG_EPOCH_OFFSET),
        in.getLong(REPLICATION_OFFSET_OFFSET),
        SlotSet.read(in, SLOTS_OFFSET),
        in.get(PRIMARY_OFFSET) == 0 ? "" : id(in, PRIMARY_OFFSET),
        text(in, IP_OFFSET, IP_BYTES),
        u16(in, PORT_OFFSET),
        u16(in, SECONDARY_PORT_OFFSET),
        u16(in, BUS_PORT_OFFSET),
        u16(in, FLAGS_OFFSET),
        in.get(STATE_OFFSET) == 0,
        in.get(MESSAGE_FLAGS_OFFSET) & 0xff);
  }

  /** The body, or null when the length is not exactly the one that the type and counts imply. */
  private static @Nullable BusBody body(MessageType type, ByteBuffer in) throws UnusableText {
    int total = in.limit();
    return switch (type) {
      case PING, PONG, MEET -> gossip(in);
      case FAIL -> total == FAIL_BYTES ? new BusBody.Fail(id(in, HEADER_BYTES)) : null;
      case PUBLISH, PUBLISHSHARD -> publish(in);
      case UPDATE ->
          total == UPDATE_BYTES && !isBeyondBounds(in.getLong(HEADER_BYTES)) ? update(in) : null;
      case MODULE -> module(in);
      case AUTH_REQUEST, AUTH_ACK, MFSTART -> total == HEADER_BYTES ? BusBody.Empty.INSTANCE : null;
    };
  }

  private static BusBody update(ByteBuffer in) {
    int idOffset = HEADER_BYTES + Long.BYTES;
    return new BusBody.Update(
        in.getLong(HEADER_BYTES), id(in, idOffset), SlotSet.read(in, idOffset + NODE_ID_BYTES));
  }

  private static @Nullable BusBody publish(ByteBuffer in) {
    if (in.limit() < PUBLISH_HEAD_BYTES) {
      return null;
    }
    long channel = in.getInt(HEADER_BYTES) & 0xffffffffL;
    long message = in.getInt(HEADER_BYTES + Integer.BYTES) & 0xffffffffL;
    if (PUBLISH_HEAD_BYTES + channel + message != in.limit()) {
      return null;
    }
    int messageOffset = PUBLISH_HEAD_BYTES + (int) channel;
    return new BusBody.Publish(
        payload(in, PUBLISH_HEAD_BYTES, (int) channel), payload(in, messageOffset, (int) message));
  }

  private static @Nullable BusBody module(ByteBuffer in) {
    if (in.limit() < MODULE_HEAD_BYTES) {
      return null;
    }
    long length = in.getInt(HEADER_BYTES + Long.BYTES) & 0xffffffffL;
    if (MODULE_HEAD_BYTES + length != in.limit()) {
      return null;
    }
    return new BusBody.Module(
        in.getLong(HEADER_BYTES),
        in.get(MODULE_HEAD_BYTES - 1) & 0xff,
        payload(in, MODULE_HEAD_BYTES, (int) length));
  }

  private static @Nullable BusBody gossip(ByteBuffer in) throws UnusableText {
    int count = u16(in, COUNT_OFFSET);
    int end = HEADER_BYTES + GOSSIP_BYTES * count;
    boolean extended = (in.get(MESSAGE_FLAGS_OFFSET) & FLAG_EXTENSIONS) != 0;
    if (extended ? end > in.limit() : end != in.limit()) {
      return null;
    }
    List<PingExtension> extensions = extended ? extensions(in, end) : List.of();
    if (extensions == null) {
      return null;
    }
    List<GossipEntry> entries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      entries.add(entry(in, HEADER_BYTES + GOSSIP_BYTES * i));
    }
    return new Gossip(entries, extensions);
  }

  private static GossipEntry entry(ByteBuffer in, int at) throws UnusableText {
    return new GossipEntry(
        id(in, at),
        in.getInt(at + GOSSIP_PING_SENT_OFFSET) & 0xffffffffL,
        in.getInt(at + GOSSIP_PONG_RECEIVED_OFFSET) & 0xffffffffL,
        text(in, at + GOSSIP_IP_OFFSET, IP_BYTES),
        u16(in, at + GOSSIP_PORT_OFFSET),
        u16(in, at + GOSSIP_SECONDARY_PORT_OFFSET),
        u16(in, at + GOSSIP_BUS_PORT_OFFSET),
        u16(in, at + GOSSIP_FLAGS_OFFSET));
  }

  private static @Nullable List<PingExtension> extensions(ByteBuffer in, int from)
      throws UnusableText {
    List<PingExtension> extensions = new ArrayList<>();
    int at = from;
    for (int left = u16(in, EXTENSIONS_OFFSET); left > 0; left--) {
      if (in.limit() - at < EXTENSION_HEAD_BYTES) {
        return null;
      }
      long length = in.getInt(at) & 0xffffffffL;
      boolean aligned = length >= EXTENSION_HEAD_BYTES && length % EXTENSION_ALIGNMENT == 0;
      if (!aligned || length > in.limit() - at) {
        return null;
      }
      PingExtension extension = extension(in, at, (int) length);
      if (extension == null) {
        return null;
      }
      extensions.add(extension);
      at += (int) length;
    }
    return at == in.limit() ? extensions : null;
  }

  private static @Nullable PingExtension extension(ByteBuffer in, int at, int length)
      throws UnusableText {
    int type = u16(in, at + Integer.BYTES);
    int data = at + EXTENSION_HEAD_BYTES;
    int dataLength = length - EXTENSION_HEAD_BYTES;
    return switch (type) {
      case EXTENSION_HOSTNAME -> new PingExtension.Hostname(text(in, data, dataLength));
      case EXTENSION_NODENAME -> new PingExtension.Nodename(text(in, data, dataLength));
      case EXTENSION_FORGOTTEN_NODE ->
          length == FORGOTTEN_NODE_BYTES
              ? new PingExtension.ForgottenNode(id(in, data), in.getLong(data + NODE_ID_BYTES))
              : null;
      case EXTENSION_SHARD_ID ->
          length == SHARD_ID_BYTES ? new PingExtension.ShardId(id(in, data)) : null;
      case EXTENSION_OPEN_SLOT -> length == OPEN_SLOT_BYTES ? openSlot(in, data) : null;
      default -> new PingExtension.Unknown(type);
    };
  }

  private static @Nullable PingExtension openSlot(ByteBuffer in, int at) {
    int slot = u16(in, at);
    boolean isLeaving = u16(in, at + Short.BYTES) != 0;
    return slot < SLOTS
        ? new PingExtension.OpenSlot(slot, isLeaving, id(in, at + Long.BYTES))
        : null;
  }

  private static String id(ByteBuffer in, int offset) {
    byte[] bytes = new byte[NODE_ID_BYTES];
    in.get(offset, bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** Text up to the first NUL. Only what may stand in nodes.conf and CLUSTER NODES is let in. */
  private static String text(ByteBuffer in, int offset, int lengthMax) throws UnusableText {
    int length = 0;
    while (length < lengthMax && in.get(offset + length) != 0) {
      byte b = in.get(offset + length++);
      if (b <= ' ' || b == 0x7f || b == ',' || b == '"' || b == '\'' || b == '@') {
        throw new UnusableText();
      }
    }
    byte[] bytes = new byte[length];
    in.get(offset, bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static Payload payload(ByteBuffer in, int offset, int length) {
    byte[] bytes = new byte[length];
    in.get(offset, bytes);
    return Payload.wrap(bytes);
  }

  private static int u16(ByteBuffer in, int offset) {
    return in.getShort(offset) & 0xffff;
  }

  private static final class UnusableText extends Exception {
    private static final long serialVersionUID = 1L;

    UnusableText() {
      super("unusable text", null, false, false);
    }
  }
}
