package io.redknot.server.tool;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One line of CLUSTER NODES.
 *
 * <pre>id ip:port@busport[,hostname] flag[,flag...] primary-id|- ping pong epoch link [slots ...]
 * </pre>
 *
 * @param address {@code ip:port}, without bus port and host name; the ip can be empty
 * @param primaryId of a replica the id of its primary, otherwise {@code -}
 * @param slots tokens as they stand: {@code 7} or {@code 0-5460}, without migration marks
 */
record NodeLine(
    String id,
    String address,
    Set<String> flags,
    String primaryId,
    boolean connected,
    List<String> slots) {
  private static final int FIXED_FIELDS = 8;
  private static final Set<String> NOT_JOINED = Set.of("handshake", "noaddr");
  private static final Set<String> FAILING = Set.of("fail", "fail?");

  /** Reads all lines of a CLUSTER NODES reply. */
  static List<NodeLine> parseAll(String reply) throws IOException {
    List<String> lines = reply.lines().filter(line -> !line.isBlank()).toList();
    for (String line : lines) {
      if (line.split(" ", -1).length < FIXED_FIELDS) {
        throw new IOException("not a CLUSTER NODES line: '" + line + "'");
      }
    }
    return lines.stream().map(NodeLine::parse).toList();
  }

  private static NodeLine parse(String line) {
    String[] fields = line.split(" ", -1);
    int at = fields[1].lastIndexOf('@');
    return new NodeLine(
        fields[0],
        at < 0 ? fields[1] : fields[1].substring(0, at),
        Set.of(fields[2].split(",", -1)),
        fields[3],
        fields[7].equals("connected"),
        Stream.of(fields).skip(FIXED_FIELDS).filter(token -> !token.startsWith("[")).toList());
  }

  boolean myself() {
    return flags.contains("myself");
  }

  boolean replica() {
    return flags.contains("slave");
  }

  boolean failing() {
    return flags.stream().anyMatch(FAILING::contains);
  }

  /** Whether the node that printed the line counts this one as a reachable member. */
  boolean joined() {
    return connected && flags.stream().noneMatch(NOT_JOINED::contains);
  }

  /** How many slots the tokens name. */
  int slotCount() {
    int count = 0;
    for (String token : slots) {
      int dash = token.indexOf('-');
      count +=
          dash < 0
              ? 1
              : Integer.parseInt(token.substring(dash + 1))
                  - Integer.parseInt(token.substring(0, dash))
                  + 1;
    }
    return count;
  }
}
