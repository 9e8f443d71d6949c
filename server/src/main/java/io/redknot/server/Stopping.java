package io.redknot.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.redknot.server.config.ShutdownOptions;
import io.redknot.server.dispatch.ClientPause;
import io.redknot.server.replication.CatchUp;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the server comes to its end: replicas get what they have not yet, and the data is saved.
 * Nothing more is written meanwhile, so that nothing is acknowledged that is not saved. Until it is
 * over, it may be called off.
 *
 * <p>One thread carries it out; any thread asks for it and calls it off.
 */
public final class Stopping {
  private static final Logger LOG = LoggerFactory.getLogger(Stopping.class);

  private final Server server;
  private final BlockingQueue<StopRequest> requests = new LinkedBlockingQueue<>();

  @GuardedBy("this")
  private boolean underWay;

  @GuardedBy("this")
  private boolean aborted;

  /** What waits for replicas now. */
  @GuardedBy("this")
  private @Nullable CatchUp catchUp;

  /** When replicas are waited for no longer, Unix ms; 0: none is waited for. */
  private volatile long endMs;

  Stopping(Server server) {
    this.server = server;
  }

  /**
   * Asks for a stop. Who asks while one is under way gets what comes of that one.
   *
   * @param onRefusal what is to be done where the server goes on after all
   */
  public void request(ShutdownOptions options, Runnable onRefusal) {
    requests.add(new StopRequest(options, false, onRefusal));
  }

  /** Something that the server must not go on without does not work. */
  void requestAfterFailure() {
    ShutdownOptions withoutSaving = new ShutdownOptions(false, true, true, true);
    requests.add(new StopRequest(withoutSaving, true, () -> {}));
  }

  /** Calls the stop off that is under way; false where none is. */
  public synchronized boolean abort() {
    if (!underWay || aborted) {
      return false;
    }
    LOG.warn("Shutdown manually aborted.");
    aborted = true;
    if (catchUp != null) {
      catchUp.cancel();
    }
    return true;
  }

  /** How long replicas are still waited for, in ms; -1: they are not. */
  public long leftMs() {
    long until = endMs;
    return until == 0 ? -1 : Math.max(0, until - server.clock().nowMs());
  }

  /** Waits until the server has to stop, and may. A stop is refused where the data is not saved. */
  public StopRequest await() throws InterruptedException {
    while (true) {
      StopRequest request = requests.take();
      if (request.becauseOfFailure() || mayStop(request.options())) {
        return request;
      }
      server.dispatcher().pause().unpause(ClientPause.Purpose.STOP);
      refuse(request);
    }
  }

  /** Refuses it and what was asked for since. Who learns of it may ask again at once. */
  private void refuse(StopRequest request) {
    List<StopRequest> since = new ArrayList<>();
    requests.drainTo(since);
    request.onRefusal().run();
    for (StopRequest other : since) {
      if (other.becauseOfFailure()) {
        requests.add(other);
      } else {
        other.onRefusal().run();
      }
    }
  }

  private boolean mayStop(ShutdownOptions options) throws InterruptedException {
    LOG.warn("User requested shutdown...");
    begin();
    try {
      server.dispatcher().pause().pause(ClientPause.Purpose.STOP, Long.MAX_VALUE, false);
      awaitReplicas(options);
      if (isAborted()) {
        return false;
      }
      if (!server.persister().saveBeforeStop(options) && !options.force()) {
        LOG.warn("Error trying to save the DB, can't exit.");
        return false;
      }
    } finally {
      end();
    }
    return !isAborted();
  }

  private synchronized void begin() {
    underWay = true;
    aborted = false;
  }

  /** From now on it cannot be called off. */
  private synchronized void end() {
    underWay = false;
  }

  private synchronized boolean isAborted() {
    return aborted;
  }

  private void awaitReplicas(ShutdownOptions options) throws InterruptedException {
    long timeoutMs = TimeUnit.SECONDS.toMillis(server.config().shutdownTimeout.get());
    if (options.now() || timeoutMs == 0 || server.replication().replicas().isEmpty()) {
      return;
    }
    CatchUp waiting = new CatchUp(server);
    cancelWithAbort(waiting);
    endMs = server.clock().nowMs() + timeoutMs;
    try {
      boolean caughtUp = waiting.await(timeoutMs);
      LOG.debug("Replicas have everything: {}", caughtUp);
    } finally {
      endMs = 0;
      cancelWithAbort(null);
    }
  }

  private synchronized void cancelWithAbort(@Nullable CatchUp waiting) {
    catchUp = waiting;
    if (waiting != null && aborted) {
      waiting.cancel();
    }
  }
}
