package io.redknot.server.differential;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** A client connection without any client library in between. */
final class RawConnection implements AutoCloseable {
  private static final int REPLY_TIMEOUT_MS = 60_000;

  private final Socket socket;
  private final InputStream in;

  RawConnection(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(REPLY_TIMEOUT_MS);
    in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
  }

  /** Sends commands in one piece. */
  void send(List<List<byte[]>> commands) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (List<byte[]> words : commands) {
      header(out, '*', words.size());
      for (byte[] word : words) {
        header(out, '$', word.length);
        out.writeBytes(word);
        out.write('\r');
        out.write('\n');
      }
    }
    socket.getOutputStream().write(out.toByteArray());
  }

  private static void header(ByteArrayOutputStream out, char type, int number) {
    out.writeBytes((type + "" + number + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
  }

  Reply read() throws IOException {
    return Reply.read(in);
  }

  /** Whether something has arrived that was not read. */
  boolean hasMore() throws IOException {
    return in.available() > 0;
  }

  /** Sends one command and reads its reply. */
  Reply call(String... words) throws IOException {
    List<byte[]> bytes =
        Arrays.stream(words).map(word -> word.getBytes(StandardCharsets.ISO_8859_1)).toList();
    send(List.of(bytes));
    return read();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
