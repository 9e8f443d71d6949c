package io.redknot.server;

import io.netty.channel.EventLoop;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.net.NextRound;
import io.redknot.storage.keyspace.CompactionCycle;
import io.redknot.storage.keyspace.DropCycle;
import io.redknot.storage.keyspace.ExpiryCycle;
import io.redknot.storage.keyspace.Shards;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What is done for the keys without anybody's asking, {@code hz} times a second: expired ones are
 * removed, deleted collections given back, and memory is compacted.
 *
 * <p>It runs on one event loop, in slices of half a millisecond, between which the loop serves its
 * clients. What a cycle may take in all follows Redis: a quarter of the time, and 2 % more for each
 * step of {@code active-expire-effort} above 1.
 *
 * <p>A cycle that finds no command run since the last one, which left nothing to do, and nothing
 * due, is over at once; once a second it looks all the same. After {@value #AWAKE_SECONDS} seconds
 * of that there are no cycles any more but the one in a second, until something is due or {@link
 * #onActivity} tells of a command. That is what an idle node does.
 */
public final class KeyspaceCron {
  private static final long SLICE_NANOS = 500_000;
  private static final long REST_NANOS_MAX = TimeUnit.SECONDS.toNanos(1);

  /** Longer than what rates per second are the mean of, so that they come down to nothing. */
  private static final int AWAKE_SECONDS = 2;

  private static final long AWAKE_NANOS = TimeUnit.SECONDS.toNanos(AWAKE_SECONDS);
  private static final int EXPIRY_PERCENT = 25;
  private static final int EXPIRY_PERCENT_PER_EFFORT = 2;
  private static final int DROP_PERCENT = 10;

  /** Bytes that compaction moves in a second at most, and its share of the time. */
  private static final long COMPACTION_BYTES_PER_SECOND = 32 << 20;

  private static final int COMPACTION_PERCENT = 5;
  private static final long NEVER = -1;

  private final ServerConfig config;
  private final Clock clock;
  private final EventLoop loop;
  private final LongSupplier commandsRun;
  private final BooleanSupplier mayDoze;
  private final ExpiryCycle expiry;
  private final DropCycle drop;
  private final CompactionCycle compaction;
  private volatile boolean expiryActive = true;
  private volatile boolean paused;
  private volatile long expiryNanos;
  private volatile long timeCapsReached;

  /** Set a cycle before the first long wait, so that no command passes between unnoticed. */
  private volatile boolean dozing;

  // Of the present cycle; the event loop's own.
  private long nowMs;
  private long expiryLeftNanos;
  private long dropLeftNanos;
  private long compactionLeftNanos;
  private long compactionLeftBytes;
  private boolean unfinished;

  // Of the last cycle that did not rest.
  private long commandsBefore = NEVER;
  private long startedNanos;
  private long busyNanos;
  private @Nullable Future<?> longWait;

  /**
   * Makes one that has not started.
   *
   * @param commandsRun called at the beginning of each cycle; tells how many commands were run
   * @param mayDoze whether cycles may be left out where there is nothing to do
   */
  public KeyspaceCron(
      ServerConfig config,
      Clock clock,
      Shards shards,
      EventLoop loop,
      LongSupplier commandsRun,
      BooleanSupplier mayDoze) {
    this.config = config;
    this.clock = clock;
    this.loop = loop;
    this.commandsRun = commandsRun;
    this.mayDoze = mayDoze;
    this.expiry = new ExpiryCycle(shards, clock::nanos);
    this.drop = new DropCycle(shards, clock::nanos);
    this.compaction = new CompactionCycle(shards, clock::nanos);
  }

  /** Starts; it ends with its event loop. */
  public void start() {
    var _ = beginCycleIn(periodNanos());
  }

  private Future<?> beginCycleIn(long nanos) {
    // Through execute, because it logs what a task throws; a scheduled task would end in silence.
    return loop.schedule(() -> execute(this::beginCycle), nanos, TimeUnit.NANOSECONDS);
  }

  /** Commands were run, and are counted. Any thread. */
  public void onActivity() {
    if (dozing) {
      dozing = false;
      execute(this::endLongWait);
    }
  }

  /** Whether cycles are left out because there is nothing to do. */
  public boolean isDozing() {
    return dozing;
  }

  private void endLongWait() {
    Future<?> wait = longWait;
    if (wait != null && wait.cancel(false)) {
      beginCycle();
    }
  }

  /** Whether expired keys are removed without being asked for: DEBUG SET-ACTIVE-EXPIRE. */
  public void expiryActive(boolean value) {
    expiryActive = value;
  }

  /** Whether there are no cycles at all: DEBUG PAUSE-CRON. */
  public void paused(boolean value) {
    paused = value;
    onActivity();
  }

  /** Time spent on removing expired keys, in milliseconds; what INFO tells. */
  public long expiryCycleMs() {
    return expiryNanos / 1_000_000;
  }

  /** How often a cycle ended with expired keys left because its time was over. */
  public long timeCapsReached() {
    return timeCapsReached;
  }

  private long periodNanos() {
    return TimeUnit.SECONDS.toNanos(1) / config.hz.get();
  }

  private void beginCycle() {
    if (paused) {
      start();
      return;
    }
    // Read before the keys are looked at: what is written meanwhile counts for the next cycle.
    long commands = commandsRun.getAsLong();
    nowMs = clock.nowMs();
    long nanos = clock.nanos();
    longWait = null;
    if (mayRest(commands, nanos)) {
      rest(nanos);
      return;
    }
    if (commands != commandsBefore || unfinished) {
      busyNanos = nanos;
      dozing = false;
    }
    commandsBefore = commands;
    startedNanos = nanos;
    unfinished = false;
    long period = periodNanos();
    long effort = config.activeExpireEffort.get() - 1;
    expiryLeftNanos = period * (EXPIRY_PERCENT + EXPIRY_PERCENT_PER_EFFORT * effort) / 100;
    dropLeftNanos = period * DROP_PERCENT / 100;
    compactionLeftNanos = period * COMPACTION_PERCENT / 100;
    compactionLeftBytes = COMPACTION_BYTES_PER_SECOND / config.hz.get();
    expire();
  }

  private boolean mayRest(long commands, long nanos) {
    return commands == commandsBefore
        && !unfinished
        && nowMs < expiry.nextDueMs()
        && nanos - startedNanos < REST_NANOS_MAX;
  }

  private void rest(long nanos) {
    long period = periodNanos();
    long dueNanos = TimeUnit.MILLISECONDS.toNanos(expiry.nextDueMs() - nowMs);
    long wait = Math.min(dueNanos, REST_NANOS_MAX - (nanos - startedNanos));
    if (wait <= period || nanos - busyNanos < AWAKE_NANOS || !mayDoze.getAsBoolean()) {
      start();
    } else if (!dozing) {
      dozing = true;
      start();
    } else {
      longWait = beginCycleIn(wait);
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes, others read
  private void expire() {
    boolean clean = true;
    if (expiryActive) {
      long start = clock.nanos();
      clean = expiry.run(nowMs, Math.min(SLICE_NANOS, expiryLeftNanos));
      long took = clock.nanos() - start;
      expiryLeftNanos -= took;
      expiryNanos += took;
    }
    if (!clean && expiryLeftNanos > 0) {
      goOn(this::expire);
      return;
    }
    if (!clean) {
      timeCapsReached++;
      unfinished = true;
    }
    giveBack();
  }

  private void giveBack() {
    long start = clock.nanos();
    boolean clean = drop.run(Math.min(SLICE_NANOS, dropLeftNanos));
    dropLeftNanos -= clock.nanos() - start;
    if (!clean && dropLeftNanos > 0) {
      goOn(this::giveBack);
      return;
    }
    unfinished |= !clean;
    compact();
  }

  private void compact() {
    long start = clock.nanos();
    long moved = compaction.run(compactionLeftBytes, Math.min(SLICE_NANOS, compactionLeftNanos));
    compactionLeftNanos -= clock.nanos() - start;
    compactionLeftBytes -= moved;
    if (moved > 0 && compactionLeftBytes > 0 && compactionLeftNanos > 0) {
      goOn(this::compact);
    } else {
      unfinished |= moved > 0;
      start();
    }
  }

  private void execute(Runnable task) {
    if (!loop.isShuttingDown()) {
      loop.execute(task);
    }
  }

  /** Behind what the loop has to do for its clients. */
  private void goOn(Runnable slice) {
    if (!loop.isShuttingDown()) {
      NextRound.execute(loop, slice);
    }
  }
}
