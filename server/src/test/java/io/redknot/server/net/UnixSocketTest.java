package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where clients arrive: {@code unixsocket}, {@code unixsocketperm} and {@code bind}. */
final class UnixSocketTest {
  private static @TempDir Path directory;

  private static RunningServer start(String transport, Path socket, String... more) {
    String[] options = new String[more.length + 4];
    options[0] = "--redknot-transport";
    options[1] = transport;
    options[2] = "--unixsocket";
    options[3] = socket.toString();
    System.arraycopy(more, 0, options, 4, more.length);
    return RunningServer.start(options);
  }

  /** Sends inline commands; what comes back ends with this. */
  private static String ask(Path socket, String commands, String end) throws IOException {
    try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      client.write(ByteBuffer.wrap(commands.getBytes(StandardCharsets.ISO_8859_1)));
      ByteBuffer in = ByteBuffer.allocate(64 * 1024);
      String told = "";
      while (!told.endsWith(end) && client.read(in) >= 0) {
        told = new String(in.array(), 0, in.position(), StandardCharsets.ISO_8859_1);
      }
      return told;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"epoll", "nio"})
  void clientOfUnixSocketIsServedAndShownByItsPath(String transport) throws IOException {
    Path socket = directory.resolve(transport);
    try (RunningServer server = start(transport, socket);
        RawClient tcp = server.connect()) {
      String info = ask(socket, "CLIENT INFO\r\n", "\n\r\n");
      assertTrue(info.contains(" addr=" + socket + ":0 laddr=" + socket + ":0 fd="), info);
      assertTrue(info.contains(" flags=U "), info);
      String large = "v".repeat(30_000);
      assertEquals(
          "+OK\r\n$30000\r\n" + large + "\r\n",
          ask(socket, "SET k " + large + "\r\nGET k\r\n", large + "\r\n"));
      assertEquals("$30000\r\n" + large + "\r\n", tcp.ask("get", "k"));
      assertTrue(
          tcp.askText("info", "server").contains("\nlistener1:name=unix,bind=" + socket + "\r"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"epoll", "nio"})
  void commandsOfUnixSocketAreMonitoredByItsPath(String transport) throws IOException {
    Path socket = directory.resolve(transport);
    try (RunningServer server = start(transport, socket);
        RawClient tcp = server.connect()) {
      assertEquals("+OK\r\n", tcp.ask("monitor"));
      assertEquals("+PONG\r\n", ask(socket, "PING\r\n", "\n"));
      String line = tcp.line();
      assertTrue(line.endsWith(" [0 unix:" + socket + "] \"PING\""), line);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"epoll", "nio"})
  void fileHasPermissionsReplacesAnotherAndGoesWithTheServer(String transport) throws IOException {
    Path socket = directory.resolve(transport);
    Files.writeString(socket, "left behind");
    try (RunningServer server = start(transport, socket, "--unixsocketperm", "720")) {
      assertEquals(
          "rwx-w----", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
      assertEquals("+PONG\r\n", ask(socket, "PING\r\n", "\n"));
      try (RawClient tcp = server.connect()) {
        assertEquals("+OK\r\n", tcp.ask("config", "set", "bind", ""));
        assertEquals("+PONG\r\n", ask(socket, "PING\r\n", "\n"));
        String failed = tcp.ask("config", "set", "bind", "999.999.999.999");
        assertTrue(failed.startsWith("-ERR CONFIG SET failed"), failed);
      }
      assertEquals("+PONG\r\n", ask(socket, "PING\r\n", "\n"));
    }
    assertFalse(Files.exists(socket));
  }

  @Test
  void relativePathBeginsAtTheDirectoryOfTheData() throws IOException {
    RunningServer server =
        RunningServer.start("--dir", directory.toString(), "--unixsocket", "here", "--port", "0");
    try (server) {
      assertEquals("+PONG\r\n", ask(directory.resolve("here"), "PING\r\n", "\n"));
    }
  }

  @Test
  void serverDoesNotStartWithoutItsSocket() throws IOException {
    Path nowhere = directory.resolve("none").resolve("socket");
    String noDirectory = refusal("--unixsocket", nowhere.toString());
    assertTrue(noDirectory.contains("Failed opening Unix socket: bind"), noDirectory);
    String name = "x".repeat(120);
    int bytes = directory.resolve(name).toString().length();
    assertEquals(
        "Failed opening Unix socket: unix socket path too long (" + bytes + "), must be under 108",
        refusal("--unixsocket", directory.resolve(name).toString()));
    Path taken = Files.createDirectory(directory.resolve("taken"));
    String isDirectory = refusal("--unixsocket", taken.toString());
    assertTrue(isDirectory.contains("Failed opening Unix socket: bind"), isDirectory);
    assertTrue(Files.isDirectory(taken));
  }

  @Test
  void serverDoesNotStartWhereNobodyCouldConnect() {
    assertEquals("Configured to not listen anywhere, exiting.", refusal("--port", "0"));
    assertEquals("Configured to not listen anywhere, exiting.", refusal("--bind", ""));
  }

  private static String refusal(String... options) {
    IllegalStateException failed =
        assertThrows(IllegalStateException.class, () -> RunningServer.start(options).close());
    return String.valueOf(Objects.requireNonNull(failed.getCause()).getMessage());
  }

  private static boolean isTakenFrom(String host, int port) throws IOException {
    try (Socket client = new Socket()) {
      client.connect(new InetSocketAddress(host, port), 60_000);
      client.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.ISO_8859_1));
      byte[] reply = client.getInputStream().readNBytes(7);
      return new String(reply, StandardCharsets.ISO_8859_1).equals("+PONG\r\n");
    } catch (SocketException refused) {
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"epoll", "nio"})
  void allAddressesOfBothFamiliesAreListenedOn(String transport) throws IOException {
    InetAddress loopback6 = Inet6Address.getByName("::1");
    boolean hasIpv6 = NetworkInterface.getByInetAddress(loopback6) != null;
    String[] options = {"--redknot-transport", transport, "--bind", "*", "-::*"};
    try (RunningServer server = RunningServer.start(options)) {
      assertTrue(isTakenFrom("127.0.0.1", server.port()));
      assertEquals(hasIpv6, isTakenFrom("::1", server.port()));
      try (RawClient client = server.connect()) {
        assertTrue(client.askText("client", "info").contains(" addr=127.0.0.1:"));
        assertEquals("+OK\r\n", client.ask("config", "set", "bind", "* -::*"));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"epoll", "nio"})
  void addressOfOneFamilyIsNotTakenFromTheOther(String transport) throws IOException {
    String[] options = {"--redknot-transport", transport, "--bind", "127.0.0.1", "-198.51.100.77"};
    try (RunningServer server = RunningServer.start(options)) {
      assertTrue(isTakenFrom("127.0.0.1", server.port()));
      assertFalse(isTakenFrom("::1", server.port()));
    }
  }
}
