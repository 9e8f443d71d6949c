package io.redknot.server.persistence;

import io.redknot.server.persistence.Disk.OpenFile;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * The change from one file of the append-only file to the next one. The old file is complete and
 * synced before the next one is listed, and nothing is written to that one before it is: so a crash
 * never tears a command in a file that others follow, and loses no file.
 */
final class AofSwitch {
  /** Puts the next file into the manifest. */
  interface Listing {
    void list() throws IOException;
  }

  private static final long LOOK_MS = 100;

  private final OpenFile next;
  private final Listing listing;
  private final CompletableFuture<Boolean> ended = new CompletableFuture<>();
  private volatile boolean announced;

  AofSwitch(OpenFile next, Listing listing) {
    this.next = next;
    this.listing = listing;
  }

  /** Lists the next file, which is to be written from now on; may be tried again. */
  OpenFile begin() throws IOException {
    listing.list();
    ended.complete(true);
    return next;
  }

  /** It will not come to it. */
  void discard() throws IOException {
    ended.complete(false);
    next.close();
  }

  /** It will come behind what was changed so far. */
  void announce() {
    announced = true;
  }

  boolean isAnnounced() {
    return announced;
  }

  /** Waits until the next file is written to. */
  void await(BooleanSupplier cancelled) throws IOException {
    try {
      while (!ended.isDone() && !cancelled.getAsBoolean()) {
        await();
      }
      if (!ended.getNow(false)) {
        throw new IOException("The append-only file was turned off");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("Waiting for the next append-only file was interrupted", interrupted);
    } catch (ExecutionException impossible) {
      throw new IOException(impossible);
    }
  }

  private void await() throws InterruptedException, ExecutionException {
    try {
      var _ = ended.get(LOOK_MS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException notYet) {
      // The caller looks whether it is still wanted.
    }
  }
}
