package io.redknot.server.persistence;

import io.redknot.server.dispatch.Conditions;
import io.redknot.server.dispatch.Conditions.Condition;
import org.jspecify.annotations.Nullable;

/** Why writes are refused: a snapshot failed, or else the append-only file. Any thread. */
final class DiskErrors {
  private static final String SNAPSHOT =
      "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to"
          + " disk. Commands that may modify the data set are disabled, because this instance is"
          + " configured to report errors during writes if RDB snapshotting fails"
          + " (stop-writes-on-bgsave-error option). Please check the Redis logs for details about"
          + " the RDB error.";

  private static final String APPEND_ONLY = "MISCONF Errors writing to the AOF file: ";

  private final Conditions conditions;
  private boolean snapshot;
  private @Nullable String appendOnly;

  DiskErrors(Conditions conditions) {
    this.conditions = conditions;
  }

  /** Whether writes are refused because a snapshot failed. */
  synchronized void snapshot(boolean failed) {
    if (snapshot != failed) {
      snapshot = failed;
      update();
    }
  }

  /** The reason why the append-only file cannot be written; null: it can. */
  synchronized void appendOnly(@Nullable String reason) {
    appendOnly = reason;
    update();
  }

  /** Whether the append-only file cannot be written. */
  synchronized boolean appendOnlyFails() {
    return appendOnly != null;
  }

  private void update() {
    if (snapshot) {
      conditions.diskFailed(SNAPSHOT);
    } else if (appendOnly != null) {
      conditions.diskFailed(APPEND_ONLY + appendOnly);
    } else {
      conditions.set(Condition.DISK_ERROR, false);
    }
  }
}
