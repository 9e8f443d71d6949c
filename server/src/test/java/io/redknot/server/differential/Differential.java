package io.redknot.server.differential;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs sequences of commands on both servers and finds the first reply that differs. */
final class Differential implements AutoCloseable {
  /** A difference: after these steps the replies to the last of them are not equal. */
  private record Difference(List<Step> steps, Reply reference, Reply redknot)
      implements Shrinker.Difference {
    @Override
    public String told() {
      return "redis:   " + reference.shown() + "\nredknot: " + redknot.shown();
    }
  }

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

  /** Runs so many sequences, as {@link Trials#run} does. */
  void run(int sequences) throws IOException {
    String title = families.getFirst().name() + ", RESP" + protocol;
    Trials.run(title, sequences, this::steps, this::compare);
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
    Difference found = Trials.inParts(steps, (from, to) -> compareSome(steps, from, to, prefix));
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

  @Override
  public void close() throws IOException {
    reference.close();
    redknot.close();
  }
}
