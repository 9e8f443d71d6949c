package io.redknot.server;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * One thread for what no event loop may wait for, such as a disk or the locks of all shards: it
 * does one thing after the other. It begins with its first task and goes when it has had nothing to
 * do for a while.
 */
public final class TaskThread implements Executor {
  private static final long IDLE_S = 10;

  private final ThreadPoolExecutor executor;

  /** Has nothing to do yet. */
  public TaskThread(String name) {
    executor =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_S,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name(name).factory());
    executor.allowCoreThreadTimeOut(true);
  }

  @Override
  public void execute(Runnable task) {
    executor.execute(task);
  }
}
