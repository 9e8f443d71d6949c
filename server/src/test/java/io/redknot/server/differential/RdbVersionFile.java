package io.redknot.server.differential;

import io.redknot.storage.rdb.Crc64;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A file of one version of RDB, byte by byte as that version wrote it: the same data in every
 * version, as far as it had types for them, in the encodings and with the fields that it had.
 *
 * <pre>
 *    1  strings, lists, sets, sorted sets, hashes; expiries in seconds
 *    2  zipmaps, ziplists, intsets           3  expiries in ms
 *    4  hashes in ziplists                   5  checksum
 *    6  small numbers in ziplists            7  fields about the file, sizes; lists of ziplists
 *    8  scores of 8 bytes                    9  streams, idle time and frequency
 *   10  listpacks, streams 2, functions     11  sets in listpacks, streams 3
 * </pre>
 */
final class RdbVersionFile {
  static final String LIBRARY = "#!lua name=old\nredis.register_function('f', function() end)";
  static final long EXPIRY_SECONDS = 4_102_444_800L;
  static final int IDLE_SECONDS = 70_000;
  static final int FREQUENCY = 77;

  private static final int SMALL = 9;
  private static final int LARGE = 700;

  private final int version;
  private final OldEncodings old;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private RdbVersionFile(int version) {
    this.version = version;
    this.old = OldEncodings.exact(version);
  }

  static byte[] of(int version) {
    return new RdbVersionFile(version).whole();
  }

  private byte[] whole() {
    text("REDIS%04d".formatted(version));
    if (version >= 7) {
      field("redis-ver", "x.y.z");
      field("redis-bits", "64");
      field("ctime", "1500000000");
      field("used-mem", "1000000");
      field(version < 10 ? "aof-preamble" : "aof-base", "0");
    }
    if (version >= 10) {
      out.write(0xf5);
      out.writeBytes(string(LIBRARY));
    }
    database(0);
    strings();
    lists();
    sets();
    sortedSets();
    hashes();
    streams();
    database(3);
    record("elsewhere", 0, string("3"));
    out.write(0xff);
    if (version >= 5) {
      byte[] all = out.toByteArray();
      out.writeBytes(little(8).putLong(Crc64.update(0, all, 0, all.length)).array());
    }
    return out.toByteArray();
  }

  private void database(int number) {
    out.writeBytes(new byte[] {(byte) 0xfe, (byte) number});
    if (version >= 7) {
      // Hints: they need not be right.
      out.writeBytes(new byte[] {(byte) 0xfb, 20, 3});
    }
  }

  private void field(String name, String value) {
    out.write(0xfa);
    out.writeBytes(string(name));
    out.writeBytes(string(value));
  }

  private void text(String text) {
    out.writeBytes(RdbExchangeTest.latin(text));
  }

  private void record(String key, int type, byte[] value) {
    out.write(type);
    out.writeBytes(string(key));
    out.writeBytes(value);
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** As a number where it is one of at most 32 bits, compressed where that is known to win. */
  private byte[] string(String text) {
    if (text.matches("0|-?[1-9]\\d{0,8}")) {
      int number = Integer.parseInt(text);
      if (number == (byte) number) {
        return new byte[] {(byte) 0xc0, (byte) number};
      }
      return number == (short) number
          ? little(3).put((byte) 0xc1).putShort((short) number).array()
          : little(5).put((byte) 0xc2).putInt(number).array();
    }
    if (text.length() > 20 && text.equals("a".repeat(text.length()))) {
      return compressed(text.length());
    }
    return old.string(RdbExchangeTest.latin(text));
  }

  /** So many times the same letter: two of them, and a reference back to the first one. */
  private byte[] compressed(int length) {
    ByteArrayOutputStream lzf = new ByteArrayOutputStream();
    lzf.write(0xc3);
    lzf.writeBytes(old.length(6));
    lzf.writeBytes(old.length(length));
    lzf.writeBytes(new byte[] {1, 'a', 'a', (byte) 0xe0, (byte) (length - 2 - 9), 0});
    return lzf.toByteArray();
  }

  private void strings() {
    for (String number : List.of("0", "-128", "300", "-70000", "2147483648", "007")) {
      record("number" + number, 0, string(number));
    }
    record("text", 0, string("some text"));
    record("empty", 0, string(""));
    record("long", 0, string("b".repeat(20_000)));
    record("compressed", 0, string("a".repeat(200)));
    expiry(EXPIRY_SECONDS);
    record("expiring", 0, string("x"));
    expiry(1_000_000_000L);
    record("expired", 0, string("x"));
    if (version >= 9) {
      out.write(0xf8);
      out.writeBytes(old.length(IDLE_SECONDS));
      record("idle", 0, string("x"));
      out.write(0xf9);
      out.write(FREQUENCY);
      record("frequent", 0, string("x"));
    }
  }

  private void expiry(long seconds) {
    if (version < 3) {
      out.write(0xfd);
      out.writeBytes(little(4).putInt((int) seconds).array());
    } else {
      out.write(0xfc);
      out.writeBytes(little(8).putLong(seconds * 1000 + 123).array());
    }
  }

  /** Numbers of every width, and texts of all lengths that encodings tell apart. */
  private static List<String> elements(int count) {
    List<String> all = new ArrayList<>(List.of("0", "12", "13", "-1", "127", "-4096", "300"));
    all.addAll(List.of("70000", "8388607", "-2147483648", "9000000000000000000", "", "e"));
    all.addAll(List.of("f".repeat(63), "g".repeat(64), "h".repeat(300), "i".repeat(17_000)));
    for (int i = all.size(); i < count; i++) {
      all.add("element-" + i);
    }
    return count < all.size() ? all.subList(0, count) : all;
  }

  private byte[] strings(int count, List<String> all) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(old.length(count));
    all.forEach(one -> bytes.writeBytes(string(one)));
    return bytes.toByteArray();
  }

