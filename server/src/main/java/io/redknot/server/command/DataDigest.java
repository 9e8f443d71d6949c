package io.redknot.server.command;

import io.redknot.storage.encoding.EntryVisitor;
import io.redknot.storage.encoding.ListCursor;
import io.redknot.storage.encoding.StreamCursor;
import io.redknot.storage.encoding.StreamId;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shards;
import io.redknot.storage.value.HashValue;
import io.redknot.storage.value.ListValue;
import io.redknot.storage.value.SetValue;
import io.redknot.storage.value.SortedSetLimits;
import io.redknot.storage.value.SortedSetValue;
import io.redknot.storage.value.StreamValue;
import io.redknot.storage.value.StringValue;
import io.redknot.storage.value.ValueType;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Signatures of values and of data sets: 20 bytes that are the same for equal data, on every server
 * and however it is encoded. They are those of Redis 7.0.
 *
 * <p>What has no order is added: its SHA-1 is combined by XOR. What has an order is mixed in: it is
 * added, and the result is replaced by its SHA-1.
 *
 * <pre>
 *   data set   mixes the number of each database that has keys, and adds the digest of each key
 *   key        mixes its name, then what belongs to its value
 *   value      mixes the number of its type; then of a string its bytes, of a list each element, of
 *              a stream of each entry its id, fields and values; adds each member of a set, and the
 *              digest of each pair of a hash or a sorted set, which mixes both parts
 *   expiry     adds "!!expire!!"
 * </pre>
 */
final class DataDigest {
  private static final int BYTES = 20;
  private static final int SCORE_DIGITS = 17;
  private static final int EXPONENT_MIN = -4;
  private static final byte[] EXPIRE = "!!expire!!".getBytes(StandardCharsets.US_ASCII);

  private final MessageDigest sha1;
  private final SortedSetLimits limits;

  DataDigest(SortedSetLimits limits) {
    this.limits = limits;
    try {
      sha1 = MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** The digest of all keys that are not expired, in hexadecimal; all locks are held. */
  String ofAll(Shards shards, long nowMs) {
    byte[] all = new byte[BYTES];
    for (int db = 0; db < shards.databases(); db++) {
      if (shards.isEmpty(db)) {
        continue;
      }
      mix(all, number(db));
      long cursor = 0;
      do {
        cursor =
            shards
                .database(db)
                .walk(cursor, Long.MAX_VALUE >> 1, nowMs, (keys, ref) -> addKey(all, keys, ref));
      } while (cursor != 0);
    }
    return HexFormat.of().formatHex(all);
  }

  private void addKey(byte[] all, Keyspace keys, long ref) {
    byte[] digest = new byte[BYTES];
    mix(digest, keys.keyArray(ref), keys.keyOffset(ref), keys.keyLength(ref));
    mixValue(digest, keys, ref);
    add(all, digest, 0, BYTES);
  }

  /** The digest of a value, in hexadecimal. */
  String ofValue(Keyspace keys, long ref) {
    byte[] digest = new byte[BYTES];
    mixValue(digest, keys, ref);
    return HexFormat.of().formatHex(digest);
  }

  /** The digest of a value that is not there. */
  static String ofNothing() {
    return "00".repeat(BYTES);
  }

  private void mixValue(byte[] digest, Keyspace keys, long ref) {
    ValueType type = ValueType.of(keys, ref);
    switch (type) {
      case STRING -> {
        mix(digest, number(0));
        mixString(digest, keys, ref);
      }
      case LIST -> {
        mix(digest, number(1));
        mixList(digest, keys, ref);
      }
      case SET -> {
        mix(digest, number(2));
        SetValue.forEach(keys, ref, (a, o, n, _, _, _) -> add(digest, a, o, n));
      }
      case ZSET -> {
        mix(digest, number(3));
        SortedSetValue.of(keys, ref, limits)
            .visitAll((score, a, o, n) -> addPair(digest, a, o, n, ascii(scoreText(score))));
      }
      case HASH -> {
        mix(digest, number(4));
        HashValue.forEach(
            keys,
            ref,
            (a, o, n, va, vo, vn) -> addPair(digest, a, o, n, Arrays.copyOfRange(va, vo, vo + vn)));
      }
      case STREAM -> {
        mix(digest, number(6));
        mixStream(digest, StreamValue.of(keys, ref));
      }
    }
    if (keys.expiry(ref) != Keyspace.NO_EXPIRY) {
      add(digest, EXPIRE, 0, EXPIRE.length);
    }
  }

  private void mixString(byte[] digest, Keyspace keys, long ref) {
    if (StringValue.isInteger(keys, ref)) {
      mix(digest, ascii(Long.toString(StringValue.integer(keys, ref))));
    } else {
      mix(digest, keys.valueArray(ref), keys.valueOffset(ref), keys.valueLength(ref));
    }
  }

  private void mixList(byte[] digest, Keyspace keys, long ref) {
    ListCursor element = ListValue.seek(keys, ref, 0);
    for (long left = ListValue.count(keys, ref); left > 0; left--) {
      mix(digest, element.copy());
      element.next();
    }
  }

  private void mixStream(byte[] digest, StreamValue stream) {
    StreamCursor entry = stream.entries().cursor(StreamId.ZERO, StreamId.MAX, false);
    EntryVisitor fields =
        new EntryVisitor() {
          @Override
          public void text(byte[] array, int offset, int length) {
            mix(digest, array, offset, length);
          }

          @Override
          public void integer(long value) {
            mix(digest, ascii(Long.toString(value)));
          }
        };
    while (entry.next()) {
      String id = Long.toUnsignedString(entry.ms()) + "." + Long.toUnsignedString(entry.seq());
      mix(digest, ascii(id));
      entry.visit(fields);
    }
  }

  private void addPair(byte[] digest, byte[] array, int offset, int length, byte[] second) {
    byte[] pair = new byte[BYTES];
    mix(pair, array, offset, length);
    mix(pair, second);
    add(digest, pair, 0, BYTES);
  }

  private void add(byte[] digest, byte[] array, int offset, int length) {
    sha1.update(array, offset, length);
    byte[] sum = sha1.digest();
    for (int i = 0; i < BYTES; i++) {
      digest[i] ^= sum[i];
    }
  }

  private void mix(byte[] digest, byte[] bytes) {
    mix(digest, bytes, 0, bytes.length);
  }

  private void mix(byte[] digest, byte[] array, int offset, int length) {
    add(digest, array, offset, length);
    byte[] sum = sha1.digest(digest);
    System.arraycopy(sum, 0, digest, 0, BYTES);
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** As {@code printf} writes it with {@code %.17g}. */
  static String scoreText(double score) {
    if (Double.isInfinite(score)) {
      return score > 0 ? "inf" : "-inf";
    }
    if (score == 0) {
      return 1 / score < 0 ? "-0" : "0";
    }
    BigDecimal rounded =
        new BigDecimal(score)
            .round(new MathContext(SCORE_DIGITS, RoundingMode.HALF_EVEN))
            .stripTrailingZeros();
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (exponent >= EXPONENT_MIN && exponent < SCORE_DIGITS) {
      return rounded.toPlainString();
    }
    String digits = rounded.unscaledValue().abs().toString();
    String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
    String sign = score < 0 ? "-" : "";
    String power = "%c%02d".formatted(exponent < 0 ? '-' : '+', Math.abs(exponent));
    return sign + digits.charAt(0) + fraction + "e" + power;
  }
}
