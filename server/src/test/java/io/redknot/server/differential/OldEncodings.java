package io.redknot.server.differential;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * Values in the forms that old versions of Redis wrote, put together byte by byte; each begins with
 * its RDB type.
 */
final class OldEncodings {
  private static final int ZIPMAP_FREE_MAX = 5;

  /** The first version with ziplists whose small numbers take less than two bytes. */
  private static final int VERSION_OF_SMALL_NUMBERS = 6;

  private final SplittableRandom random;

  /** Whose forms are written exactly; 0: any form is drawn that a reader must take. */
  private final int version;

  OldEncodings(SplittableRandom random) {
    this(random, 0);
  }

  private OldEncodings(SplittableRandom random, int version) {
    this.random = random;
    this.version = version;
  }

  /** Writes lengths and numbers as that version of RDB did. */
  static OldEncodings exact(int version) {
    return new OldEncodings(new SplittableRandom(version), version);
  }

  private boolean oneOf(int choices) {
    return version == 0 && random.nextInt(choices) == 0;
  }

  /** A value in a form of old that is drawn. */
  byte[] any() {
    int size = 1 + random.nextInt(random.nextInt(5) == 0 ? 700 : 20);
    return switch (random.nextInt(9)) {
      case 0 -> typed(9, string(zipmap(fieldsAndValues(size))));
      case 1 -> typed(10, string(ziplist(elements(size))));
      case 2 -> typed(12, string(ziplist(scored(size))));
      case 3 -> typed(13, string(ziplist(fieldsAndValues(size))));
      case 4 -> typed(14, quicklist());
      case 5 -> typed(1, strings(elements(size), size));
      case 6 -> typed(3, scoredAsText(size));
      case 7 -> typed(4, strings(fieldsAndValues(size), size));
      default -> typed(15, stream());
    };
  }

  private static byte[] typed(int type, byte[] value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(type);
    out.writeBytes(value);
    return out.toByteArray();
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Short and long texts, numbers of every size, and texts that only look like numbers. */
  private byte[] element() {
    return switch (random.nextInt(6)) {
      case 0 -> latin(Long.toString(random.nextLong() >> random.nextInt(64)));
      case 1 -> latin(Integer.toString(random.nextInt(14)));
      case 2 -> latin("0" + random.nextInt(100));
      case 3 -> bytes(random.nextInt(70));
      case 4 -> bytes(random.nextInt(20) == 0 ? 16_380 + random.nextInt(10) : 250);
      default -> latin("e-" + random.nextInt(1000));
    };
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private List<byte[]> elements(int size) {
    List<byte[]> elements = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      elements.add(element());
    }
    return elements;
  }

  /** Elements of which no two are the same. */
  private List<byte[]> distinct(int size) {
    TreeSet<String> texts = new TreeSet<>();
    for (int i = 0; texts.size() < size; i++) {
      String text = new String(element(), StandardCharsets.ISO_8859_1);
      texts.add(size < 100 ? text : "element-" + i);
    }
    List<byte[]> all = new ArrayList<>();
    texts.forEach(text -> all.add(latin(text)));
    return all;
  }

  private List<byte[]> fieldsAndValues(int size) {
    List<byte[]> all = new ArrayList<>();
    for (byte[] field : distinct(size)) {
      all.add(field);
      all.add(element());
    }
    return all;
  }

  /** Members in order of their scores, each with its score behind it. */
  private List<byte[]> scored(int size) {
    List<byte[]> all = new ArrayList<>();
    int score = -10;
    for (byte[] member : distinct(size)) {
      all.add(member);
      score += 1 + random.nextInt(1000);
      all.add(latin(random.nextBoolean() ? "" + score : score + ".25"));
    }
    if (random.nextBoolean()) {
      all.set(1, latin("-inf"));
      all.set(all.size() - 1, latin(all.size() > 2 ? "inf" : "-inf"));
    }
    return all;
  }

  /** A length in one of its forms, not always the shortest. */
  byte[] length(int value) {
    if (value < 64 && !oneOf(4)) {
      return new byte[] {(byte) value};
    }
    if (value < 1 << 14 && !oneOf(4)) {
      return new byte[] {(byte) (0x40 | value >>> 8), (byte) value};
    }
    if (!oneOf(2)) {
      return ByteBuffer.allocate(5).put((byte) 0x80).putInt(value).array();
    }
    return ByteBuffer.allocate(9).put((byte) 0x81).putLong(value).array();
  }

  /** A string as it is. */
  byte[] string(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(length(bytes.length));
    out.writeBytes(bytes);
    return out.toByteArray();
  }

  private byte[] strings(List<byte[]> all, int count) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(length(count));
    all.forEach(one -> out.writeBytes(string(one)));
    return out.toByteArray();
  }

