package io.redknot.cluster;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The consequences of what the core was told. The driver carries them out in this order and
 * finishes one before it starts the next: a vote or an epoch is on disk before it is sent, and who
 * asks here for a slot sees it claimed before another node can send it here.
 *
 * @param persist new text of nodes.conf, or null
 * @param view the state to publish, or null when it did not change
 * @param actions connects, closes and sends, in order
 * @param events what to tell the server
 * @param logs what to tell the operator
 */
public record Outbox(
    @Nullable Persist persist,
    @Nullable ClusterView view,
    List<LinkAction> actions,
    List<ClusterEvent> events,
    List<LogLine> logs) {

  /**
   * A file to be written.
   *
   * @param text the whole file
   * @param fsync whether it must survive a power loss before anything is sent
   */
  public record Persist(String text, boolean fsync) {}
}
