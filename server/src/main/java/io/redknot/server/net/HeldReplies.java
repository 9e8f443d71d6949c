package io.redknot.server.net;

import io.redknot.server.persistence.CommitGate;

/**
 * What the replies of one connection wait for before they are sent, where they wait for the disk:
 * the reply to a change for the end of that change in the stream, any other one for all that the
 * client may have been shown. What others change while the replies are on their way keeps nobody
 * waiting.
 *
 * <p>Event loop of the connection only.
 */
final class HeldReplies {
  private final CommitGate gate;
  private final Session session;

  /** Where the stream has to be synced up to for what is not sent yet; 0: nowhere. */
  private long pendingUntil;

  private boolean pendingChange;

  /** The same for what is sent as soon as the disk has got there. */
  private long heldUntil;

  private boolean heldChange;

  HeldReplies(CommitGate gate, Session session) {
    this.gate = gate;
    this.session = session;
  }

  /**
   * A command has run whose reply is not sent yet.
   *
   * @param changedBefore what {@link Session#changedUntil} told before it ran
   */
  void ran(long changedBefore) {
    if (!gate.isHolding()) {
      return;
    }
    long changed = session.changedUntil();
    if (changed == changedBefore) {
      seen();
    } else {
      pendingChange = true;
      pendingUntil = Math.max(pendingUntil, changed);
    }
  }

  /** What is to be sent may show all that was changed so far. */
  void seen() {
    pendingUntil = Math.max(pendingUntil, gate.appended());
  }

  /** Whether what is sent now, or what was held back before it, has to wait for the disk. */
  boolean mustHold() {
    if (pendingUntil == 0 && heldUntil == 0) {
      return false;
    }
    heldUntil = Math.max(heldUntil, pendingUntil);
    heldChange |= pendingChange;
    pendingUntil = 0;
    pendingChange = false;
    return !release();
  }

  /** Whether something is held back that may be sent now. */
  boolean maySend() {
    return heldUntil != 0 && gate.passes(heldUntil, heldChange);
  }

  /** Whether anything is held back. */
  boolean any() {
    return heldUntil != 0;
  }

  /** Holds back nothing more, where the disk has got there; false where it has not. */
  boolean release() {
    if (!maySend()) {
      return false;
    }
    heldUntil = 0;
    heldChange = false;
    return true;
  }
}
