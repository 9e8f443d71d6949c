package io.redknot.server.differential;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Listpacks and streams, put together byte by byte. */
final class NewEncodings {
  private static final byte[] GIVEN = {0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1};
  private static final long TIME_MS = 1_500_000_000_000L;

  private NewEncodings() {}

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static byte[] listpack(List<String> all) {
    ByteArrayOutputStream entries = new ByteArrayOutputStream();
    for (String element : all) {
      byte[] entry = entry(element);
      entries.writeBytes(entry);
      entries.writeBytes(lengthBackwards(entry.length));
    }
    byte[] pack = new byte[6 + entries.size() + 1];
    ByteBuffer out = ByteBuffer.wrap(pack).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(pack.length).putShort((short) all.size());
    out.put(entries.toByteArray()).put((byte) 0xff);
    return pack;
  }

  private static byte[] entry(String element) {
    if (element.matches("0|-?[1-9]\\d{0,18}")) {
      return number(Long.parseLong(element));
    }
    byte[] text = RdbExchangeTest.latin(element);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (text.length < 64) {
      out.write(0x80 | text.length);
    } else if (text.length < 4096) {
      out.write(0xe0 | (text.length >>> 8));
      out.write(text.length);
    } else {
      out.writeBytes(little(5).put((byte) 0xf0).putInt(text.length).array());
    }
    out.writeBytes(text);
    return out.toByteArray();
  }

  private static byte[] number(long value) {
    if (value >= 0 && value <= 127) {
      return new byte[] {(byte) value};
    }
    if (value >= -4096 && value <= 4095) {
      return new byte[] {(byte) (0xc0 | ((value >>> 8) & 0x1f)), (byte) value};
    }
    if (value == (short) value) {
      return little(3).put((byte) 0xf1).putShort((short) value).array();
    }
    if (value == value << 40 >> 40) {
      byte[] three = {(byte) value, (byte) (value >> 8), (byte) (value >> 16)};
      return little(4).put((byte) 0xf2).put(three).array();
    }
    return value == (int) value
        ? little(5).put((byte) 0xf3).putInt((int) value).array()
        : little(9).put((byte) 0xf4).putLong(value).array();
  }

  private static byte[] lengthBackwards(int length) {
    if (length < 128) {
      return new byte[] {(byte) length};
    }
    return length < 16_383
        ? new byte[] {(byte) (length >> 7), (byte) ((length & 0x7f) | 0x80)}
        : new byte[] {
          (byte) (length >> 14),
          (byte) (((length >> 7) & 0x7f) | 0x80),
          (byte) ((length & 0x7f) | 0x80)
        };
  }

  /**
   * A stream with the entries 5-1 and 8-1 and one that was deleted, 5-2, and a group that has been
   * given the first one.
   *
   * @param form 1 as Redis 5 wrote it, 2 as 7.0, 3 as 7.2
   */
  static byte[] stream(int form) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {1, 16});
    out.writeBytes(GIVEN);
    byte[] pack =
        listpack(
            List.of(
                "2", "1", "1", "f", "0", //
                "2", "0", "0", "a", "4", //
                "3", "0", "1", "b", "4", //
                "2", "3", "0", "c", "4"));
    out.write(pack.length);
    out.writeBytes(pack);
    out.writeBytes(new byte[] {2, 8, 1});
    if (form > 1) {
      // The first id, the greatest one that was deleted, and how many there ever were.
      out.writeBytes(new byte[] {5, 1, 5, 2, 3});
    }
    out.writeBytes(new byte[] {1, 1, 'g', 5, 1});
    if (form > 1) {
      out.write(1);
    }
    byte[] time = little(8).putLong(TIME_MS).array();
    out.write(1);
    out.writeBytes(GIVEN);
    out.writeBytes(time);
    out.writeBytes(new byte[] {3, 1, 1, 'c'});
    out.writeBytes(time);
    if (form > 2) {
      out.writeBytes(time);
    }
    out.write(1);
    out.writeBytes(GIVEN);
    return out.toByteArray();
  }
}
