package io.redknot.server.dispatch;

import io.redknot.server.net.Session;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * States of the server in which some commands are refused, whoever sends them. While none holds,
 * asking costs one read.
 */
public final class Conditions {
  /** A state; a command that lacks or has certain flags is refused in it. */
  public enum Condition {
    /** {@code maxmemory} is set. */
    MEMORY_LIMITED,
    /** The last save or append to disk failed, and writes are to stop then. */
    DISK_ERROR,
    /** Fewer replicas are connected than writes ask for. */
    FEW_REPLICAS,
    /** This is a replica that takes writes only from its primary. */
    READ_ONLY_REPLICA,
    /** The link to the primary is down and stale data is not to be served. */
    PRIMARY_DOWN,
    /** The data set is being loaded, before anything can be served. */
    LOADING,
    /** A data set is being loaded aside while the old one is served. */
    LOADING_ASIDE,
    /** A script has been running for too long. */
    BUSY_SCRIPT,
    /** A function has been running for too long. */
    BUSY_FUNCTION,
    /** CLIENT PAUSE holds commands back. */
    PAUSED;

    int bit() {
      return 1 << ordinal();
    }
  }

  private static final CommandError OOM =
      CommandError.of("OOM command not allowed when used memory > 'maxmemory'.");
  private static final CommandError NO_REPLICAS =
      CommandError.of("NOREPLICAS Not enough good replicas to write.");
  static final CommandError READ_ONLY =
      CommandError.of("READONLY You can't write against a read only replica.");
  private static final CommandError PRIMARY_IS_DOWN =
      CommandError.of(
          "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.");
  private static final CommandError IS_LOADING =
      CommandError.of("LOADING Redis is loading the dataset in memory");
  private static final CommandError SCRIPT_IS_BUSY =
      CommandError.of(
          "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.");
  private static final CommandError FUNCTION_IS_BUSY =
      CommandError.of(
          "BUSY Redis is busy running a script."
              + " You can only call FUNCTION KILL or SHUTDOWN NOSAVE.");

  private final AtomicInteger held = new AtomicInteger();
  private volatile CommandError diskError = CommandError.of("MISCONF");
  private volatile BooleanSupplier memoryExceeded = () -> false;

  /** A condition begins or ends. */
  public void set(Condition condition, boolean holds) {
    int bit = condition.bit();
    held.getAndUpdate(bits -> holds ? bits | bit : bits & ~bit);
  }

  /** Whether a condition holds. */
  public boolean holds(Condition condition) {
    return (held.get() & condition.bit()) != 0;
  }

  /** Writing to disk failed: writes are refused with that text from now on. */
  public void diskFailed(String errorText) {
    diskError = CommandError.of(errorText);
    set(Condition.DISK_ERROR, true);
  }

  /** How to find out, and try to mend by eviction, that the memory's limit is exceeded. */
  public void memoryLimit(@Nullable BooleanSupplier exceeded) {
    memoryExceeded = exceeded == null ? () -> false : exceeded;
    set(Condition.MEMORY_LIMITED, exceeded != null);
  }

  boolean any() {
    return held.get() != 0;
  }

  /**
   * The first reason to refuse a command, in Redis's order; null where there is none.
   *
   * @param flags the command's flags; of a transaction those of all its commands
   */
  @Nullable CommandError refusal(CommandSpec spec, long flags, Session session) {
    int bits = held.get();
    boolean write = (flags & CommandFlag.WRITE.bit()) != 0;
    if (has(bits, Condition.MEMORY_LIMITED)
        && (flags & CommandFlag.DENYOOM.bit()) != 0
        && memoryExceeded.getAsBoolean()) {
      return OOM;
    }
    if (has(bits, Condition.DISK_ERROR) && (write || spec.isTreated(Treatment.PING))) {
      return diskError;
    }
    if (write && has(bits, Condition.FEW_REPLICAS)) {
      return NO_REPLICAS;
    }
    if (write && has(bits, Condition.READ_ONLY_REPLICA)) {
      return READ_ONLY;
    }
    CommandError subscribed = Refusals.whileSubscribed(spec, session);
    return subscribed == null ? notServing(bits, flags) : subscribed;
  }

  private static @Nullable CommandError notServing(int bits, long flags) {
    if (has(bits, Condition.PRIMARY_DOWN) && (flags & CommandFlag.STALE.bit()) == 0) {
      return PRIMARY_IS_DOWN;
    }
    if (has(bits, Condition.LOADING) && (flags & CommandFlag.LOADING.bit()) == 0) {
      return IS_LOADING;
    }
    if (has(bits, Condition.LOADING_ASIDE) && (flags & CommandFlag.NO_ASYNC_LOADING.bit()) != 0) {
      return IS_LOADING;
    }
    if ((flags & CommandFlag.ALLOW_BUSY.bit()) == 0) {
      if (has(bits, Condition.BUSY_SCRIPT)) {
        return SCRIPT_IS_BUSY;
      }
      if (has(bits, Condition.BUSY_FUNCTION)) {
        return FUNCTION_IS_BUSY;
      }
    }
    return null;
  }

  private static boolean has(int bits, Condition condition) {
    return (bits & condition.bit()) != 0;
  }
}
