package io.redknot.server.persistence;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The one thread that writes files, so that no event loop waits for a disk. It begins with its
 * first task and goes when it has had nothing to do for a while.
 */
public final class FileThread implements Executor {
  private static final long IDLE_S = 10;

  private final ThreadPoolExecutor executor;

  public FileThread() {
    executor =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_S,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("redknot-file").factory());
    executor.allowCoreThreadTimeOut(true);
  }

  @Override
  public void execute(Runnable task) {
    executor.execute(task);
  }
}
