package io.redknot.server.tool;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Which slots are to go from whom to whom; nodes are named by their ids.
 *
 * @param moves in the order in which they are made
 */
record SlotPlan(List<Move> moves) {
  /** One slot and its way. */
  record Move(int slot, String from, String to) {}

  SlotPlan {
    moves = List.copyOf(moves);
  }

  /**
   * Takes slots from some nodes, from each in proportion to what it has, and gives them to another.
   *
   * @param shares the slots of all nodes
   * @throws UsageException if the sources do not have so many
   */
  static SlotPlan take(Map<String, BitSet> shares, List<String> sources, String to, int slots)
      throws UsageException {
    long have = 0;
    for (String source : sources) {
      have += of(shares, source).cardinality();
    }
    if (have < slots) {
      throw new UsageException("the sources have %d slots, fewer than %d".formatted(have, slots));
    }
    Map<String, Double> exact = new LinkedHashMap<>();
    for (String source : sources) {
      exact.put(source, (double) slots * of(shares, source).cardinality() / have);
    }
    List<Move> moves = new ArrayList<>();
    round(exact, slots)
        .forEach(
            (source, count) ->
                first(of(shares, source), count)
                    .forEach(slot -> moves.add(new Move(slot, source, to))));
    return new SlotPlan(moves);
  }

  /**
   * Gives every node its share of all slots that are owned.
   *
   * @param weights of the nodes that take part; 0 takes everything from a node
   * @param thresholdPercent nothing moves where no share is off by more
   * @throws UsageException if no weight is above 0
   */
  static SlotPlan balance(
      Map<String, BitSet> shares, Map<String, Double> weights, double thresholdPercent)
      throws UsageException {
    double weight = weights.values().stream().mapToDouble(Double::doubleValue).sum();
    if (weight <= 0) {
      throw new UsageException("one weight at least has to be above 0");
    }
    int slots = weights.keySet().stream().mapToInt(id -> of(shares, id).cardinality()).sum();
    Map<String, Double> exact = new LinkedHashMap<>();
    weights.forEach((id, own) -> exact.put(id, slots * own / weight));
    boolean isOff =
        exact.entrySet().stream()
            .anyMatch(
                share -> {
                  int has = of(shares, share.getKey()).cardinality();
                  double off = Math.abs(has - share.getValue());
                  return share.getValue() == 0
                      ? has > 0
                      : off >= 1 && off * 100 / share.getValue() > thresholdPercent;
                });
    return isOff ? level(shares, round(exact, slots)) : new SlotPlan(List.of());
  }

  private static <V> V of(Map<String, V> map, String id) {
    return Objects.requireNonNull(map.get(id), id);
  }

  /** Moves what some have too much to those who have too little, most first. */
  private static SlotPlan level(Map<String, BitSet> shares, Map<String, Integer> wanted) {
    List<String> ids = new ArrayList<>(wanted.keySet());
    ids.sort(Comparator.comparingInt(id -> of(wanted, id) - of(shares, id).cardinality()));
    List<Move> moves = new ArrayList<>();
    int taker = ids.size() - 1;
    int room = 0;
    for (String from : ids) {
      int surplus = of(shares, from).cardinality() - of(wanted, from);
      for (int slot : first(of(shares, from), Math.max(0, surplus))) {
        while (room == 0) {
          room = of(wanted, ids.get(taker)) - of(shares, ids.get(taker)).cardinality();
          taker--;
        }
        moves.add(new Move(slot, from, ids.get(taker + 1)));
        room--;
      }
    }
    return new SlotPlan(moves);
  }

  /** Whole numbers with a given sum: the largest remainders are rounded up. */
  private static Map<String, Integer> round(Map<String, Double> exact, int sum) {
    Map<String, Integer> rounded = new LinkedHashMap<>();
    exact.forEach((id, value) -> rounded.put(id, (int) Math.floor(value)));
    List<String> ids = new ArrayList<>(exact.keySet());
    ids.sort(Comparator.comparingDouble(id -> Math.floor(of(exact, id)) - of(exact, id)));
    int left = sum - rounded.values().stream().mapToInt(Integer::intValue).sum();
    for (int i = 0; i < left; i++) {
      rounded.merge(ids.get(i), 1, Integer::sum);
    }
    return rounded;
  }

  private static List<Integer> first(BitSet slots, int count) {
    return slots.stream().limit(count).boxed().toList();
  }

  /** The plan in lines: who gives how many to whom. */
  List<String> lines(Map<String, String> names) {
    Map<String, BitSet> ways = new LinkedHashMap<>();
    for (Move move : moves) {
      String way = names.get(move.from()) + " -> " + names.get(move.to());
      ways.computeIfAbsent(way, _ -> new BitSet()).set(move.slot());
    }
    return ways.entrySet().stream()
        .map(
            way ->
                "%s   %d slots: %s"
                    .formatted(way.getKey(), way.getValue().cardinality(), ranges(way.getValue())))
        .toList();
  }

  /** Slots as {@code 0-5,7}. */
  static String ranges(BitSet slots) {
    List<String> ranges = new ArrayList<>();
    for (int first = slots.nextSetBit(0); first >= 0; ) {
      int end = slots.nextClearBit(first);
      ranges.add(end - 1 == first ? Integer.toString(first) : first + "-" + (end - 1));
      first = slots.nextSetBit(end);
    }
    return String.join(",", ranges);
  }
}