  private byte[] scoredAsText(int size) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(length(size));
    for (byte[] member : distinct(size)) {
      out.writeBytes(string(member));
      int kind = random.nextInt(8);
      if (kind < 2) {
        out.write(254 + kind);
      } else {
        double score = (random.nextInt(2_000_000) - 1_000_000) / 8.0;
        byte[] text = latin(kind == 2 ? "%.17e".formatted(score) : "" + score);
        out.write(text.length);
        out.writeBytes(text);
      }
    }
    return out.toByteArray();
  }

  private byte[] quicklist() {
    int nodes = 1 + random.nextInt(4);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(length(nodes + 1));
    for (int i = 0; i < nodes; i++) {
      out.writeBytes(string(ziplist(elements(1 + random.nextInt(40)))));
    }
    out.writeBytes(string(ziplist(List.of())));
    return out.toByteArray();
  }

  byte[] zipmap(List<byte[]> fieldsAndValues) {
    int fields = fieldsAndValues.size() / 2;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(fields < 254 && !oneOf(2) ? fields : 254);
    for (int i = 0; i < fieldsAndValues.size(); i += 2) {
      byte[] field = fieldsAndValues.get(i);
      byte[] value = fieldsAndValues.get(i + 1);
      int free = version == 0 ? random.nextInt(ZIPMAP_FREE_MAX) : 0;
      zipmapLength(out, field.length);
      out.writeBytes(field);
      zipmapLength(out, value.length);
      out.write(free);
      out.writeBytes(value);
      out.writeBytes(bytes(free));
    }
    out.write(0xff);
    return out.toByteArray();
  }

  private static void zipmapLength(ByteArrayOutputStream out, int length) {
    if (length < 254) {
      out.write(length);
    } else {
      out.write(254);
      out.writeBytes(little(4).putInt(length).array());
    }
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  byte[] ziplist(List<byte[]> elements) {
    ByteArrayOutputStream entries = new ByteArrayOutputStream();
    int last = 10;
    int before = 0;
    for (byte[] element : elements) {
      last = 10 + entries.size();
      if (before < 254) {
        entries.write(before);
      } else {
        entries.write(254);
        entries.writeBytes(little(4).putInt(before).array());
      }
      entry(entries, element);
      before = 10 + entries.size() - last;
    }
    ByteBuffer list = ByteBuffer.allocate(10 + entries.size() + 1).order(ByteOrder.LITTLE_ENDIAN);
    boolean counted = elements.size() < 0xffff && !oneOf(5);
    list.putInt(list.capacity()).putInt(last);
    list.putShort((short) (counted ? elements.size() : 0xffff));
    list.put(entries.toByteArray()).put((byte) 0xff);
    return list.array();
  }

  /** The encoding and the data of an entry. */
  private void entry(ByteArrayOutputStream out, byte[] element) {
    String text = new String(element, StandardCharsets.ISO_8859_1);
    if (!oneOf(10) && text.matches("0|-?[1-9]\\d{0,17}")) {
      number(out, Long.parseLong(text));
    } else if (element.length < 64) {
      out.write(element.length);
      out.writeBytes(element);
    } else if (element.length < 1 << 14) {
      out.write(0x40 | element.length >>> 8);
      out.write(element.length);
      out.writeBytes(element);
    } else {
      out.write(0x80);
      out.writeBytes(ByteBuffer.allocate(4).putInt(element.length).array());
      out.writeBytes(element);
    }
  }

  private void number(ByteArrayOutputStream out, long value) {
    boolean small = version == 0 || version >= VERSION_OF_SMALL_NUMBERS;
    if (value >= 0 && value <= 12 && small) {
      out.write(0xf1 + (int) value);
      return;
    }
    int bits = version == 0 ? random.nextInt(5) : 0;
    if (value == (byte) value && bits == 0 && small) {
      out.write(0xfe);
      out.write((int) value);
    } else if (value == (short) value && bits <= 1) {
      out.write(0xc0);
      out.writeBytes(little(2).putShort((short) value).array());
    } else if (value == value << 40 >> 40 && bits <= 2 && small) {
      out.write(0xf0);
      out.write((int) value);
      out.write((int) value >> 8);
      out.write((int) value >> 16);
    } else if (value == (int) value && bits <= 3) {
      out.write(0xd0);
      out.writeBytes(little(4).putInt((int) value).array());
    } else {
      out.write(0xe0);
      out.writeBytes(little(8).putLong(value).array());
    }
  }

  /**
   * A stream as Redis 5 wrote it: one node with three entries of one field, the second one deleted,
   * and a group that has been given the first one.
   */
  private byte[] stream() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {1, 16, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1});
    byte[] head = {2, 1, 1, 1, 1, 1, (byte) 0x81, 'f', 2, 0, 1};
    byte[] first = {2, 1, 0, 1, 0, 1, (byte) 0x81, 'a', 2, 4, 1};
    byte[] second = {3, 1, 0, 1, 1, 1, (byte) 0x81, 'b', 2, 4, 1};
    byte[] third = {2, 1, 3, 1, 0, 1, (byte) 0x81, 'c', 2, 4, 1};
    ByteBuffer pack = ByteBuffer.allocate(6 + 4 * head.length + 1).order(ByteOrder.LITTLE_ENDIAN);
    pack.putInt(pack.capacity()).putShort((short) 20);
    pack.put(head).put(first).put(second).put(third).put((byte) 0xff);
    out.writeBytes(string(pack.array()));
    // Three ids and lengths: two entries, last id 8-1.
    out.writeBytes(new byte[] {2, 8, 1});
    out.writeBytes(new byte[] {1, 1, 'g', 5, 1, 1});
    byte[] id = {0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1};
    byte[] time = little(8).putLong(1_500_000_000_000L).array();
    out.writeBytes(id);
    out.writeBytes(time);
    out.writeBytes(new byte[] {3, 1, 1, 'c'});
    out.writeBytes(time);
    out.write(1);
    out.writeBytes(id);
    return out.toByteArray();
  }
}
