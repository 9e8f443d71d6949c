package io.redknot.storage.value;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shards;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StringValueTest {
  private static final byte[] KEY = {'k'};

  private final Keyspace keys =
      new Shards(1, 1, new SplittableRandom(3)::nextLong).shard(0).keyspace(0);

  private long find() {
    return keys.find(KEY, 0, 1, keys.slotOf(KEY, 0, 1));
  }

  private long set(String text) {
    byte[] value = text.getBytes(ISO_8859_1);
    return StringValue.set(keys, find(), KEY, 0, 1, value, 0, value.length);
  }

  private byte[] value(long ref) {
    int from = keys.valueOffset(ref);
    return Arrays.copyOfRange(keys.valueArray(ref), from, from + keys.valueLength(ref));
  }

  @Test
  void integersAreEightBytesAndBecomeTextWhenEdited() {
    long ref = StringValue.set(keys, find(), KEY, 0, 1, Long.MIN_VALUE);
    assertTrue(StringValue.isString(keys, ref) && StringValue.isInteger(keys, ref));
    assertEquals(Long.MIN_VALUE, StringValue.integer(keys, ref));
    assertEquals("int", StringValue.encodingName(keys, ref));
    byte[] text = Long.toString(Long.MIN_VALUE).getBytes(ISO_8859_1);
    long edited = StringValue.edit(keys, find(), text, text.length + 2);
    assertFalse(StringValue.isInteger(keys, edited));
    assertArrayEquals(Arrays.copyOf(text, text.length + 2), value(edited));
    assertEquals("raw", StringValue.encodingName(keys, edited));
    assertEquals(edited, find());
  }

  @Test
  void shortStringsAreEmbeddedUntilTheyAreEdited() {
    assertEquals("embstr", StringValue.encodingName(keys, set("x".repeat(44))));
    assertEquals("raw", StringValue.encodingName(keys, set("x".repeat(45))));
    set("abc");
    long edited = StringValue.edit(keys, find(), new byte[0], 3);
    assertEquals("raw", StringValue.encodingName(keys, edited));
    assertArrayEquals(new byte[] {'a', 'b', 'c'}, value(edited));
    assertEquals("embstr", StringValue.encodingName(keys, set("abc")));
    assertEquals(1, keys.size());
  }

  @Test
  void editingKeepsTheExpiry() {
    keys.time(1_000);
    keys.expireAt(set("abc"), 5_000);
    long edited = StringValue.edit(keys, find(), new byte[0], 1_000);
    assertEquals(5_000, keys.expiry(edited));
    assertArrayEquals(Arrays.copyOf("abc".getBytes(ISO_8859_1), 1_000), value(edited));
  }
}
