package io.redknot.server;

import io.redknot.server.config.LongSetting;
import io.redknot.storage.encoding.ListLimits;

/** The limits of lists, in the form in which every command that adds elements needs them. */
public final class ListSettings {
  private final LongSetting listpackSize;
  private volatile long aloneBytes = ListLimits.NEVER_ALONE;
  private volatile ListLimits limits;

  ListSettings(LongSetting listpackSize) {
    this.listpackSize = listpackSize;
    this.limits = ListLimits.of(listpackSize.getInt());
  }

  /** The limits in force. */
  public ListLimits limits() {
    return limits;
  }

  /** Takes the setting over again: when it was changed. */
  void update() {
    limits = ListLimits.of(listpackSize.getInt()).alone(aloneBytes);
  }

  /** Makes elements of so many bytes or more begin nodes of their own: for tests. */
  public void aloneBytes(long bytes) {
    aloneBytes = bytes;
    update();
  }
}
