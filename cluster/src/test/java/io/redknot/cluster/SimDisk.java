package io.redknot.cluster;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One file on a disk that may lose whatever was not synced. */
final class SimDisk {
  private @Nullable String durable;
  private @Nullable String latest;

  void write(String text, boolean fsync) {
    latest = text;
    if (fsync) {
      durable = text;
    }
  }

  /** A power loss: the unsynced text may or may not have reached the disk. */
  void crash(RandomGenerator random) {
    if (random.nextBoolean()) {
      durable = latest;
    }
    latest = durable;
  }

  @Nullable String read() {
    return latest;
  }
}
