package io.redknot.server.tool;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A node of a running cluster and what it says of itself, which is what counts: the others only
 * follow.
 */
final class Member {
  private final RespClient client;
  private NodeView view;

  Member(RespClient client) throws IOException {
    this.client = client;
    this.view = NodeView.of(client);
  }

  /** Asks again. */
  void refresh() throws IOException {
    view = NodeView.of(client);
  }

  RespClient client() {
    return client;
  }

  NodeAddress address() {
    return client.address();
  }

  NodeView view() {
    return view;
  }

  NodeLine line() {
    return view.myself();
  }

  String id() {
    return line().id();
  }

  boolean isPrimary() {
    return !line().replica();
  }

  /** The slots that it takes for its own. */
  BitSet slots() {
    return line().slotSet();
  }

  /** Number of keys in each of the slots, in their order. */
  List<Integer> keysIn(Iterable<Integer> slots) throws IOException {
    List<List<String>> commands = new ArrayList<>();
    for (int slot : slots) {
      commands.add(List.of("CLUSTER", "COUNTKEYSINSLOT", Integer.toString(slot)));
    }
    return client.askAll(commands).stream().map(Integer::valueOf).toList();
  }

  int keysIn(int slot) throws IOException {
    return keysIn(List.of(slot)).getFirst();
  }

  /** CLUSTER SETSLOT. */
  void setSlot(int slot, String... words) throws IOException {
    List<String> all = new ArrayList<>(List.of("CLUSTER", "SETSLOT", Integer.toString(slot)));
    all.addAll(List.of(words));
    client.ask(all.toArray(String[]::new));
  }

  @Override
  public String toString() {
    return address().toString();
  }
}
