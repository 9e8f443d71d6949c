package io.redknot.storage.aof;

import io.redknot.storage.encoding.DecimalText;
import io.redknot.storage.encoding.DoubleText;
import io.redknot.storage.encoding.EntryVisitor;
import io.redknot.storage.encoding.Listpack;
import io.redknot.storage.encoding.StreamId;
import io.redknot.storage.rdb.RdbOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;

/** Writes commands of which the number of words is known, word by word, to memory. */
final class CommandOutput implements EntryVisitor {
  private final Supplier<RdbOutput> out;

  /** A length line, or a number as text. */
  private final byte[] text = new byte[DoubleText.BYTES_MAX + DecimalText.BYTES_MAX];

  /**
   * Makes one.
   *
   * @param out gives what to write to now; it collects in memory, so it does not throw
   */
  CommandOutput(Supplier<RdbOutput> out) {
    this.out = out;
  }

  private void raw(byte[] bytes, int offset, int length) {
    try {
      out.get().raw(bytes, offset, length);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private void header(char type, long number) {
    text[0] = (byte) type;
    int end = 1 + DecimalText.write(number, text, 1);
    text[end++] = '\r';
    text[end++] = '\n';
    raw(text, 0, end);
  }

  /** Begins a command of so many words, its name included. */
  CommandOutput begin(int words, String name) {
    header('*', words);
    return word(name);
  }

  /** A word of ASCII, or of bytes as {@code char}s. */
  CommandOutput word(String word) {
    header('$', word.length());
    byte[] line = new byte[word.length() + 2];
    for (int i = 0; i < word.length(); i++) {
      line[i] = (byte) word.charAt(i);
    }
    line[word.length()] = '\r';
    line[word.length() + 1] = '\n';
    raw(line, 0, line.length);
    return this;
  }

  CommandOutput word(byte[] bytes, int offset, int length) {
    header('$', length);
    raw(bytes, offset, length);
    text[0] = '\r';
    text[1] = '\n';
    raw(text, 0, 2);
    return this;
  }

  CommandOutput word(byte[] bytes) {
    return word(bytes, 0, bytes.length);
  }

  CommandOutput word(long number) {
    byte[] digits = new byte[DecimalText.BYTES_MAX];
    return word(digits, 0, DecimalText.write(number, digits, 0));
  }

  CommandOutput word(double number) {
    byte[] digits = new byte[DoubleText.BYTES_MAX];
    return word(digits, 0, DoubleText.write(number, digits, 0));
  }

  CommandOutput word(StreamId id) {
    return word(id.toString());
  }

  /** An element of a listpack. */
  void element(byte[] lp, int at, int p) {
    if (Listpack.isInteger(lp, at, p)) {
      word(Listpack.integer(lp, at, p));
    } else {
      word(lp, Listpack.textOffset(lp, at, p), Listpack.textLength(lp, at, p));
    }
  }

  @Override
  public void text(byte[] array, int offset, int length) {
    word(array, offset, length);
  }

  @Override
  public void integer(long value) {
    word(value);
  }
}
