package io.redknot.server.differential;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/** Draws arguments, valid and hostile, from a seeded generator. */
final class Draw {
  /** Few keys, so that commands of all kinds meet on the same ones. */
  static final int KEYS = 5;

  private static final String[] EDGES = {
    "0",
    "-1",
    "1",
    "7",
    "8",
    "-8",
    "63",
    "64",
    "127",
    "128",
    "-128",
    "255",
    "256",
    "32767",
    "2147483647",
    "2147483648",
    "-2147483648",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775806",
    "-9223372036854775807",
    "4611686018427387904",
    "99999999999",
    "1000000000000"
  };
  private static final String[] NOT_INTEGERS = {
    "",
    " ",
    "abc",
    "1a",
    " 1",
    "1 ",
    "+1",
    "01",
    "-0",
    "-",
    "1.0",
    "1e3",
    "0x10",
    "--1",
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551615",
    "nan",
    "\0",
    "1\0"
  };
  private static final String[] FLOATS = {
    "0",
    "-0",
    "1",
    "-1",
    "0.1",
    "0.2",
    "-0.3",
    ".5",
    "5.",
    "1e5",
    "1e-5",
    "3.0e3",
    "1e17",
    "1e18",
    "1.0000000000000000001",
    "123456789.125",
    "0.00000000000000001",
    "1e-18",
    "17179869184",
    "0x1p3",
    "0x1.8p-3",
    "-0x.8",
    "0X1P+4",
    "+5",
    "100000.3",
    "9007199254740993",
    "1e300",
    "-1e300",
    "3.6e-4951",
    "1e4000",
    "9223372036854775807",
    "18446744073709551616.5",
    "1e-400"
  };
  private static final String[] NOT_FLOATS = {
    "",
    " ",
    "abc",
    " 1",
    "1 ",
    "1.2.3",
    "1e",
    "1e+",
    "0x",
    "0x.p1",
    "nan",
    "-nan",
    "nan(1)",
    ".",
    "--1",
    "1e4940",
    "-1e5000",
    "1e-4960",
    "1,5",
    "1\0",
    "inf",
    "-inf",
    "infinity",
    "iNf",
    "+inf",
    "1e99999999999999999999",
    "1e-99999999999999999999",
    "infinit",
    "0e99999999999"
  };
  private static final String[] TEXTS = {
    "",
    "a",
    "b",
    "ab",
    "abc",
    "foobar",
    "ohmytext",
    "mynewtext",
    "\0",
    "\u00ff",
    "\u00ff\u00ff",
    "\r\n",
    "a b",
    "\u0000\u00ff\u0080\u007f"
  };

  private final RandomGenerator random;

  Draw(RandomGenerator random) {
    this.random = random;
  }

  /** A number from 0 below a bound. */
  int below(int bound) {
    return random.nextInt(bound);
  }

  /** True in so many of a hundred cases. */
  boolean percent(int of100) {
    return random.nextInt(100) < of100;
  }

  @SafeVarargs
  final <T> T oneOf(T... choices) {
    return choices[random.nextInt(choices.length)];
  }

  /** A key of the pool. */
  Key key() {
    return new Key(random.nextInt(KEYS));
  }

  /** Several keys of the pool, with repetitions. */
  List<Key> keys(int least, int most) {
    List<Key> keys = new ArrayList<>();
    int count = least + random.nextInt(most - least + 1);
    for (int i = 0; i < count; i++) {
      keys.add(key());
    }
    return keys;
  }

  /** A word in any case; seldom a wrong one. */
  String word(String word) {
    if (percent(2)) {
      return word + "x";
    }
    if (percent(60)) {
      return percent(50) ? word : word.toUpperCase(Locale.ROOT);
    }
    StringBuilder mixed = new StringBuilder();
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      mixed.append(random.nextBoolean() ? Character.toUpperCase(c) : c);
    }
    return mixed.toString();
  }

  /** A canonical integer from a range, both ends included. */
  String between(long least, long most) {
    return Long.toString(random.nextLong(least, most + 1));
  }

  /** An integer that is often at an edge, now and then not one at all. */
  String integer() {
    return switch (random.nextInt(20)) {
      case 0 -> oneOf(NOT_INTEGERS);
      case 1, 2, 3, 4 -> oneOf(EDGES);
      case 5 -> Long.toString(random.nextLong());
      default -> between(-20, 300);
    };
  }

  /** A place in a short string, with hostile ones. */
  String index() {
    return percent(85) ? between(-12, 30) : integer();
  }

  /** A decimal or hexadecimal number in all notations, sometimes none. */
  String real() {
    return switch (random.nextInt(10)) {
      case 0 -> oneOf(NOT_FLOATS);
      case 1, 2, 3, 4 -> oneOf(FLOATS);
      case 5 -> Double.toString(random.nextGaussian());
      case 6 -> Double.toString(Double.longBitsToDouble(random.nextLong()));
      case 7 -> random.nextInt(2000) - 1000 + "." + random.nextInt(1_000_000);
      case 8 -> random.nextLong() + "." + random.nextLong(Long.MAX_VALUE);
      default -> Integer.toString(random.nextInt(100) - 50);
    };
  }

  /** A value: text, bytes, integer, number, seldom long. */
  Object value() {
    return switch (random.nextInt(12)) {
      case 0, 1, 2 -> oneOf(TEXTS);
      case 3, 4, 5 -> integer();
      case 6 -> real();
      case 7 -> bytes(random.nextInt(20));
      case 8 -> bytes(40 + random.nextInt(10));
      case 9 -> "x".repeat(44 + random.nextInt(3));
      case 10 -> percent(20) ? bytes(random.nextInt(3000)) : between(0, 100);
      default -> letters(random.nextInt(30));
    };
  }

  /** Bytes of all values. */
  byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Few different letters, so that strings have parts in common. */
  byte[] letters(int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append((char) ('a' + random.nextInt(4)));
    }
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Something that fits nowhere. */
  String hostile() {
    return percent(50) ? oneOf(NOT_INTEGERS) : oneOf("-1", "0", "9223372036854775807", "NX", "GET");
  }
}
