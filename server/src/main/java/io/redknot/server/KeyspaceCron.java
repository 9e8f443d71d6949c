package io.redknot.server;

import io.netty.channel.EventLoop;
import io.redknot.server.config.ServerConfig;
import io.redknot.storage.keyspace.CompactionCycle;
import io.redknot.storage.keyspace.ExpiryCycle;
import io.redknot.storage.keyspace.Shards;
import java.util.concurrent.TimeUnit;

/**
 * What is done for the keys without anybody's asking, {@code hz} times a second: expired ones are
 * removed, and memory is compacted.
 *
 * <p>It runs on one event loop, in slices of half a millisecond, between which the loop serves its
 * clients. What a cycle may take in all follows Redis: a quarter of the time, and 2 % more for each
 * step of {@code active-expire-effort} above 1.
 */
public final class KeyspaceCron {
  private static final long SLICE_NANOS = 500_000;
  private static final int EXPIRY_PERCENT = 25;
  private static final int EXPIRY_PERCENT_PER_EFFORT = 2;

  /** Bytes that compaction moves in a second at most, and its share of the time. */
  private static final long COMPACTION_BYTES_PER_SECOND = 32 << 20;

  private static final int COMPACTION_PERCENT = 5;

  private final ServerConfig config;
  private final Clock clock;
  private final EventLoop loop;
  private final ExpiryCycle expiry;
  private final CompactionCycle compaction;
  private volatile boolean expiryActive = true;
  private volatile long expiryNanos;
  private volatile long timeCapsReached;

  // Of the present cycle; the event loop's own.
  private long nowMs;
  private long expiryLeftNanos;
  private long compactionLeftNanos;
  private long compactionLeftBytes;

  public KeyspaceCron(ServerConfig config, Clock clock, Shards shards, EventLoop loop) {
    this.config = config;
    this.clock = clock;
    this.loop = loop;
    this.expiry = new ExpiryCycle(shards, clock::nanos);
    this.compaction = new CompactionCycle(shards, clock::nanos);
  }

  /** Starts; it ends with its event loop. */
  public void start() {
    // Through execute, because it logs what a task throws; a scheduled task would end in silence.
    var _ = loop.schedule(() -> goOn(this::beginCycle), periodNanos(), TimeUnit.NANOSECONDS);
  }

  /** Whether expired keys are removed without being asked for: DEBUG SET-ACTIVE-EXPIRE. */
  public void expiryActive(boolean value) {
    expiryActive = value;
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
    long period = periodNanos();
    long effort = config.activeExpireEffort.get() - 1;
    nowMs = clock.nowMs();
    expiryLeftNanos = period * (EXPIRY_PERCENT + EXPIRY_PERCENT_PER_EFFORT * effort) / 100;
    compactionLeftNanos = period * COMPACTION_PERCENT / 100;
    compactionLeftBytes = COMPACTION_BYTES_PER_SECOND / config.hz.get();
    expire();
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
    }
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
      start();
    }
  }

  /** Behind what the loop has to do for its clients. */
  private void goOn(Runnable slice) {
    if (!loop.isShuttingDown()) {
      loop.execute(slice);
    }
  }
}
