package io.redknot.cluster.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.IntConsumer;

/** An immutable set of hash slots 0..16383, laid out like the bitmap on the wire. */
public final class SlotSet {
  /** Number of 64-bit words of a set. */
  public static final int WORDS = BusFormat.SLOTS / Long.SIZE;

  public static final SlotSet EMPTY = new SlotSet(new long[WORDS]);

  private final long[] words;
  private final int count;

  private SlotSet(long[] words) {
    this.words = words;
    int bits = 0;
    for (long word : words) {
      bits += Long.bitCount(word);
    }
    this.count = bits;
  }

  /** Copies {@value #WORDS} words; slot s is bit s%64 of word s/64. */
  public static SlotSet ofWords(long[] words) {
    if (words.length != WORDS) {
      throw new IllegalArgumentException("a slot set has " + WORDS + " words");
    }
    return new SlotSet(words.clone());
  }

  /**
   * Exactly these slots.
   *
   * @throws IndexOutOfBoundsException when a slot is not in 0..16383
   */
  public static SlotSet of(int... slots) {
    long[] words = new long[WORDS];
    for (int slot : slots) {
      words[slot >> 6] |= 1L << slot;
    }
    return new SlotSet(words);
  }

  /** All slots from first to last, both included. */
  public static SlotSet range(int first, int last) {
    long[] words = new long[WORDS];
    for (int slot = first; slot <= last; slot++) {
      words[slot >> 6] |= 1L << slot;
    }
    return new SlotSet(words);
  }

  /** Reads the 2048 bytes of a bitmap; moves nothing. */
  static SlotSet read(ByteBuffer in, int offset) {
    ByteBuffer bytes = in.slice(offset, BusFormat.SLOT_BITMAP_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    long[] words = new long[WORDS];
    bytes.asLongBuffer().get(words);
    return new SlotSet(words);
  }

  /** Writes the 2048 bytes of the bitmap; moves nothing. */
  void write(ByteBuffer out, int offset) {
    ByteBuffer bytes =
        out.slice(offset, BusFormat.SLOT_BITMAP_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(words);
  }

  public boolean contains(int slot) {
    return (words[slot >> 6] >>> slot & 1) != 0;
  }

  public int count() {
    return count;
  }

  public boolean isEmpty() {
    return count == 0;
  }

  public long word(int index) {
    return words[index];
  }

  /** Calls the consumer with every slot, in ascending order. */
  public void forEach(IntConsumer consumer) {
    for (int i = 0; i < WORDS; i++) {
      for (long rest = words[i]; rest != 0; rest &= rest - 1) {
        consumer.accept(i * Long.SIZE + Long.numberOfTrailingZeros(rest));
      }
    }
  }

  /** Maximal ranges in ascending order as pairs first, last (both included). */
  public int[] ranges() {
    int[] pairs = new int[16];
    int length = 0;
    int last = -1;
    for (int left = count; left > 0; left -= last - pairs[length - 2] + 1) {
      if (length == pairs.length) {
        pairs = Arrays.copyOf(pairs, length * 2);
      }
      int first = next(last + 1);
      last = endOfRange(first);
      pairs[length++] = first;
      pairs[length++] = last;
    }
    return Arrays.copyOf(pairs, length);
  }

  private int next(int from) {
    int slot = from;
    while (slot < BusFormat.SLOTS) {
      long rest = words[slot >> 6] >>> slot;
      if (rest != 0) {
        return slot + Long.numberOfTrailingZeros(rest);
      }
      slot = (slot | 63) + 1;
    }
    return BusFormat.SLOTS;
  }

  /** The last of the slots that follow each other from one that is there. */
  private int endOfRange(int from) {
    int slot = from;
    while (slot < BusFormat.SLOTS) {
      // The zeros that are shifted in end the count at the end of the word.
      int follow = Long.numberOfTrailingZeros(~(words[slot >> 6] >>> slot));
      slot += follow;
      if (follow == 0 || (slot & 63) != 0) {
        break;
      }
    }
    return slot - 1;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SlotSet that && Arrays.equals(words, that.words);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(words);
  }

  @Override
  public String toString() {
    return Arrays.toString(ranges());
  }
}
