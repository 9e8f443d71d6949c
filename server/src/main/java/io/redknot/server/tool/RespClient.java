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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A blocking connection to one node that asks questions whose answer is one text, RESP2 simple
 * strings, errors, integers and bulk strings, or an array of such. What a node refuses because it
 * is loading its data set is asked again for up to a minute, save for what {@link #askAll} asks.
 *
 * <p>Format: the RESP2 specification, https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
final class RespClient implements Closeable {
  private static final int LINE_BYTES_MAX = 64 * 1024;
  private static final int BULK_BYTES_MAX = 16 * 1024 * 1024;
  private static final int ARRAY_MAX = 1024 * 1024;

  /** For how long a node that loads its data set is waited for. */
  private static final long LOADING_MS_MAX = 60_000;

  /** So few that neither side waits for the other to read. */
  private static final int TOGETHER_MAX = 256;

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
      RespClient client = new RespClient(address, socket);
      Credentials.FROM_ENVIRONMENT.present(client);
      return client;
    } catch (ReplyException e) {
      socket.close();
      throw e;
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
    return new String(askBytes(bytes(words)), UTF_8);
  }

  /** As {@link #ask}, of words and an answer that are no text. */
  byte[] askBytes(List<byte[]> words) throws IOException {
    return exchange(words, this::readReply);
  }

  /** Sends one command whose answer is an array of bulk strings. */
  List<byte[]> askList(String... words) throws IOException {
    return exchange(bytes(words), this::readArray);
  }

  /** Sends commands together, and returns their answers; each of them as {@link #ask}. */
  List<String> askAll(List<List<String>> commands) throws IOException {
    List<String> answers = new ArrayList<>();
    for (int from = 0; from < commands.size(); from += TOGETHER_MAX) {
      List<List<String>> some =
          commands.subList(from, Math.min(commands.size(), from + TOGETHER_MAX));
      ByteArrayOutputStream requests = new ByteArrayOutputStream();
      for (List<String> words : some) {
        requests.write(encode(bytes(words.toArray(String[]::new))));
      }
      socket.getOutputStream().write(requests.toByteArray());
      for (int i = 0; i < some.size(); i++) {
        answers.add(new String(readReply(), UTF_8));
      }
    }
    return answers;
  }

  /** Reads the answer to one command. */
  @FunctionalInterface
  private interface Answer<T> {
    T read() throws IOException;
  }

  /** A node that loads has not executed what it was asked: it is asked again. */
  private <T> T exchange(List<byte[]> words, Answer<T> answer) throws IOException {
    long beganNanos = Patience.nanos();
    while (true) {
      try {
        return exchangeOnce(words, answer);
      } catch (ReplyException e) {
        if (!e.error().startsWith("LOADING ")
            || Patience.nanos() - beganNanos > TimeUnit.MILLISECONDS.toNanos(LOADING_MS_MAX)) {
          throw e;
        }
        Patience.pause();
      }
    }
  }

  private <T> T exchangeOnce(List<byte[]> words, Answer<T> answer) throws IOException {
    try {
      socket.getOutputStream().write(encode(words));
      return answer.read();
    } catch (ReplyException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException(
          address + " gave no answer to " + named(words) + ": " + e.getMessage(), e);
    }
  }

  /** A command without its arguments that can be many, long, or secret. */
  private static String named(List<byte[]> words) {
    return words.stream()
        .limit(2)
        .map(word -> new String(word, UTF_8))
        .collect(Collectors.joining(" "));
  }

  /** How long a single read may take from now on, in milliseconds. */
  void patience(int timeoutMs) throws IOException {
    socket.setSoTimeout(timeoutMs);
  }

  /** Sends one command and does not wait for its answer, which {@link #skipToEnd} will read. */
  void send(List<String> words) throws IOException {
    socket.getOutputStream().write(encode(bytes(words.toArray(String[]::new))));
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

  static List<byte[]> bytes(String... words) {
    List<byte[]> bytes = new ArrayList<>();
    for (String word : words) {
      bytes.add(word.getBytes(UTF_8));
    }
    return bytes;
  }

  private static byte[] encode(List<byte[]> words) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(("*" + words.size() + "\r\n").getBytes(UTF_8));
    for (byte[] word : words) {
      out.write(("$" + word.length + "\r\n").getBytes(UTF_8));
      out.write(word);
      out.write('\r');
      out.write('\n');
    }
    return out.toByteArray();
  }

  private byte[] readReply() throws IOException {
    String line = readLine();
    String rest = line.isEmpty() ? "" : line.substring(1);
    return switch (line.isEmpty() ? '\0' : line.charAt(0)) {
      case '+', ':' -> rest.getBytes(UTF_8);
      case '-' -> throw new ReplyException(address, rest);
      case '$' -> readBulk(rest);
      default -> throw new IOException("unexpected reply '" + line + "'");
    };
  }

  private List<byte[]> readArray() throws IOException {
    String line = readLine();
    if (line.startsWith("-")) {
      throw new ReplyException(address, line.substring(1));
    }
    if (!line.startsWith("*")) {
      throw new IOException("unexpected reply '" + line + "'");
    }
    int count = length(line.substring(1), ARRAY_MAX);
    List<byte[]> items = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      items.add(readReply());
    }
    return items;
  }

  private static int length(String text, int max) throws IOException {
    int length;
    try {
      length = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IOException("bad length '" + text + "'", e);
    }
    if (length < -1 || length > max) {
      throw new IOException("length " + length + " is out of range");
    }
    return length;
  }

  private byte[] readBulk(String length) throws IOException {
    int bytes = length(length, BULK_BYTES_MAX);
    if (bytes == -1) {
      return new byte[0];
    }
    byte[] body = in.readNBytes(bytes);
    if (body.length < bytes || in.read() != '\r' || in.read() != '\n') {
      throw new EOFException("the reply ends early");
    }
    return body;
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
