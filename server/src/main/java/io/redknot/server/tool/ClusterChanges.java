package io.redknot.server.tool;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** Changes to a running cluster: nodes come and go, slots move, and what is broken is mended. */
final class ClusterChanges {
  private static final int ANSWER_TIMEOUT_MS = 10_000;
  private static final long WAIT_LIMIT_MS = 60_000;

  private final ChangeOptions options;
  private final PrintStream out;
  private final BufferedReader answers;
  private final boolean terminal;

  /**
   * @param answers what the caller says to the question whether to go on
   * @param terminal whether a line may be written over
   */
  ClusterChanges(ChangeOptions options, PrintStream out, BufferedReader answers, boolean terminal) {
    this.options = options;
    this.out = out;
    this.answers = answers;
    this.terminal = terminal;
  }

  /** Runs one command; whether the cluster is well at its end. */
  boolean run(String command)
      throws IOException, UsageException, FormingException, InterruptedException {
    try (LiveCluster cluster = LiveCluster.open(options.seed(), ANSWER_TIMEOUT_MS)) {
      for (Member member : cluster.members()) {
        // MIGRATE answers when the keys have arrived.
        member.client().patience(options.moving().timeoutMs() + ANSWER_TIMEOUT_MS);
      }
      SlotMover mover = new SlotMover(cluster, options.moving());
      ClusterDoctor doctor = new ClusterDoctor(cluster, mover, out);
      return switch (command) {
        case "check" -> check(doctor);
        case "fix" -> fix(cluster, doctor);
        case "find" -> {
          out.println(cluster.find(options.need("--leaving")).address());
          yield true;
        }
        case "add" -> add(cluster);
        case "remove" -> remove(cluster, doctor, mover);
        case "reshard" -> carryOut(reshard(cluster, doctor), cluster, mover);
        case "rebalance" -> carryOut(rebalance(cluster, doctor), cluster, mover);
        default -> throw new UsageException("there is no command " + command);
      };
    }
  }

  private boolean check(ClusterDoctor doctor) throws IOException {
    List<String> troubles = doctor.troubles();
    troubles.forEach(trouble -> out.println("! " + trouble));
    out.println(
        troubles.isEmpty()
            ? "ok: all " + ClusterPlan.SLOTS + " slots have one owner, and all keys are there"
            : "not ok: 'fix' mends what can be mended");
    return troubles.isEmpty();
  }

  private boolean fix(LiveCluster cluster, ClusterDoctor doctor)
      throws IOException, FormingException, InterruptedException {
    List<String> troubles = doctor.troubles();
    if (troubles.isEmpty()) {
      return check(doctor);
    }
    troubles.forEach(trouble -> out.println("! " + trouble));
    if (!agreed("Mend this?")) {
      return false;
    }
    doctor.fix(WAIT_LIMIT_MS);
    cluster.awaitAgreement(WAIT_LIMIT_MS);
    return check(doctor);
  }

  private SlotPlan reshard(LiveCluster cluster, ClusterDoctor doctor)
      throws IOException, UsageException, FormingException {
    Member to = cluster.find(options.need("--to"));
    int slots = UsageException.number("--slots", options.need("--slots"), 1, ClusterPlan.SLOTS);
    finishMoves(doctor);
    List<String> sources = new ArrayList<>();
    if (options.need("--from").equals("all")) {
      cluster.primaries().forEach(primary -> sources.add(primary.id()));
      sources.remove(to.id());
    } else {
      for (String name : options.need("--from").split(",", -1)) {
        sources.add(primary(cluster.find(name)).id());
      }
    }
    if (sources.contains(to.id())) {
      throw new UsageException(to + " cannot both give and take");
    }
    return SlotPlan.take(cluster.shares(), sources, primary(to).id(), slots);
  }

  private static Member primary(Member member) throws UsageException {
    if (!member.isPrimary()) {
      throw new UsageException(member + " is a replica; slots belong to primaries");
    }
    return member;
  }

