package io.redknot.server.tool;

import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * One line of CLUSTER NODES.
 *
 * <pre>id ip:port@busport[,hostname] flag[,flag...] primary-id|- ping pong epoch link [slots ...]
 * </pre>
 *
 * @param address {@code ip:port}, without bus port and host name; the ip can be empty
 * @param busPort 0 where the line does not say it
 * @param primaryId of a replica the id of its primary, otherwise {@code -}
 * @param slots tokens as they stand: {@code 7} or {@code 0-5460}, without migration marks
 * @param marks of slots on the move, as they stand: {@code [7->-id]} to, or {@code [7-<-id]} from
 */
record NodeLine(
    String id,
    String address,
    int busPort,
    Set<String> flags,
    String primaryId,
    boolean connected,
    List<String> slots,
    List<String> marks) {
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
        at < 0 ? 0 : number(fields[1].substring(at + 1).split(",", 2)[0]),
        Set.of(fields[2].split(",", -1)),
        fields[3],
        fields[7].equals("connected"),
        Stream.of(fields).skip(FIXED_FIELDS).filter(token -> !token.startsWith("[")).toList(),
        Stream.of(fields).skip(FIXED_FIELDS).filter(token -> token.startsWith("[")).toList());
  }

  private static int number(String digits) {
    try {
      return Integer.parseInt(digits);
    } catch (NumberFormatException none) {
      return 0;
    }
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
    return slotSet().cardinality();
  }

  /** The slots that the tokens name. */
  BitSet slotSet() {
    BitSet set = new BitSet();
    for (String token : slots) {
      int dash = token.indexOf('-');
      int first = Integer.parseInt(dash < 0 ? token : token.substring(0, dash));
      set.set(first, (dash < 0 ? first : Integer.parseInt(token.substring(dash + 1))) + 1);
    }
    return set;
  }

  /** The slots that leave this node, and the ids of those that are to have them. */
  SortedMap<Integer, String> migrating() {
    return marked("->-");
  }

  /** The slots that this node takes, and the ids of those that had them. */
  SortedMap<Integer, String> importing() {
    return marked("-<-");
  }

  private SortedMap<Integer, String> marked(String arrow) {
    TreeMap<Integer, String> marked = new TreeMap<>();
    for (String mark : marks) {
      int at = mark.indexOf(arrow);
      if (at > 0) {
        marked.put(
            Integer.valueOf(mark.substring(1, at)),
            mark.substring(at + arrow.length(), mark.length() - 1));
      }
    }
    return marked;
  }
}
