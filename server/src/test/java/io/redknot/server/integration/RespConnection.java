package io.redknot.server.integration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** A blocking connection that speaks RESP2, and RESP3 once HELLO has asked for it. */
final class RespConnection implements Closeable {
  private static final int CONNECT_TIMEOUT_MS = 1_000;
  private static final int READ_TIMEOUT_MS = 20_000;

  private final Socket socket = new Socket();
  private final InputStream in;

  RespConnection(int port) throws IOException {
    try {
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_TIMEOUT_MS);
      socket.setSoTimeout(READ_TIMEOUT_MS);
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Sends one command and reads its reply, which may be an error. */
  Reply ask(String... words) throws IOException {
    send(words);
    return read();
  }

  /** Sends one command. */
  void send(String... words) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(("*" + words.length + "\r\n").getBytes(UTF_8));
    for (String word : words) {
      byte[] bytes = word.getBytes(UTF_8);
      out.writeBytes(("$" + bytes.length + "\r\n").getBytes(UTF_8));
      out.writeBytes(bytes);
      out.writeBytes(new byte[] {'\r', '\n'});
    }
    socket.getOutputStream().write(out.toByteArray());
  }

  /** Sends one command whose reply is a text or a number. */
  String text(String... words) throws IOException {
    Reply reply = ask(words);
    assertFalse(reply.isError(), () -> String.join(" ", words) + ": " + reply);
    return reply.words();
  }

  /** Sends one command, its words separated by blanks; the reply in one line with its types. */
  String line(String command) throws IOException {
    return ask(command.split(" ", -1)).toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /** The next reply or message. */
  Reply read() throws IOException {
    String line = readLine();
    if (line.isEmpty()) {
      throw new IOException("an empty line where a reply begins");
    }
    char type = line.charAt(0);
    String rest = line.substring(1);
    return switch (type) {
      case '+', '-', ':', ',', '#', '(' -> new Reply(type, rest, List.of());
      case '_' -> new Reply(Reply.NIL, "_", List.of());
      case '$', '=', '!' -> readBulk(type, Integer.parseInt(rest));
      case '*', '~', '>' -> readItems(type, Integer.parseInt(rest), 1);
      case '%' -> readItems(type, Integer.parseInt(rest), 2);
      default -> throw new IOException("not a reply: " + line);
    };
  }

  private Reply readBulk(char type, int length) throws IOException {
    if (length < 0) {
      return new Reply(Reply.NIL, type + "-1", List.of());
    }
    byte[] body = in.readNBytes(length);
    if (body.length < length || in.read() != '\r' || in.read() != '\n') {
      throw new EOFException("the reply ends early");
    }
    return new Reply(type, new String(body, UTF_8), List.of());
  }

  private Reply readItems(char type, int count, int each) throws IOException {
    if (count < 0) {
      return new Reply(Reply.NIL, type + "-1", List.of());
    }
    List<Reply> items = new ArrayList<>();
    for (int i = 0; i < count * each; i++) {
      items.add(read());
    }
    return new Reply(type, "", items);
  }

  private String readLine() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int next = in.read();
    while (next != '\r') {
      if (next < 0) {
        throw new EOFException("connection closed");
      }
      line.write(next);
      next = in.read();
    }
    if (in.read() != '\n') {
      throw new IOException("a line that ends in CR alone");
    }
    return line.toString(UTF_8);
  }
}
