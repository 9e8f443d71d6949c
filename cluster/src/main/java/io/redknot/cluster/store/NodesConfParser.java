package io.redknot.cluster.store;

import io.redknot.cluster.wire.BusFormat;
import io.redknot.cluster.wire.NodeAddress;
import io.redknot.cluster.wire.NodeFlags;
import io.redknot.cluster.wire.NodeIds;
import io.redknot.cluster.wire.SlotSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads one file's text; an instance is used once. */
final class NodesConfParser {
  private static final int NODE_WORDS_MIN = 8;
  private static final int BUS_PORT_INCREMENT = 10000;
  private static final int PORT_MAX = 65535;
  private static final String AUX_FORBIDDEN = "!#$%&()*+:;<>?@[]^{|}~";

  private final boolean tlsCluster;
  private final Map<String, SavedNode> nodes = new LinkedHashMap<>();
  private final Map<Integer, String> slotOwners = new HashMap<>();
  private final List<String> referenced = new ArrayList<>();
  private long currentEpoch;
  private long lastVoteEpoch;
  private int line;

  NodesConfParser(boolean tlsCluster) {
    this.tlsCluster = tlsCluster;
  }

  SavedCluster parse(String text) throws NodesConfException {
    for (String row : text.split("\n", -1)) {
      line++;
      List<String> words = ConfWords.split(row);
      if (words == null) {
        throw error("unbalanced quotes");
      }
      if (words.isEmpty()) {
        continue;
      }
      if (words.get(0).equals("vars")) {
        readVars(words);
      } else {
        readNode(words);
      }
    }
    addPlaceholders();
    checkMyself();
    for (SavedNode node : nodes.values()) {
      currentEpoch = Math.max(currentEpoch, node.configEpoch());
    }
    return new SavedCluster(new ArrayList<>(nodes.values()), currentEpoch, lastVoteEpoch);
  }

  private void readVars(List<String> words) throws NodesConfException {
    if (words.size() % 2 == 0) {
      throw error("a variable has no value");
    }
    for (int i = 1; i < words.size(); i += 2) {
      switch (words.get(i)) {
        case "currentEpoch" -> currentEpoch = number(words.get(i + 1), "currentEpoch");
        case "lastVoteEpoch" -> lastVoteEpoch = number(words.get(i + 1), "lastVoteEpoch");
        default -> {}
      }
    }
  }

  private void readNode(List<String> words) throws NodesConfException {
    if (words.size() < NODE_WORDS_MIN) {
      throw error("a node needs " + NODE_WORDS_MIN + " fields, found " + words.size());
    }
    String id = nodeId(words.get(0));
    if (nodes.containsKey(id)) {
      throw error("node " + id + " is listed twice");
    }
    Place place = place(words.get(1));
    String primary = words.get(3).equals("-") ? "" : reference(words.get(3));
    long epoch = number(words.get(6), "config epoch");
    Slots slots = slots(id, words.subList(NODE_WORDS_MIN, words.size()));
    nodes.put(
        id,
        new SavedNode(
            id,
            place.address,
            place.hostname,
            place.nodename,
            place.shardId,
            flags(words.get(2)),
            primary,
            number(words.get(4), "ping time"),
            number(words.get(5), "pong time"),
            epoch,
            words.get(7).equals("connected"),
            slots.owned,
            slots.migrating,
            slots.importing));
  }

  private record Place(NodeAddress address, String hostname, String nodename, String shardId) {}

  private record Slots(
      SlotSet owned, TreeMap<Integer, String> migrating, TreeMap<Integer, String> importing) {}

  private Place place(String field) throws NodesConfException {
    String[] parts = field.split(",", -1);
    int at = parts[0].lastIndexOf('@');
    String ipPort = at < 0 ? parts[0] : parts[0].substring(0, at);
    int colon = ipPort.lastIndexOf(':');
    if (colon < 0) {
      throw error("address without a port: " + parts[0]);
    }
    int port = port(ipPort.substring(colon + 1));
    int bus = at < 0 ? port + BUS_PORT_INCREMENT : port(parts[0].substring(at + 1));
    String ip = ipPort.substring(0, colon);
    if (ip.length() >= BusFormat.IP_BYTES) {
      throw error("address is too long: " + ip);
    }
    Map<String, String> aux = auxFields(parts);
    NodeAddress address = NodeAddress.ofWire(ip, port, 0, bus, tlsCluster);
    if (aux.containsKey("tcp-port")) {
      address = new NodeAddress(ip, port(aux.get("tcp-port")), port, bus);
    } else if (aux.containsKey("tls-port")) {
      address = new NodeAddress(ip, port, port(aux.get("tls-port")), bus);
    }
    return new Place(
        address,
        parts.length > 1 ? parts[1] : "",
        aux.getOrDefault("nodename", ""),
        aux.getOrDefault("shard-id", ""));
  }