  private SlotPlan rebalance(LiveCluster cluster, ClusterDoctor doctor)
      throws IOException, UsageException, FormingException {
    finishMoves(doctor);
    Map<String, Double> weights = new LinkedHashMap<>();
    for (Member member : cluster.primaries()) {
      if (options.useEmpty() || !member.slots().isEmpty()) {
        weights.put(member.id(), 1.0);
      }
    }
    for (Map.Entry<String, Double> weight : options.weights().entrySet()) {
      weights.put(primary(cluster.find(weight.getKey())).id(), weight.getValue());
    }
    return SlotPlan.balance(cluster.shares(), weights, options.thresholdPercent());
  }

  /** Whatever else is to be moved, it is moved from a cluster in which nothing is half done. */
  private void finishMoves(ClusterDoctor doctor) throws IOException, FormingException {
    List<String> troubles = doctor.troubles();
    if (troubles.isEmpty()) {
      return;
    }
    troubles.forEach(trouble -> out.println("! " + trouble));
    if (!doctor.onlyMoves() || !agreed("A move was interrupted. Finish it first?")) {
      throw new FormingException("slots can be moved when this is mended: see 'fix'");
    }
    out.println("finished " + doctor.finishMoves() + " slots of a move that was interrupted");
  }

  private boolean carryOut(SlotPlan plan, LiveCluster cluster, SlotMover mover)
      throws IOException, FormingException, InterruptedException {
    if (plan.moves().isEmpty()) {
      out.println("Nothing has to move.");
      return true;
    }
    Map<String, Member> byId = new LinkedHashMap<>();
    cluster.members().forEach(member -> byId.put(member.id(), member));
    Map<String, String> names = new LinkedHashMap<>();
    byId.forEach((id, member) -> names.put(id, member.toString()));
    long keys = keys(plan, byId.values());
    plan.lines(names).forEach(out::println);
    out.printf("%d slots with %d keys are to move.%n", plan.moves().size(), keys);
    if (!agreed("Move them?")) {
      return false;
    }
    Progress progress = new Progress(out, terminal, plan.moves().size(), keys);
    try {
      for (SlotPlan.Move move : plan.moves()) {
        mover.move(move.slot(), memberOf(byId, move.from()), memberOf(byId, move.to()), progress);
      }
    } catch (IOException broken) {
      throw new FormingException(
          broken.getMessage() + "; the same command goes on where this one has ended");
    }
    cluster.awaitAgreement(WAIT_LIMIT_MS);
    return true;
  }

  private static Member memberOf(Map<String, Member> byId, String id) {
    Member member = byId.get(id);
    if (member == null) {
      throw new IllegalStateException("a plan for a node that is not there: " + id);
    }
    return member;
  }

  private static long keys(SlotPlan plan, Collection<Member> members) throws IOException {
    long keys = 0;
    for (Member member : members) {
      List<Integer> leaving =
          plan.moves().stream()
              .filter(move -> move.from().equals(member.id()))
              .map(SlotPlan.Move::slot)
              .toList();
      keys += member.keysIn(leaving).stream().mapToLong(Integer::longValue).sum();
    }
    return keys;
  }

  private boolean agreed(String question) throws IOException {
    if (options.yes()) {
      return true;
    }
    out.print(question + " (yes or no) ");
    out.flush();
    String answer = answers.readLine();
    if (answer != null && answer.strip().toLowerCase(Locale.ROOT).equals("yes")) {
      return true;
    }
    out.println("Nothing was done.");
    return false;
  }

