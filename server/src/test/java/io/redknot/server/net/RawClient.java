package io.redknot.server.net;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** A client that sends and shows bytes as they are, one char a byte. */
public final class RawClient implements AutoCloseable {
  private static final int PATIENCE_MS = 60_000;

  private final Socket socket = new Socket();

  public RawClient(int port) {
    try {
      socket.setTcpNoDelay(true);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MS);
      socket.setSoTimeout(PATIENCE_MS);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Sends bytes. */
  public RawClient send(String bytes) {
    try {
      socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
      return this;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Sends one command of words as a RESP array. */
  public RawClient command(String... words) {
    return send(resp(words));
  }

  /** The bytes of one command of words. */
  public static String resp(String... words) {
    StringBuilder bytes = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) {
      bytes.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
    }
    return bytes.toString();
  }

  /** Reads so many bytes. */
  public String read(int bytes) {
    try {
      byte[] read = socket.getInputStream().readNBytes(bytes);
      return new String(read, StandardCharsets.ISO_8859_1);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Reads up to and without CR LF. */
  public String line() {
    StringBuilder line = new StringBuilder();
    while (line.length() < 2 || line.charAt(line.length() - 1) != '\n') {
      String next = read(1);
      if (next.isEmpty()) {
        throw new IllegalStateException("closed after '" + line + "'");
      }
      line.append(next);
    }
    return line.substring(0, line.length() - 2);
  }

  /** Reads one whole reply, nested ones included, as it stands in the stream. */
  public String reply() {
    String line = line();
    StringBuilder all = new StringBuilder(line).append("\r\n");
    int count =
        switch (line.charAt(0)) {
          case '*', '~', '>' -> Integer.parseInt(line.substring(1));
          case '%' -> 2 * Integer.parseInt(line.substring(1));
          default -> 0;
        };
    for (int i = 0; i < count; i++) {
      all.append(reply());
    }
    if (line.charAt(0) == '$' || line.charAt(0) == '=') {
      int length = Integer.parseInt(line.substring(1));
      if (length >= 0) {
        all.append(read(length + 2));
      }
    }
    return all.toString();
  }

  /** Sends one command and reads its reply. */
  public String ask(String... words) {
    return command(words).reply();
  }

  /** Sends one command and reads the text of the bulk or verbatim string that it answers. */
  public String askText(String... words) {
    String reply = ask(words);
    return reply.substring(reply.indexOf('\n') + 1, reply.length() - 2);
  }

  /** Whether nothing has arrived that was not read. */
  public boolean isSilent() {
    try {
      return socket.getInputStream().available() == 0;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Reads until the server closes the connection. */
  public String readToEnd() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      InputStream in = socket.getInputStream();
      in.transferTo(all);
    } catch (SocketException reset) {
      // A connection that is closed while it still has bytes for the server ends like this.
      return all.toString(StandardCharsets.ISO_8859_1);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return all.toString(StandardCharsets.ISO_8859_1);
  }

  /** This end's address as the server shows it. */
  public String address() {
    return "127.0.0.1:" + socket.getLocalPort();
  }

  /** Sends no more, still reads. */
  public void endOutput() {
    try {
      socket.shutdownOutput();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
