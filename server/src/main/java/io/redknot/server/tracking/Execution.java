package io.redknot.server.tracking;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A command of a client that tracks keys, while a thread executes it: what it changes itself is
 * told behind its reply. One that has waited for keys is executed within that of who served it, and
 * what it changes is no change of the latter.
 */
final class Execution {
  private static final ThreadLocal<@Nullable Execution> CURRENT = new ThreadLocal<>();

  /** Null: one that tracks no keys. */
  private final @Nullable Tracker client;

  /** What this interrupts. */
  private @Nullable Execution outer;

  /** Keys of the client that were changed; null stands for all keys. */
  private List<@Nullable List<byte[]>> changes = new ArrayList<>(0);

  /** A command that has not begun. */
  Execution(@Nullable Tracker client) {
    this.client = client;
  }

  void begin() {
    outer = CURRENT.get();
    CURRENT.set(this);
  }

  void end() {
    if (outer == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(outer);
    }
    outer = null;
  }

  /** What was changed since this was last asked. */
  List<@Nullable List<byte[]>> takeChanges() {
    if (changes.isEmpty()) {
      return List.of();
    }
    List<@Nullable List<byte[]>> taken = changes;
    changes = new ArrayList<>(0);
    return taken;
  }

  void add(@Nullable List<byte[]> keys) {
    changes.add(keys);
  }

  /** What this thread executes, if it does so for that client; else null. */
  static @Nullable Execution of(Tracker client) {
    Execution current = CURRENT.get();
    return current == null || current.client != client ? null : current;
  }

  /** The client for which this thread executes a command, where that client tracks keys. */
  static @Nullable Tracker caller() {
    Execution current = CURRENT.get();
    return current == null ? null : current.client;
  }

  /** Whether this thread executes a command of a client that tracks keys. */
  static boolean isAny() {
    return CURRENT.get() != null;
  }
}
