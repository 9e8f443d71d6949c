package io.redknot.server.dispatch;

import io.redknot.protocol.Args;
import io.redknot.protocol.ArgsQueue;
import java.util.Arrays;

/**
 * The commands that a client has queued since MULTI. The connection's event loop only, but for
 * {@link #count} and {@link #sizeBytes}, which others may read a moment old.
 */
public final class Transaction {
  /** Flags that a transaction has only where all its commands have them. */
  private static final long OF_ALL =
      CommandFlag.STALE.bit() | CommandFlag.LOADING.bit() | CommandFlag.ALLOW_BUSY.bit();

  private static final int INITIAL_COMMANDS = 4;

  private final ArgsQueue queue = new ArgsQueue();
  private final Args view = new Args();
  private CommandSpec[] specs = new CommandSpec[INITIAL_COMMANDS];
  private long flagsOfAny;
  private long flagsOfAll = OF_ALL;
  private boolean failed;
  private boolean ofNode;
  private boolean hasKeys;
  private boolean wide;

  void add(CommandSpec spec, Args args) {
    int at = queue.count();
    if (at == specs.length) {
      specs = Arrays.copyOf(specs, 2 * at);
    }
    specs[at] = spec;
    queue.add(args);
    flagsOfAny |= spec.flagBits();
    flagsOfAll &= spec.flagBits();
    wide |= isWide(spec);
    ofNode |= spec.isTreated(Treatment.CLUSTER) || spec.isTreated(Treatment.ROLE);
    hasKeys |= spec.takesKeys();
  }

  /** Whether a command may take locks of shards that its keys do not name. */
  private static boolean isWide(CommandSpec spec) {
    return !spec.isRouted() && !isOfConnection(spec);
  }

  private static boolean isOfConnection(CommandSpec spec) {
    boolean ofConnection =
        spec.isIn(AclCategory.CONNECTION)
            || spec.isIn(AclCategory.PUBSUB)
            || spec.isIn(AclCategory.TRANSACTION);
    return ofConnection && !spec.has(CommandFlag.ADMIN);
  }

  /** Number of commands. */
  public int count() {
    return queue.count();
  }

  /** Bytes of memory that the commands take. */
  public long sizeBytes() {
    return queue.sizeBytes();
  }

  /** Whether it may change whom this node follows, or the cluster. */
  boolean isOfNode() {
    return ofNode;
  }

  boolean hasKeys() {
    return hasKeys;
  }

  CommandSpec spec(int index) {
    return specs[index];
  }

  /** The words of a command, until the next one is asked for. */
  Args args(int index) {
    queue.show(index, view);
    return view;
  }

  /** What EXEC has to be checked for. */
  long flags(CommandSpec exec) {
    long own = exec.flagBits() | (flagsOfAny & ~OF_ALL);
    return own & (flagsOfAll | ~OF_ALL);
  }

  /** Whether a command could not be queued, so that none is to run. */
  boolean hasFailed() {
    return failed;
  }

  void fail() {
    failed = true;
  }

  /** Whether a command may touch keys of any slot. */
  boolean isWide() {
    return wide;
  }
}
