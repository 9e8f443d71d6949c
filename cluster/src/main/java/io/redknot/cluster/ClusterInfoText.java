package io.redknot.cluster;

import io.redknot.cluster.wire.MessageType;
import java.util.function.ToLongFunction;

/** The text of CLUSTER INFO. */
public final class ClusterInfoText {
  private ClusterInfoText() {}

  /** Lines {@code key:value}, each ended by CR LF. */
  public static String render(ClusterView view) {
    StringBuilder text = new StringBuilder(512);
    text.append("cluster_state:").append(view.isOk() ? "ok" : "fail").append("\r\n");
    line(text, "cluster_slots_assigned", view.slotsAssigned());
    line(text, "cluster_slots_ok", view.slotsOk());
    line(text, "cluster_slots_pfail", view.slotsPfail());
    line(text, "cluster_slots_fail", view.slotsFail());
    line(text, "cluster_known_nodes", view.nodes().size());
    line(text, "cluster_size", view.size());
    line(text, "cluster_current_epoch", view.currentEpoch());
    line(text, "cluster_my_epoch", view.myEpoch());
    counters(text, "sent", view::sent);
    counters(text, "received", view::received);
    line(text, "total_cluster_links_buffer_limit_exceeded", view.linksOverLimit());
    return text.toString();
  }

  private static void counters(
      StringBuilder text, String direction, ToLongFunction<MessageType> counter) {
    long total = 0;
    for (MessageType type : MessageType.values()) {
      long count = counter.applyAsLong(type);
      total += count;
      if (count > 0) {
        line(text, "cluster_stats_messages_" + type.statsName() + "_" + direction, count);
      }
    }
    line(text, "cluster_stats_messages_" + direction, total);
  }

  private static void line(StringBuilder text, String key, long value) {
    text.append(key).append(':').append(value).append("\r\n");
  }
}
