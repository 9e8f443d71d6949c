package io.redknot.server.differential;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One reply as it came over the wire.
 *
 * @param header the first line with its type, without CR LF
 * @param raw all bytes, one char a byte
 * @param elements what an aggregate consists of; keys and values of a map one after the other
 */
record Reply(String header, String raw, List<Reply> elements) {
  private static final int SHOWN_MAX = 300;
  private static final Pattern REAL = Pattern.compile("-?[0-9]+(\\.[0-9]+)?(e[+-]?[0-9]+)?");

  /** Reads one reply, RESP2 or RESP3. */
  static Reply read(InputStream in) throws IOException {
    ByteArrayOutputStream raw = new ByteArrayOutputStream();
    String header = line(in, raw);
    List<Reply> elements = new ArrayList<>();
    switch (header.charAt(0)) {
      case '$', '=', '!' -> bytes(in, raw, length(header));
      case '*', '~', '>' -> elements(in, raw, elements, length(header));
      case '%' -> elements(in, raw, elements, 2 * length(header));
      case '|' -> throw new IOException("attributes are not expected: " + header);
      default -> {}
    }
    return new Reply(header, raw.toString(StandardCharsets.ISO_8859_1), elements);
  }

  private static String line(InputStream in, ByteArrayOutputStream raw) throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      int b = next(in);
      raw.write(b);
      if (b == '\n') {
        return line.substring(0, line.length() - 1);
      }
      line.append((char) b);
    }
  }

  private static int next(InputStream in) throws IOException {
    int b = in.read();
    if (b < 0) {
      throw new EOFException("the connection was closed");
    }
    return b;
  }

  private static int length(String header) {
    return Integer.parseInt(header.substring(1));
  }

  private static void bytes(InputStream in, ByteArrayOutputStream raw, int length)
      throws IOException {
    if (length >= 0) {
      byte[] body = in.readNBytes(length + 2);
      if (body.length < length + 2) {
        throw new EOFException("the connection was closed inside a reply");
      }
      raw.writeBytes(body);
    }
  }

  private static void elements(
      InputStream in, ByteArrayOutputStream raw, List<Reply> elements, int count)
      throws IOException {
    for (int i = 0; i < count; i++) {
      Reply element = read(in);
      raw.writeBytes(element.raw().getBytes(StandardCharsets.ISO_8859_1));
      elements.add(element);
    }
  }

  char type() {
    return header.charAt(0);
  }

  boolean isError() {
    return type() == '-' || type() == '!';
  }

  boolean isInteger() {
    return type() == ':';
  }

  boolean isNull() {
    return type() == '_' || header.equals("$-1") || header.equals("*-1");
  }

  long integer() {
    return Long.parseLong(header.substring(1));
  }

  /** What is said, with every number in one form, whichever way it was written. */
  String normal() {
    if (!elements.isEmpty()) {
      return header + elements.stream().map(Reply::normal).toList();
    }
    String text = type() == ',' ? header.substring(1) : content();
    return (type() == ',' || type() == '$') && REAL.matcher(text).matches()
        ? type() + Double.toString(Double.parseDouble(text))
        : raw;
  }

  /** The bytes of a bulk. */
  String content() {
    int from = header.length() + 2;
    return raw.length() < from + 2 ? "" : raw.substring(from, raw.length() - 2);
  }

  /** The bytes as a person reads them, cut where they are many. */
  String shown() {
    return Step.shown(raw.getBytes(StandardCharsets.ISO_8859_1), SHOWN_MAX);
  }
}
