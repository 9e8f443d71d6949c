package io.redknot.server.command;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A client that shows replies as text: bulk strings as they are, others with their type's sign,
 * arrays in brackets, nulls as {@code nil}.
 */
final class LiveClient implements AutoCloseable {
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  LiveClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
    out = socket.getOutputStream();
  }

  /** Sends a command of words in ISO 8859-1 and shows its reply. */
  String call(String... words) {
    Object reply = callRaw(words);
    return reply instanceof List<?> list ? list.toString() : (String) reply;
  }

  /** Sends a command and returns the elements of its reply, an array, as they would be shown. */
  List<String> list(String... words) {
    Object reply = callRaw(words);
    if (!(reply instanceof List<?> list)) {
      throw new AssertionError("no array: " + reply);
    }
    return list.stream().map(Object::toString).toList();
  }

  /** What SCAN answers. */
  record Page(String cursor, List<String> keys) {}

  /** Sends a command of the SCAN family. */
  Page scan(String... words) {
    if (callRaw(words) instanceof List<?> page && page.getLast() instanceof List<?> keys) {
      return new Page((String) page.getFirst(), keys.stream().map(Object::toString).toList());
    }
    throw new AssertionError("no page");
  }

  private Object callRaw(String... words) {
    try {
      ByteArrayOutputStream request = new ByteArrayOutputStream();
      request.writeBytes(ascii("*" + words.length + "\r\n"));
      for (String word : words) {
        request.writeBytes(ascii("$" + word.length() + "\r\n" + word + "\r\n"));
      }
      out.write(request.toByteArray());
      out.flush();
      return read();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private Object read() throws IOException {
    String line = line();
    return switch (line.charAt(0)) {
      case '$' -> bulk(Integer.parseInt(line.substring(1)));
      case '*', '~' -> elements(Integer.parseInt(line.substring(1)));
      case '%' -> elements(2 * Integer.parseInt(line.substring(1)));
      case '_' -> "nil3";
      default -> line;
    };
  }

  private String bulk(int length) throws IOException {
    if (length < 0) {
      return "nil";
    }
    return new String(in.readNBytes(length + 2), 0, length, StandardCharsets.ISO_8859_1);
  }

  private List<Object> elements(int count) throws IOException {
    List<Object> elements = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      elements.add(read());
    }
    return elements;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    int b = in.read();
    while (b != '\r') {
      if (b < 0) {
        throw new IOException("the server closed the connection");
      }
      line.append((char) b);
      b = in.read();
    }
    if (in.read() != '\n') {
      throw new IOException("CR without LF");
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
