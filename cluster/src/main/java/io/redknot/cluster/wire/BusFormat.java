package io.redknot.cluster.wire;

/**
 * Layout of a Redis Cluster bus message (protocol version 1, Redis 7.0 and 7.2). All integers are
 * big-endian; texts are padded with NUL.
 *
 * <pre>
 * header, 2256 bytes
 *    0 sig "RCmb" 4 | totlen 4 | ver 2 | port 2 | type 2 | count 2
 *   16 currentEpoch 8 | configEpoch 8 | offset 8
 *   40 sender 40
 *   80 slots 2048 (slot s = byte s/8, bit s%8 from the least significant)
 * 2128 primary id 40
 * 2168 ip 46 | extensions 2 | unused 30
 * 2246 secondary port 2 | bus port 2 | flags 2 | state 1 | message flags 3
 *
 * gossip entry, 104 bytes
 *    0 id 40 | ping sent (s) 4 | pong received (s) 4
 *   48 ip 46 | port 2 | bus port 2 | flags 2 | secondary port 2 | zero 2
 *
 * extension
 *    0 length 4 (with this head, a multiple of 8) | type 2 | zero 2 | data, padded with zeros
 * </pre>
 */
public final class BusFormat {
  /** {@code "RCmb"} read as a big-endian integer. */
  public static final int SIGNATURE = 0x52436d62;

  public static final int VERSION = 1;
  public static final int SLOTS = 16384;
  public static final int NODE_ID_BYTES = 40;
  public static final int IP_BYTES = 46;
  public static final int SLOT_BITMAP_BYTES = SLOTS / Byte.SIZE;

  /**
   * Largest epoch accepted. No cluster gets there; without a bound one corrupt message could make
   * every later epoch overflow.
   */
  public static final long EPOCH_MAX = 1L << 62;

  static final int SIGNATURE_OFFSET = 0;
  static final int TOTAL_LENGTH_OFFSET = SIGNATURE_OFFSET + Integer.BYTES;
  static final int VERSION_OFFSET = TOTAL_LENGTH_OFFSET + Integer.BYTES;
  static final int PORT_OFFSET = VERSION_OFFSET + Short.BYTES;
  static final int TYPE_OFFSET = PORT_OFFSET + Short.BYTES;
  static final int COUNT_OFFSET = TYPE_OFFSET + Short.BYTES;
  static final int CURRENT_EPOCH_OFFSET = COUNT_OFFSET + Short.BYTES;
  static final int CONFIG_EPOCH_OFFSET = CURRENT_EPOCH_OFFSET + Long.BYTES;
  static final int REPLICATION_OFFSET_OFFSET = CONFIG_EPOCH_OFFSET + Long.BYTES;
  static final int SENDER_OFFSET = REPLICATION_OFFSET_OFFSET + Long.BYTES;
  static final int SLOTS_OFFSET = SENDER_OFFSET + NODE_ID_BYTES;
  static final int PRIMARY_OFFSET = SLOTS_OFFSET + SLOT_BITMAP_BYTES;
  static final int IP_OFFSET = PRIMARY_OFFSET + NODE_ID_BYTES;
  static final int EXTENSIONS_OFFSET = IP_OFFSET + IP_BYTES;
  static final int UNUSED_OFFSET = EXTENSIONS_OFFSET + Short.BYTES;
  static final int UNUSED_BYTES = 30;
  static final int SECONDARY_PORT_OFFSET = UNUSED_OFFSET + UNUSED_BYTES;
  static final int BUS_PORT_OFFSET = SECONDARY_PORT_OFFSET + Short.BYTES;
  static final int FLAGS_OFFSET = BUS_PORT_OFFSET + Short.BYTES;
  static final int STATE_OFFSET = FLAGS_OFFSET + Short.BYTES;
  static final int MESSAGE_FLAGS_OFFSET = STATE_OFFSET + Byte.BYTES;

  /** Length of the header, and of a message without a body. */
  public static final int HEADER_BYTES = MESSAGE_FLAGS_OFFSET + 3;

  /** How many bytes are needed before the length of a message can be told. */
  public static final int PREFIX_BYTES = VERSION_OFFSET;

  static final int GOSSIP_BYTES = 104;
  static final int GOSSIP_PING_SENT_OFFSET = NODE_ID_BYTES;
  static final int GOSSIP_PONG_RECEIVED_OFFSET = GOSSIP_PING_SENT_OFFSET + Integer.BYTES;
  static final int GOSSIP_IP_OFFSET = GOSSIP_PONG_RECEIVED_OFFSET + Integer.BYTES;
  static final int GOSSIP_PORT_OFFSET = GOSSIP_IP_OFFSET + IP_BYTES;
  static final int GOSSIP_BUS_PORT_OFFSET = GOSSIP_PORT_OFFSET + Short.BYTES;
  static final int GOSSIP_FLAGS_OFFSET = GOSSIP_BUS_PORT_OFFSET + Short.BYTES;
  static final int GOSSIP_SECONDARY_PORT_OFFSET = GOSSIP_FLAGS_OFFSET + Short.BYTES;

  static final int EXTENSION_HEAD_BYTES = 8;
  static final int EXTENSION_ALIGNMENT = 8;
  static final int EXTENSION_HOSTNAME = 0;
  static final int EXTENSION_NODENAME = 1;
  static final int EXTENSION_FORGOTTEN_NODE = 2;
  static final int EXTENSION_SHARD_ID = 3;

  /** Far from the numbers that Redis and its kin count up. */
  static final int EXTENSION_OPEN_SLOT = 0x5201;

  /**
   * Of one open slot, head included. Behind the head:
   *
   * <pre>| slot 2 | 1 where it leaves 2 | unused 4 | peer's id 40 |</pre>
   */
  static final int OPEN_SLOT_BYTES = EXTENSION_HEAD_BYTES + Long.BYTES + NODE_ID_BYTES;

  static final int FORGOTTEN_NODE_BYTES = EXTENSION_HEAD_BYTES + NODE_ID_BYTES + Long.BYTES;
  static final int SHARD_ID_BYTES = EXTENSION_HEAD_BYTES + NODE_ID_BYTES;

  static final int FAIL_BYTES = HEADER_BYTES + NODE_ID_BYTES;
  static final int PUBLISH_HEAD_BYTES = HEADER_BYTES + 2 * Integer.BYTES;
  static final int UPDATE_BYTES = HEADER_BYTES + Long.BYTES + NODE_ID_BYTES + SLOT_BITMAP_BYTES;
  static final int MODULE_HEAD_BYTES = HEADER_BYTES + Long.BYTES + Integer.BYTES + Byte.BYTES;

  /** Message flag: the sending primary has its clients paused for a manual failover. */
  public static final int FLAG_PAUSED = 1;

  /** Message flag: vote even though the primary is up (manual failover). */
  public static final int FLAG_FORCE_ACK = 2;

  /** Message flag: extensions may follow the gossip entries; newer servers always set it. */
  public static final int FLAG_EXTENSIONS = 4;

  /**
   * Longest message accepted by default: a PUBLISH of the largest value a client can send (512 MiB)
   * plus its channel. Real nodes never exceed it, and a corrupt length beyond it closes the link.
   */
  public static final int MESSAGE_BYTES_MAX = 512 * 1024 * 1024 + 64 * 1024;

  private BusFormat() {}
}
