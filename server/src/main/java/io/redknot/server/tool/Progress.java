package io.redknot.server.tool;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Shows how far a run is, and how long it may still take. */
final class Progress {
  private static final int BAR = 30;
  private static final long SHOWN_EVERY_NS = TimeUnit.MILLISECONDS.toNanos(200);

  /** A slot without keys takes about as long as so many keys. */
  private static final int KEYS_OF_A_SLOT = 20;

  private final PrintStream out;
  private final boolean terminal;
  private final int slots;
  private final long keys;
  private final long startNs = Patience.nanos();
  private int slotsDone;
  private long keysDone;
  private long shownNs = startNs;
  private int tenthsShown;

  /**
   * @param terminal whether a line may be written over; if not, there is one for each tenth
   * @param keys that are there now; there may be more, or fewer, when they are moved
   */
  Progress(PrintStream out, boolean terminal, int slots, long keys) {
    this.out = out;
    this.terminal = terminal;
    this.slots = slots;
    this.keys = keys;
  }

  /** Shows nothing. */
  static Progress none() {
    return new Progress(new PrintStream(PrintStream.nullOutputStream()), true, 0, 0);
  }

  void slotDone() {
    slotsDone++;
    show(slotsDone == slots);
  }

  void keysDone(int count) {
    keysDone += count;
    show(false);
  }

  private void show(boolean last) {
    double part = part();
    long nowNs = Patience.nanos();
    boolean due = terminal ? nowNs - shownNs > SHOWN_EVERY_NS : (int) (part * 10) > tenthsShown;
    if (!due && !last) {
      return;
    }
    shownNs = nowNs;
    tenthsShown = (int) (part * 10);
    String line = line(part, TimeUnit.NANOSECONDS.toMillis(nowNs - startNs));
    if (terminal) {
      out.print("\r" + line + (last ? System.lineSeparator() : ""));
    } else {
      out.println(line);
    }
    out.flush();
  }

  private double part() {
    long all = keys + (long) KEYS_OF_A_SLOT * slots;
    long done = Math.min(keys, keysDone) + (long) KEYS_OF_A_SLOT * slotsDone;
    return slotsDone == slots || all == 0 ? 1 : Math.min(1, (double) done / all);
  }

  private String line(double part, long tookMs) {
    String left = part == 0 ? "" : ", " + seconds((long) (tookMs / part) - tookMs) + " left";
    return String.format(
        Locale.ROOT,
        "[%s] %3d %%  %d of %d slots, %d keys, %s%s   ",
        "#".repeat((int) (part * BAR)) + ".".repeat(BAR - (int) (part * BAR)),
        (int) (part * 100),
        slotsDone,
        slots,
        keysDone,
        seconds(tookMs),
        part == 1 ? "" : left);
  }

  private static String seconds(long ms) {
    long s = ms / 1000;
    return s < 60 ? s + " s" : s / 60 + " min " + s % 60 + " s";
  }
}
