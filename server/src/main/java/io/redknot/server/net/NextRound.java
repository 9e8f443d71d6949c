package io.redknot.server.net;

import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;

/** What an event loop does in many small steps, with requests in between. */
public final class NextRound {
  private NextRound() {}

  /**
   * Has a loop do something behind another look for requests, before which it does what it was
   * merely given to execute: a step that has the loop execute the next one may keep requests
   * waiting until there is none left. What is executed in the end does not fail in silence, as what
   * is scheduled would.
   */
  public static void execute(EventLoop loop, Runnable task) {
    var _ = loop.schedule(() -> loop.execute(task), 0, TimeUnit.NANOSECONDS);
  }
}