  private byte[] ziplist(List<String> all) {
    return old.string(old.ziplist(all.stream().map(RdbExchangeTest::latin).toList()));
  }

  private byte[] listpack(List<String> all) {
    return old.string(NewEncodings.listpack(all));
  }

  private void lists() {
    List<String> small = elements(SMALL);
    List<String> large = elements(LARGE);
    if (version == 1) {
      record("list", 1, strings(small.size(), small));
    } else if (version < 7) {
      record("list", 10, ziplist(small));
    } else {
      quicklist("list", List.of(small));
    }
    if (version < 7) {
      record("list-large", 1, strings(large.size(), large));
    } else {
      quicklist("list-large", List.of(large.subList(0, 17), large.subList(17, LARGE)));
    }
  }

  private void quicklist(String key, List<List<String>> nodes) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(old.length(nodes.size()));
    for (List<String> node : nodes) {
      if (version < 10) {
        bytes.writeBytes(ziplist(node));
      } else {
        bytes.writeBytes(old.length(2));
        bytes.writeBytes(listpack(node));
      }
    }
    record(key, version < 10 ? 14 : 18, bytes.toByteArray());
  }

  private void sets() {
    List<String> numbers = List.of("-5", "1", "300");
    if (version == 1) {
      record("numbers", 2, strings(numbers.size(), numbers));
    } else {
      ByteBuffer ints = ByteBuffer.allocate(14).order(ByteOrder.LITTLE_ENDIAN);
      ints.putInt(2).putInt(3).putShort((short) -5).putShort((short) 1).putShort((short) 300);
      record("numbers", 11, old.string(ints.array()));
    }
    List<String> small = elements(SMALL + 6);
    if (version < 11) {
      record("set", 2, strings(small.size(), small));
    } else {
      record("set", 20, listpack(small));
    }
    record("set-large", 2, strings(LARGE, elements(LARGE)));
  }

  /** Members in the order of their scores. */
  private static List<String> scored(int count) {
    List<String> all = new ArrayList<>();
    int rank = 0;
    for (String member : elements(count)) {
      String finite = rank % 2 == 0 ? "" + (rank - 3) : (rank - 3) + ".25";
      String score = rank == 0 ? "-inf" : rank == count - 1 ? "inf" : finite;
      all.addAll(List.of(member, score));
      rank++;
    }
    return all;
  }

  private void sortedSets() {
    List<String> small = scored(SMALL);
    if (version == 1) {
      record("sorted", 3, scores(small));
    } else if (version < 10) {
      record("sorted", 12, ziplist(small));
    } else {
      record("sorted", 17, listpack(small));
    }
    record("sorted-large", version < 8 ? 3 : 5, scores(scored(LARGE)));
  }

  /** From the highest score to the lowest, as of a skiplist. */
  private byte[] scores(List<String> membersAndScores) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(old.length(membersAndScores.size() / 2));
    for (int i = membersAndScores.size() - 2; i >= 0; i -= 2) {
      String score = membersAndScores.get(i + 1);
      bytes.writeBytes(string(membersAndScores.get(i)));
      if (version >= 8) {
        bytes.writeBytes(little(8).putDouble(number(score)).array());
      } else if (score.endsWith("inf")) {
        bytes.write(score.equals("inf") ? 254 : 255);
      } else {
        bytes.write(score.length());
        bytes.writeBytes(RdbExchangeTest.latin(score));
      }
    }
    return bytes.toByteArray();
  }

  private static double number(String score) {
    return switch (score) {
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(score);
    };
  }

  private static List<String> fieldsAndValues(int count) {
    List<String> values = new ArrayList<>(elements(count));
    Collections.reverse(values);
    List<String> all = new ArrayList<>();
    for (String field : elements(count)) {
      all.addAll(List.of(field, values.removeFirst()));
    }
    return all;
  }

  private void hashes() {
    List<String> small = fieldsAndValues(SMALL);
    if (version == 1) {
      record("hash", 4, strings(SMALL, small));
    } else if (version < 4) {
      byte[] map = old.zipmap(small.stream().map(RdbExchangeTest::latin).toList());
      record("hash", 9, old.string(map));
    } else if (version < 10) {
      record("hash", 13, ziplist(small));
    } else {
      record("hash", 16, listpack(small));
    }
    record("hash-large", 4, strings(LARGE, fieldsAndValues(LARGE)));
  }

  private void streams() {
    if (version >= 9) {
      int form = Math.min(3, version - 8);
      byte[] stream = NewEncodings.stream(form);
      record("stream", Arrays.asList(15, 19, 21).get(form - 1), stream);
    }
  }
}
