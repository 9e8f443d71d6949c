package io.redknot.server.tool;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Connections to all nodes of a running cluster, found through one of them. */
final class LiveCluster implements Closeable {
  private final List<Member> members = new ArrayList<>();
  private final List<String> unreachable = new ArrayList<>();

  private LiveCluster() {}

  /**
   * Connects to every node that the seed knows.
   *
   * @throws IOException if the seed does not answer, or is no cluster node
   */
  static LiveCluster open(NodeAddress seed, int timeoutMs) throws IOException {
    LiveCluster cluster = new LiveCluster();
    try {
      Member first = cluster.join(seed, timeoutMs);
      for (NodeLine line : first.view().nodes()) {
        if (!line.myself()) {
          cluster.join(line, timeoutMs);
        }
      }
    } catch (IOException failure) {
      cluster.close();
      throw failure;
    }
    return cluster;
  }

  private Member join(NodeAddress address, int timeoutMs) throws IOException {
    RespClient client = RespClient.connect(address, timeoutMs);
    try {
      Member member = new Member(client);
      members.add(member);
      return member;
    } catch (IOException failure) {
      client.close();
      throw failure;
    }
  }

  private void join(NodeLine line, int timeoutMs) {
    try {
      join(NodeAddress.parse(line.address()), timeoutMs);
    } catch (IOException | UsageException failure) {
      unreachable.add(line.address() + " (" + failure.getMessage() + ")");
    }
  }

  /** Asks everybody again. */
  void refresh() throws IOException {
    for (Member member : members) {
      member.refresh();
    }
  }

  List<Member> members() {
    return List.copyOf(members);
  }

  List<Member> primaries() {
    return members.stream().filter(Member::isPrimary).toList();
  }

  /** Nodes that the seed knows and that do not answer, each with the reason. */
  List<String> unreachable() {
    return List.copyOf(unreachable);
  }

  /**
   * Finds a member by its address, its port, or the beginning of its id.
   *
   * @throws UsageException if there is none, or more than one
   */
  Member find(String name) throws UsageException {
    List<Member> found =
        members.stream()
            .filter(
                member ->
                    member.address().toString().equals(name)
                        || Integer.toString(member.address().port()).equals(name)
                        || member.id().equals(name))
            .toList();
    if (found.isEmpty() && name.length() >= ID_PREFIX_MIN) {
      found = members.stream().filter(member -> member.id().startsWith(name)).toList();
    }
    if (found.size() != 1) {
      throw new UsageException(
          "'"
              + name
              + (found.isEmpty() ? "' is no node of this cluster" : "' is more than one node")
              + "; name one by host:port, port or id: "
              + members.stream().map(Member::toString).toList());
    }
    return found.getFirst();
  }

  /** A shorter one is a port. */
  private static final int ID_PREFIX_MIN = 6;

  /** The primaries' own slots, by their ids. */
  Map<String, BitSet> shares() {
    Map<String, BitSet> shares = new LinkedHashMap<>();
    for (Member primary : primaries()) {
      shares.put(primary.id(), primary.slots());
    }
    return shares;
  }

  /** Slots that a primary gives or takes, by number, each with those who say so. */
  SortedMap<Integer, OpenSlot> openSlots() {
    SortedMap<Integer, OpenSlot> open = new TreeMap<>();
    for (Member member : primaries()) {
      member.line().migrating().forEach((slot, to) -> at(open, slot).migrating.put(member, to));
      member.line().importing().forEach((slot, from) -> at(open, slot).importing.put(member, from));
    }
    return open;
  }

  private static OpenSlot at(SortedMap<Integer, OpenSlot> open, int slot) {
    return open.computeIfAbsent(slot, _ -> new OpenSlot());
  }

  /**
   * A slot on the move: who says that it leaves, and who says that it comes, with the other's id.
   */
  static final class OpenSlot {
    final Map<Member, String> migrating = new LinkedHashMap<>();
    final Map<Member, String> importing = new LinkedHashMap<>();
  }

  /** Who says that the slot is its own. */
  List<Member> owners(int slot) {
    return primaries().stream().filter(primary -> primary.slots().get(slot)).toList();
  }

  /** Slots that no node which answers takes for its own. */
  BitSet uncovered() {
    BitSet none = new BitSet();
    none.set(0, ClusterPlan.SLOTS);
    primaries().forEach(primary -> none.andNot(primary.slots()));
    return none;
  }

  /** Slots that more than one node takes for its own. */
  BitSet disputed() {
    BitSet once = new BitSet();
    BitSet several = new BitSet();
    for (Member primary : primaries()) {
      BitSet both = primary.slots();
      both.and(once);
      several.or(both);
      once.or(primary.slots());
    }
    return several;
  }

  /** Whether all tell the same owners of all slots. */
  boolean agrees() {
    Set<String> told = new LinkedHashSet<>();
    members.forEach(member -> told.add(member.view().ownership()));
    return told.size() == 1;
  }

  /** Waits until all nodes serve requests. */
  void awaitServing(long limitMs) throws IOException, FormingException, InterruptedException {
    boolean serves =
        Patience.await(
            limitMs,
            () -> {
              refresh();
              return members.stream().allMatch(member -> member.view().stateOk());
            });
    if (!serves) {
      throw new FormingException(
          "cluster_state is not ok, " + limitMs / 1000 + " s after every slot has got an owner");
    }
  }

  /** Waits until all tell the same owners. */
  void awaitAgreement(long limitMs) throws IOException, FormingException, InterruptedException {
    boolean agreed =
        Patience.await(
            limitMs,
            () -> {
              refresh();
              return agrees();
            });
    if (!agreed) {
      throw new FormingException(
          "the nodes do not agree who owns which slots, " + limitMs / 1000 + " s after the change");
    }
  }

  @Override
  public void close() throws IOException {
    for (Member member : members) {
      member.client().close();
    }
  }
}
