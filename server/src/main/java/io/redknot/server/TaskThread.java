package io.redknot.server.persistence;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * One thread for what no event loop may wait for, a disk above all: it does one thing after the
 * other. It begins with its first task and goes when it has had nothing to do for a while.
 */
public final class FileThread implements Executor {
  private static final long IDLE_S = 10;

  private final ThreadPoolExecutor executor;

  /** The one that writes files. */
  public FileThread() {
    this("redknot-file");
  }

  /** One with a name of its own. */
  public FileThread(String name) {
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