  private Map<String, String> auxFields(String[] parts) throws NodesConfException {
    Map<String, String> aux = new HashMap<>();
    for (int i = 2; i < parts.length; i++) {
      int equals = parts[i].indexOf('=');
      String name = equals < 0 ? "" : parts[i].substring(0, equals);
      String value = parts[i].substring(equals + 1);
      boolean known =
          switch (name) {
            case "tls-port", "tcp-port", "nodename" -> true;
            case "shard-id" -> NodeIds.isValid(value);
            default -> false;
          };
      if (!known || !isAuxText(value)) {
        throw error("unknown or invalid attribute " + parts[i]);
      }
      aux.put(name, value);
    }
    return aux;
  }

  private static boolean isAuxText(String text) {
    return text.chars().allMatch(c -> c > ' ' && c < 0x7f && AUX_FORBIDDEN.indexOf(c) < 0);
  }

  private int flags(String field) throws NodesConfException {
    int flags = 0;
    for (String name : field.split(",", -1)) {
      Integer flag = NodeFlags.ofName(name);
      if (flag == null) {
        throw error("unknown flag " + name);
      }
      flags |= flag;
    }
    return flags;
  }

  private Slots slots(String id, List<String> words) throws NodesConfException {
    long[] owned = new long[SlotSet.WORDS];
    TreeMap<Integer, String> migrating = new TreeMap<>();
    TreeMap<Integer, String> importing = new TreeMap<>();
    for (String word : words) {
      if (word.startsWith("[")) {
        marker(word, migrating, importing);
      } else {
        range(id, word, owned);
      }
    }
    return new Slots(SlotSet.ofWords(owned), migrating, importing);
  }

  private void range(String id, String word, long[] owned) throws NodesConfException {
    int dash = word.indexOf('-');
    int first = slot(dash < 0 ? word : word.substring(0, dash));
    int last = dash < 0 ? first : slot(word.substring(dash + 1));
    if (first > last) {
      throw error("slot range is upside down: " + word);
    }
    for (int slot = first; slot <= last; slot++) {
      String other = slotOwners.put(slot, id);
      if (other != null) {
        throw error("slot " + slot + " has two owners, " + other + " and " + id);
      }
      owned[slot >> 6] |= 1L << slot;
    }
  }

  private void marker(String word, Map<Integer, String> migrating, Map<Integer, String> importing)
      throws NodesConfException {
    int leaving = word.indexOf("->-");
    int arriving = word.indexOf("-<-");
    int arrow = Math.max(leaving, arriving);
    if (arrow < 0 || !word.endsWith("]") || word.length() - 1 < arrow + 3) {
      throw error("unreadable slot marker " + word);
    }
    int slot = slot(word.substring(1, arrow));
    String peer = reference(word.substring(arrow + 3, word.length() - 1));
    (leaving >= 0 ? migrating : importing).put(slot, peer);
  }

  private int slot(String word) throws NodesConfException {
    long slot = number(word, "slot");
    if (slot >= BusFormat.SLOTS) {
      throw error("slot out of range: " + word);
    }
    return (int) slot;
  }

  private int port(@Nullable String word) throws NodesConfException {
    long port = number(word == null ? "" : word, "port");
    if (port > PORT_MAX) {
      throw error("port out of range: " + word);
    }
    return (int) port;
  }

  private long number(String word, String what) throws NodesConfException {
    try {
      long value = Long.parseLong(word);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Reported below together with negative numbers.
    }
    throw error(what + " is not a number: " + word);
  }

  private String nodeId(String word) throws NodesConfException {
    if (!NodeIds.isValid(word)) {
      throw error("not a node id: " + word);
    }
    return word;
  }

  private String reference(String word) throws NodesConfException {
    String id = nodeId(word);
    referenced.add(id);
    return id;
  }

  /** A node may be named as a primary or a slot's peer before, or without, a line of its own. */
  private void addPlaceholders() {
    for (String id : referenced) {
      nodes.computeIfAbsent(
          id,
          missing ->
              new SavedNode(
                  missing,
                  NodeAddress.UNKNOWN,
                  "",
                  "",
                  "",
                  0,
                  "",
                  0,
                  0,
                  0,
                  false,
                  SlotSet.EMPTY,
                  new TreeMap<>(),
                  new TreeMap<>()));
    }
  }

  private void checkMyself() throws NodesConfException {
    long myselves = nodes.values().stream().filter(SavedNode::isMyself).count();
    if (myselves != 1) {
      throw new NodesConfException(
          "Corrupted cluster config file: " + myselves + " nodes are flagged myself, not one");
    }
  }

  private NodesConfException error(String problem) {
    return NodesConfException.atLine(line, problem);
  }
}
