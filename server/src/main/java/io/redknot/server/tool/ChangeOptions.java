package io.redknot.server.tool;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The options of {@link ClusterChanges}.
 *
 * @param seed any node of the cluster
 * @param values of the options that have one, by their names
 * @param weights of nodes as the caller names them
 */
record ChangeOptions(
    NodeAddress seed,
    Map<String, String> values,
    Map<String, Double> weights,
    boolean yes,
    boolean useEmpty,
    boolean replace) {
  private static final Set<String> WITH_VALUE =
      Set.of(
          "--node",
          "--new",
          "--replica-of",
          "--leaving",
          "--from",
          "--to",
          "--slots",
          "--threshold",
          "--batch",
          "--timeout");
  private static final int BATCH = 100;
  private static final int BATCH_MAX = 10_000;
  private static final int TIMEOUT_MS = 60_000;
  private static final int TIMEOUT_MAX_MS = 3_600_000;
  private static final int THRESHOLD_PERCENT = 2;
  private static final double WEIGHT_MAX = 1_000_000;

  /**
   * Reads the words behind the command.
   *
   * @throws UsageException if one of them is not known, or lacks its value
   */
  static ChangeOptions parse(String[] words) throws UsageException {
    Map<String, String> values = new LinkedHashMap<>();
    Map<String, Double> weights = new LinkedHashMap<>();
    boolean yes = false;
    boolean useEmpty = false;
    boolean replace = false;
    for (int i = 1; i < words.length; i++) {
      String word = words[i];
      switch (word) {
        case "--yes" -> yes = true;
        case "--use-empty" -> useEmpty = true;
        case "--replace" -> replace = true;
        default -> {
          boolean weighs = word.equals("--weight");
          if (!weighs && !WITH_VALUE.contains(word)) {
            throw new UsageException("there is no option '" + word + "'");
          }
          if (++i == words.length) {
            throw new UsageException(word + " needs a value");
          }
          if (weighs) {
            weigh(weights, words[i]);
          } else {
            values.put(word, words[i]);
          }
        }
      }
    }
    String seed = values.get("--node");
    if (seed == null) {
      throw new UsageException("name a node of the cluster: --node host:port");
    }
    return new ChangeOptions(NodeAddress.parse(seed), values, weights, yes, useEmpty, replace);
  }

  private static void weigh(Map<String, Double> weights, String text) throws UsageException {
    int at = text.lastIndexOf('=');
    try {
      double weight = Double.parseDouble(text.substring(at + 1));
      if (at > 0 && weight >= 0 && weight <= WEIGHT_MAX) {
        weights.put(text.substring(0, at), weight);
        return;
      }
    } catch (NumberFormatException notANumber) {
      // Falls to the same answer as a number out of range.
    }
    throw new UsageException("--weight must be NODE=NUMBER, not '" + text + "'");
  }

  /** The value of an option, or the empty text. */
  String value(String name) {
    return values.getOrDefault(name, "");
  }

  /**
   * The value of an option that has to be there.
   *
   * @throws UsageException if it is not
   */
  String need(String name) throws UsageException {
    String value = values.get(name);
    if (value == null) {
      throw new UsageException(name + " is missing");
    }
    return value;
  }

  private int number(String name, int usual, int min, int max) throws UsageException {
    String text = value(name);
    return text.isEmpty() ? usual : UsageException.number(name, text, min, max);
  }

  int thresholdPercent() throws UsageException {
    return number("--threshold", THRESHOLD_PERCENT, 0, 100);
  }

  SlotMover.MoveOptions moving() throws UsageException {
    return new SlotMover.MoveOptions(
        number("--batch", BATCH, 1, BATCH_MAX),
        number("--timeout", TIMEOUT_MS, 1, TIMEOUT_MAX_MS),
        replace);
  }
}
