package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Several clients that talk with both servers in turn. After every line all clients of both servers
 * must have been told the same, be it a reply or something that another client made the server say.
 *
 * <p>A line is {@code name: command}, or {@code name~ command} where the reply comes some time
 * later, or {@code name<}, which waits for one more, or {@code name!}, which ends the connection.
 * Words are separated by blanks; {@code ''} is an empty one. {@code $name} stands for the id of a
 * client, which differs from server to server and is shown as its name, and {@code &key} for what
 * the server dumps of a key.
 */
final class Conversation implements AutoCloseable {
  private static final Pattern BLOCKED = Pattern.compile("blocked_clients:(\\d+)");
  private static final Pattern LINE = Pattern.compile("(\\w+)([:~<!])\\s*(.*)");

  /** One server and what talks with it. */
  private static final class Side {
    private final int port;
    private final int protocol;
    private final RawConnection control;
    private final Map<String, RawConnection> clients = new LinkedHashMap<>();
    private final Map<String, String> ids = new LinkedHashMap<>();

    Side(int port, int protocol) throws IOException {
      this.port = port;
      this.protocol = protocol;
      this.control = new RawConnection(port);
      control.call("FLUSHALL");
    }

    RawConnection client(String name) throws IOException {
      RawConnection client = clients.get(name);
      if (client == null) {
        client = new RawConnection(port);
        clients.put(name, client);
        ids.put(name, client.call("CLIENT", "ID").header().substring(1));
        if (protocol == 3) {
          client.call("HELLO", "3");
        }
      }
      return client;
    }

    void send(String name, String command) throws IOException {
      RawConnection client = client(name);
      List<byte[]> words = new ArrayList<>();
      for (String word : command.split(" +", -1)) {
        words.add(meaning(word).getBytes(StandardCharsets.ISO_8859_1));
      }
      client.send(List.of(words));
    }

    private String meaning(String word) throws IOException {
      if (word.startsWith("&")) {
        return control.call("DUMP", word.substring(1)).content();
      }
      String id = word.startsWith("$") ? ids.get(word.substring(1)) : null;
      return id != null ? id : word.equals("''") ? "" : word;
    }

    /** When this returns, what was sent before was executed and its replies were written. */
    void fence() throws IOException {
      control.call("PING");
      control.call("PING");
    }

    String blocked() throws IOException {
      Matcher found = BLOCKED.matcher(control.call("INFO", "clients").raw());
      return found.find() ? found.group(1) : "?";
    }

    /** A reply with names instead of the ids of clients, where it is about clients. */
    String shown(Reply reply, boolean withIds) {
      String shown = reply.raw();
      if (!withIds && !shown.contains("tracking-redir-broken")) {
        return shown;
      }
      for (Map.Entry<String, String> id : ids.entrySet()) {
        shown = shown.replaceAll(":" + id.getValue() + "(?=\r)", ":\\$" + id.getKey());
      }
      return shown;
    }

    void close(String name) throws IOException {
      RawConnection client = clients.remove(name);
      if (client != null) {
        client.close();
      }
    }

    void close() throws IOException {
      for (String name : List.copyOf(clients.keySet())) {
        close(name);
      }
      control.close();
    }
  }

  private final Side reference;
  private final Side redknot;
  private boolean aboutClients;
  private final StringBuilder story = new StringBuilder();

  Conversation(int referencePort, int redknotPort, int protocol) throws IOException {
    reference = new Side(referencePort, protocol);
    redknot = new Side(redknotPort, protocol);
  }

  /**
   * Has it out line by line.
   *
   * @throws AssertionError that shows what was said up to the first difference
   */
  void run(String script) throws IOException {
    for (String line : script.lines().map(String::strip).toList()) {
      if (!line.isEmpty()) {
        step(line);
      }
    }
    for (String name : List.copyOf(reference.clients.keySet())) {
      checkNothingLeft(name);
    }
  }

  private void step(String line) throws IOException {
    Matcher parts = LINE.matcher(line);
    if (!parts.matches()) {
      throw new IllegalArgumentException(line);
    }
    story.append(line).append('\n');
    String name = parts.group(1);
    aboutClients = line.contains(" CLIENT ");
    switch (parts.group(2)) {
      case ":" -> say(name, parts.group(3));
      case "~" -> sayAndWait(name, parts.group(3));
      case "<" -> compare(name, reference.client(name).read());
      default -> leave(name);
    }
    compareAll();
  }

  private void say(String name, String command) throws IOException {
    reference.send(name, command);
    reference.fence();
    boolean answered = reference.client(name).hasMore();
    redknot.send(name, command);
    if (!answered) {
      awaitSameBlocked();
    }
  }

  private void sayAndWait(String name, String command) throws IOException {
    reference.send(name, command);
    redknot.send(name, command);
    compare(name, reference.client(name).read());
  }

  private void leave(String name) throws IOException {
    reference.close(name);
    redknot.close(name);
    reference.fence();
    awaitSameBlocked();
  }

  /** A command without a reply has been executed on the one server; now on the other one too. */
  private void awaitSameBlocked() throws IOException {
    String wanted = reference.blocked();
    long tries = 0;
    while (!wanted.equals(redknot.blocked())) {
      if (++tries > 20_000) {
        throw new AssertionError(story + "blocked clients: not " + wanted);
      }
    }
  }

  private void compareAll() throws IOException {
    for (Map.Entry<String, RawConnection> client : List.copyOf(reference.clients.entrySet())) {
      while (client.getValue().hasMore()) {
        compare(client.getKey(), client.getValue().read());
      }
    }
  }

  private void compare(String name, Reply theirs) throws IOException {
    String told = reference.shown(theirs, aboutClients);
    String ours;
    try {
      ours = redknot.shown(redknot.client(name).read(), aboutClients);
    } catch (IOException failure) {
      ours = failure.toString();
    }
    assertEquals(told, ours, () -> story + "is told to " + name);
    story.append("    ").append(name).append(" <- ").append(theirs.shown()).append('\n');
  }

  /** Whatever one of them said too much comes before the reply to one more command. */
  private void checkNothingLeft(String name) throws IOException {
    if (reference.blocked().equals("0")) {
      step(name + ": PING");
    }
  }

  @Override
  public void close() throws IOException {
    reference.close();
    redknot.close();
  }

  /** The scripts of a file: a line that begins with {@code #} names the one that follows. */
  static Map<String, String> scripts(String text) {
    Map<String, String> scripts = new LinkedHashMap<>();
    for (String part : Arrays.asList(text.split("(?m)^# *"))) {
      if (!part.isBlank()) {
        int end = part.indexOf('\n');
        scripts.put(part.substring(0, end).strip(), part.substring(end));
      }
    }
    return scripts;
  }
}
