package io.redknot.server;

import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the heap lie in huge pages once it holds much data: commands that reach all over it then miss
 * the processor's address cache less often. There is no fork that would copy them.
 *
 * <p>A small heap stays in ordinary pages, because the JVM's own option for huge pages costs a node
 * that is idle some MiB. The heap grows in steps (MinHeapDeltaBytes in the launcher), and a step is
 * asked for when it has come, before most of it was touched.
 *
 * <p>Source: Linux, admin-guide/mm/transhuge; in effect where {@code enabled} there is {@code
 * madvise} or {@code always}.
 */
final class HugePages {
  private static final Logger log = LoggerFactory.getLogger(HugePages.class);

  /** Fewer bytes of objects are not worth it. */
  private static final long USED_BYTES_MIN = 40 << 20;

  private final BooleanSupplier wanted;
  private final Heap heap;
  private final BooleanSupplier advice;
  private final Executor background;

  // The ticking thread's own.
  private long advisedBytes;

  /** Nothing is asked for any more, because the system has refused it. */
  private volatile boolean refused;

  /** How large the JVM's heap is, and how much of that is not used; in bytes. */
  interface Heap {
    long totalBytes();

    long freeBytes();
  }

  /** Of this process's heap. */
  HugePages(BooleanSupplier wanted) {
    // Looking up the system's function takes long enough to be done elsewhere.
    this(
        wanted,
        new RuntimeHeap(),
        HeapAdvice::hugePages,
        advising -> Thread.ofPlatform().daemon().name("huge-pages").start(advising));
  }

  /**
   * Of any heap.
   *
   * @param advice asks for huge pages for what the heap has now; false: they cannot be had
   * @param background runs the advice
   */
  HugePages(BooleanSupplier wanted, Heap heap, BooleanSupplier advice, Executor background) {
    this.wanted = wanted;
    this.heap = heap;
    this.advice = advice;
    this.background = background;
  }

  private static final class RuntimeHeap implements Heap {
    private final Runtime runtime = Runtime.getRuntime();

    @Override
    public long totalBytes() {
      return runtime.totalMemory();
    }

    @Override
    public long freeBytes() {
      return runtime.freeMemory();
    }
  }

  /** Some times a second; one thread. */
  void tick() {
    long heapBytes = heap.totalBytes();
    if (refused
        || heapBytes <= advisedBytes
        || !wanted.getAsBoolean()
        || heapBytes - heap.freeBytes() < USED_BYTES_MIN) {
      return;
    }
    advisedBytes = heapBytes;
    background.execute(this::advise);
  }

  private void advise() {
    try {
      refused = !advice.getAsBoolean();
    } catch (RuntimeException | Error failed) {
      refused = true;
      log.debug("Asking for huge pages failed", failed);
    }
    log.atDebug().log(refused ? "The heap stays in ordinary pages" : "The heap gets huge pages");
  }
}
