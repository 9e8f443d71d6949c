package io.redknot.cluster;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The CLUSTER subcommands that change something or read what a view does not hold. Arguments are as
 * typed; the server has checked their number only.
 */
public sealed interface AdminRequest {

  record Meet(String ip, String port, @Nullable String busPort) implements AdminRequest {}

  record AddSlots(List<String> slots) implements AdminRequest {}

  record DelSlots(List<String> slots) implements AdminRequest {}

  /** Pairs first, last; an even number of words. */
  record AddSlotsRange(List<String> bounds) implements AdminRequest {}

  /** Pairs first, last; an even number of words. */
  record DelSlotsRange(List<String> bounds) implements AdminRequest {}

  record FlushSlots() implements AdminRequest {}

  /** All words after SETSLOT: slot, action, and perhaps a node id. */
  record SetSlot(List<String> words) implements AdminRequest {}

  record SetConfigEpoch(String epoch) implements AdminRequest {}

  record BumpEpoch() implements AdminRequest {}

  record Forget(String nodeId) implements AdminRequest {}

  record Replicate(String nodeId) implements AdminRequest {}

  record Reset(boolean hard) implements AdminRequest {}

  /** The driver replies with an error instead when the save fails. */
  record SaveConfig() implements AdminRequest {}

  record CountFailureReports(String nodeId) implements AdminRequest {}

  record Failover(Mode mode) implements AdminRequest {
    /** How much agreement is asked for. */
    public enum Mode {
      /** The primary takes part. */
      DEFAULT,
      /** The primary is not asked, the others vote. */
      FORCE,
      /** Nobody is asked. */
      TAKEOVER
    }
  }
}
