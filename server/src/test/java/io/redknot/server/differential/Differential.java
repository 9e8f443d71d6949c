package io.redknot.server.differential;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs sequences of commands on both servers and finds the first reply that differs. */
final class Differential implements AutoCloseable {
  private static final int PIPELINED = 30;
  private static final int SHOWN_STEPS = 40;

  /** A difference: after these steps the replies to the last of them are not equal. */
  private record Difference(List<Step> steps, Reply reference, Reply redknot)
      implements Shrinker.Difference {}

  private final RawConnection reference;
  private final RawConnection redknot;
  private final int protocol;
  private final List<Family> families;
  private int runs;

  /**
   * Connects to both servers.
   *
   * @param protocol 2 or 3
   * @param families the one under test first; the others are mixed in and show the state of keys
   */
  Differential(int referencePort, int redknotPort, int protocol, List<Family> families)
      throws IOException {
    this.reference = new RawConnection(referencePort);
    this.redknot = new RawConnection(redknotPort);
    this.protocol = protocol;
    this.families = families;
    if (protocol == 3) {
      reference.call("HELLO", "3");
      redknot.call("HELLO", "3");
    }
  }

  /**
   * Runs the sequence of a seed.
   *
   * @throws AssertionError that shows the seed, the shortest sequence found and both replies
   */
  void run(long seed) throws IOException {
    List<Step> steps = steps(seed);
    Difference difference = compare(steps);
    if (difference != null) {
      throw new AssertionError(report(seed, Shrinker.shrink(difference, this::compare)));
    }
  }

  private List<Step> steps(long seed) {
    List<Step> steps = new ArrayList<>(Sequence.draw(seed, families));
    for (int number = 0; number < Draw.KEYS; number++) {
      for (Family family : families) {
        steps.addAll(family.probes(new Key(number)));
      }
    }
    return steps;
  }

  /** Runs steps on fresh keys; the first difference, or null. */
  private @Nullable Difference compare(List<Step> steps) throws IOException {
    runs++;
    String prefix = "{" + protocol + "." + runs + "}";
    Difference found = null;
    for (int from = 0; from < steps.size() && found == null; from += PIPELINED) {
      found = compareSome(steps, from, Math.min(from + PIPELINED, steps.size()), prefix);
    }
    // Overwritten, so that long values of one run do not fill the memory of all that follow.
    for (int number = 0; number < Draw.KEYS; number++) {
      reference.call("SET", new Key(number).name(prefix), "");
      redknot.call("SET", new Key(number).name(prefix), "");
    }
    return found;
  }

  private @Nullable Difference compareSome(List<Step> steps, int from, int to, String prefix)
      throws IOException {
    List<List<byte[]>> commands = new ArrayList<>();
    for (Step step : steps.subList(from, to)) {
      commands.add(step.bytes(prefix));
    }
    reference.send(commands);
    redknot.send(commands);
    Difference found = null;
    for (int i = from; i < to; i++) {
      Reply theirs = reference.read();
      Reply ours = redknot.read();
      Step step = steps.get(i);
      if (found == null
          && !step.comparison().holds(theirs, ours)
          && !AcceptedDifference.covers(step, theirs, ours)) {
        found = new Difference(List.copyOf(steps.subList(0, i + 1)), theirs, ours);
      }
    }
    return found;
  }

  private String report(long seed, Difference difference) {
    StringBuilder text = new StringBuilder();
    text.append(families.getFirst().name()).append(", RESP").append(protocol);
    text.append(", seed ").append(seed).append(", last steps:\n");
    text.append(Shrinker.lines(difference.steps(), SHOWN_STEPS));
    text.append("redis:   ").append(difference.reference().shown()).append('\n');
    text.append("redknot: ").append(difference.redknot().shown());
    return text.toString();
  }

  @Override
  public void close() throws IOException {
    reference.close();
    redknot.close();
  }
}