  private boolean add(LiveCluster cluster)
      throws IOException, UsageException, FormingException, InterruptedException {
    NodeAddress address = NodeAddress.parse(options.need("--new"));
    String above = options.value("--replica-of");
    Member primary = above.isEmpty() ? null : primary(cluster.find(above));
    try (RespClient added = RespClient.connect(address, ANSWER_TIMEOUT_MS)) {
      ClusterForming.refuseUnlessFresh(added);
      Member seed = cluster.members().getFirst();
      ClusterForming.meet(added, seed.address(), seed.line().busPort());
      String id = added.ask("CLUSTER", "MYID");
      await("every node knows " + address, cluster, added, line -> line.id().equals(id));
      if (primary != null) {
        added.ask("CLUSTER", "REPLICATE", primary.id());
        await(
            "every node knows the replica " + address,
            cluster,
            added,
            line -> line.id().equals(id) && line.primaryId().equals(primary.id()));
      }
    }
    out.println(
        address
            + (primary == null
                ? " is a primary without slots; 'rebalance --use-empty' gives it its share"
                : " is a replica of " + primary));
    return true;
  }

  /** What is to be seen in a line of CLUSTER NODES. */
  private interface Sight {
    boolean seen(NodeLine line);
  }

  /** Waits until all members and the new node see something, and each other. */
  private static void await(String what, LiveCluster cluster, RespClient added, Sight sight)
      throws IOException, FormingException, InterruptedException {
    int members = cluster.members().size() + 1;
    boolean came =
        Patience.await(
            WAIT_LIMIT_MS,
            () -> {
              cluster.refresh();
              List<NodeView> views = new ArrayList<>(List.of(NodeView.of(added)));
              cluster.members().forEach(member -> views.add(member.view()));
              return views.stream()
                  .allMatch(
                      view ->
                          view.joinedCount() >= members
                              && view.nodes().stream().anyMatch(sight::seen));
            });
    if (!came) {
      throw new FormingException(
          "not within " + WAIT_LIMIT_MS / 1000 + " s: " + what + "; is its bus port reachable?");
    }
  }

  private boolean remove(LiveCluster cluster, ClusterDoctor doctor, SlotMover mover)
      throws IOException, UsageException, FormingException, InterruptedException {
    Member leaving = cluster.find(options.need("--leaving"));
    if (leaving.isPrimary() && !leaving.slots().isEmpty()) {
      finishMoves(doctor);
      if (!carryOut(withoutSlots(cluster, leaving), cluster, mover)) {
        return false;
      }
    } else if (!agreed("Remove " + leaving + ", which owns no slots?")) {
      return false;
    }
    giveReplicasAway(cluster, leaving);
    String id = leaving.id();
    for (Member other : cluster.members()) {
      if (other != leaving) {
        other.client().ask("CLUSTER", "FORGET", id);
      }
    }
    leaving.client().ask("CLUSTER", "RESET", "HARD");
    out.println(leaving + " is no part of the cluster any more");
    return true;
  }

  private static SlotPlan withoutSlots(LiveCluster cluster, Member leaving) throws UsageException {
    Map<String, Double> weights = new LinkedHashMap<>();
    for (Member member : cluster.primaries()) {
      if (member == leaving) {
        weights.put(member.id(), 0.0);
      } else if (!member.slots().isEmpty()) {
        weights.put(member.id(), 1.0);
      }
    }
    return SlotPlan.balance(cluster.shares(), weights, 100);
  }

  /** A replica cannot forget its primary: it follows the one with the fewest replicas instead. */
  private void giveReplicasAway(LiveCluster cluster, Member leaving)
      throws IOException, FormingException, InterruptedException {
    cluster.refresh();
    for (Member replica : cluster.members()) {
      if (!replica.line().primaryId().equals(leaving.id())) {
        continue;
      }
      Member primary =
          cluster.primaries().stream()
              .filter(other -> other != leaving && !other.slots().isEmpty())
              .min((a, b) -> Integer.compare(replicasOf(cluster, a), replicasOf(cluster, b)))
              .orElseThrow(() -> new FormingException("no primary is left for " + replica));
      out.println(replica + " becomes a replica of " + primary);
      replica.client().ask("CLUSTER", "REPLICATE", primary.id());
      replica.refresh();
    }
  }

  private static int replicasOf(LiveCluster cluster, Member primary) {
    return (int)
        IntStream.range(0, cluster.members().size())
            .filter(i -> cluster.members().get(i).line().primaryId().equals(primary.id()))
            .count();
  }
}
