package io.redknot.server.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The primary this node was told to follow by {@code replicaof}.
 *
 * @param host empty if the node follows nobody
 * @param port 0 if the node follows nobody
 */
public record ReplicaSource(String host, int port) {
  /** The node follows nobody. */
  public static final ReplicaSource NONE = new ReplicaSource("", 0);

  private static final int PORT_MAX = 65535;

  static final ConfigType<ReplicaSource> TYPE = new Type();

  /** Returns whether the node follows nobody. */
  public boolean isNone() {
    return host.isEmpty();
  }

  private record Type() implements ConfigType<ReplicaSource> {
    @Override
    public Class<ReplicaSource> valueClass() {
      return ReplicaSource.class;
    }

    @Override
    public ReplicaSource parse(List<String> words, @Nullable ReplicaSource current)
        throws BadValueException {
      if (current == null) {
        return NONE; // the default, which cannot be written down
      }
      if (words.size() != 2) {
        throw new BadValueException("wrong number of arguments");
      }
      boolean none = words.get(0).equalsIgnoreCase("no") && words.get(1).equalsIgnoreCase("one");
      return none ? NONE : new ReplicaSource(words.get(0), port(words.get(1)));
    }

    private static int port(String word) throws BadValueException {
      try {
        int port = Integer.parseInt(word);
        if (port >= 0 && port <= PORT_MAX) {
          return port;
        }
      } catch (NumberFormatException notANumber) {
        // Same answer as for a number out of range.
      }
      throw new BadValueException("Invalid master port");
    }

    @Override
    public String print(ReplicaSource value) {
      return value.isNone() ? "" : value.host + " " + value.port;
    }

    @Override
    public List<String> lines(String name, ReplicaSource value) {
      return value.isNone() ? List.of() : List.of(name + " " + print(value));
    }

    @Override
    public boolean takesManyWords() {
      return true;
    }

    @Override
    public String accepts() {
      return "host and port, or no one";
    }
  }
}
