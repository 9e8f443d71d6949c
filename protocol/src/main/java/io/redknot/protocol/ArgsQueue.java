package io.redknot.protocol;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Commands that are kept to be executed later, in the order in which they came. Their bytes lie one
 * behind the other in arrays of up to {@value #CHUNK_BYTES} bytes; a larger command has an array of
 * its own.
 */
public final class ArgsQueue {
  private static final int CHUNK_BYTES = 64 * 1024;
  private static final int FIRST_CHUNK_BYTES = 256;
  private static final int INITIAL_COMMANDS = 4;
  private static final int INITIAL_WORDS = 16;

  /** What a command takes beyond its bytes and words. */
  private static final int COMMAND_BYTES = 3 * Integer.BYTES;

  private final List<byte[]> chunks = new ArrayList<>(1);
  private int chunkEnd;
  private int[] chunkOf = new int[INITIAL_COMMANDS];
  private int[] startOf = new int[INITIAL_COMMANDS];
  private int[] firstWord = new int[INITIAL_COMMANDS];
  private int count;
  private int[] lengths = new int[INITIAL_WORDS];
  private int words;
  private long bytes;

  /** Number of commands. */
  public int count() {
    return count;
  }

  /** Bytes of memory that the commands take. */
  public long sizeBytes() {
    return bytes + (long) words * Integer.BYTES + (long) count * COMMAND_BYTES;
  }

  /** Keeps a copy of a command. */
  public void add(Args args) {
    int length = 0;
    for (int i = 0; i < args.count(); i++) {
      length = Math.addExact(length, args.length(i));
    }
    byte[] chunk = room(length);
    reserveCommand(args.count());
    chunkOf[count] = chunks.size() - 1;
    startOf[count] = chunkEnd;
    firstWord[count] = words;
    count++;
    for (int i = 0; i < args.count(); i++) {
      int wordLength = args.length(i);
      System.arraycopy(args.array(), args.offset(i), chunk, chunkEnd, wordLength);
      chunkEnd += wordLength;
      lengths[words++] = wordLength;
    }
  }

  /** The last chunk, which has so much room behind what it holds. */
  private byte[] room(int length) {
    if (!chunks.isEmpty()) {
      byte[] last = chunks.getLast();
      if (last.length - chunkEnd >= length) {
        return last;
      }
      if (chunkEnd + (long) length <= CHUNK_BYTES) {
        int wanted = Math.max(chunkEnd + length, Math.min(CHUNK_BYTES, 2 * last.length));
        byte[] grown = Arrays.copyOf(last, wanted);
        bytes += grown.length - last.length;
        chunks.set(chunks.size() - 1, grown);
        return grown;
      }
    }
    byte[] fresh = new byte[Math.max(length, chunks.isEmpty() ? FIRST_CHUNK_BYTES : CHUNK_BYTES)];
    chunks.add(fresh);
    bytes += fresh.length;
    chunkEnd = 0;
    return fresh;
  }

  private void reserveCommand(int moreWords) {
    if (count == chunkOf.length) {
      chunkOf = Arrays.copyOf(chunkOf, 2 * count);
      startOf = Arrays.copyOf(startOf, 2 * count);
      firstWord = Arrays.copyOf(firstWord, 2 * count);
    }
    if (lengths.length - words < moreWords) {
      lengths = Arrays.copyOf(lengths, Math.max(words + moreWords, 2 * lengths.length));
    }
  }

  /** Lets arguments show a command; they are valid as long as the queue is. */
  public void show(int index, Args view) {
    view.clear();
    view.rebase(chunks.get(chunkOf[index]), startOf[index]);
    int end = index + 1 < count ? firstWord[index + 1] : words;
    int at = 0;
    for (int i = firstWord[index]; i < end; i++) {
      view.add(at, lengths[i]);
      at += lengths[i];
    }
  }
}
