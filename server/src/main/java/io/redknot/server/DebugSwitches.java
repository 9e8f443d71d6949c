package io.redknot.server;

/** What tests turn off with DEBUG, to see what happens without it. Any thread. */
public final class DebugSwitches {
  private volatile boolean activeExpire = true;

  /** Whether expired keys are removed before anybody asks for them. */
  public boolean activeExpire() {
    return activeExpire;
  }

  /** DEBUG SET-ACTIVE-EXPIRE. */
  public void activeExpire(boolean value) {
    activeExpire = value;
  }
}
