package io.redknot.server.tool;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;

/**
 * A blocking connection to one node that asks questions whose answer is one text: RESP2 simple
 * strings, errors, integers and bulk strings. An array is a protocol error here.
 *
 * <p>Format: the RESP2 specification, https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
final class RespClient implements Closeable {
  private static final int LINE_BYTES_MAX = 64 * 1024;
  private static final int BULK_BYTES_MAX = 16 * 1024 * 1024;

  private final NodeAddress address;
  private final Socket socket;
  private final InputStream in;

  private RespClient(NodeAddress address, Socket socket) throws IOException {
    this.address = address;
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  /**
   * Connects.
   *
   * @param timeoutMs limit for the connection and for each single read after it
   * @throws IOException if nobody listens there, or not in time
   */
  static RespClient connect(NodeAddress address, int timeoutMs) throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(new InetSocketAddress(address.host(), address.port()), timeoutMs);
      socket.setSoTimeout(timeoutMs);
      socket.setTcpNoDelay(true);
      return new RespClient(address, socket);
    } catch (IOException e) {
      socket.close();
      throw new IOException("cannot reach " + address + ": " + e.getMessage(), e);
    }
  }

  NodeAddress address() {
    return address;
  }

  /**
   * Sends one command and returns its answer; integers in decimal, nil as the empty text.
   *
   * @throws ReplyException if the node answers with an error
   * @throws IOException if the connection breaks, times out, or carries something else than RESP2
   */
  String ask(String... words) throws IOException {
    try {
      socket.getOutputStream().write(encode(words));
      return readReply();
    } catch (ReplyException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException(
          address + " gave no answer to " + String.join(" ", words) + ": " + e.getMessage(), e);
    }
  }

  /** Sends one command and does not wait for its answer, which {@link #skipToEnd} will read. */
  void send(List<String> words) throws IOException {
    socket.getOutputStream().write(encode(words.toArray(String[]::new)));
  }

  /**
   * Reads and forgets what comes until the node closes the connection.
   *
   * @throws IOException if the connection breaks, or is silent for too long
   */
  void skipToEnd() throws IOException {
    in.transferTo(OutputStream.nullOutputStream());
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private static byte[] encode(String... words) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(("*" + words.length + "\r\n").getBytes(UTF_8));
    for (String word : words) {
      byte[] bytes = word.getBytes(UTF_8);
      out.write(("$" + bytes.length + "\r\n").getBytes(UTF_8));
      out.write(bytes);
      out.write('\r');
      out.write('\n');
    }
    return out.toByteArray();
  }

  private String readReply() throws IOException {
    String line = readLine();
    String rest = line.isEmpty() ? "" : line.substring(1);
    return switch (line.isEmpty() ? '\0' : line.charAt(0)) {
      case '+', ':' -> rest;
      case '-' -> throw new ReplyException(address, rest);
      case '$' -> readBulk(rest);
      default -> throw new IOException("unexpected reply '" + line + "'");
    };
  }

  private String readBulk(String length) throws IOException {
    int bytes;
    try {
      bytes = Integer.parseInt(length);
    } catch (NumberFormatException e) {
      throw new IOException("bad bulk length '" + length + "'", e);
    }
    if (bytes == -1) {
      return "";
    }
    if (bytes < 0 || bytes > BULK_BYTES_MAX) {
      throw new IOException("bulk length " + bytes + " is out of range");
    }
    byte[] body = in.readNBytes(bytes);
    if (body.length < bytes || in.read() != '\r' || in.read() != '\n') {
      throw new EOFException("the reply ends early");
    }
    return new String(body, UTF_8);
  }

  private String readLine() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (line.size() <= LINE_BYTES_MAX) {
      int next = in.read();
      if (next == '\r' && in.read() == '\n') {
        return line.toString(UTF_8);
      }
      if (next < 0) {
        throw new EOFException("connection closed");
      }
      line.write(next);
    }
    throw new IOException("a reply line is longer than " + LINE_BYTES_MAX + " bytes");
  }
}
