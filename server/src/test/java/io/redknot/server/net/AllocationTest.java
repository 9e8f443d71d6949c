package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.redknot.server.Server;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parsing and dispatching in steady state leaves nothing for the garbage collector. */
class AllocationTest {
  private static final int BATCHES = 20_000;

  /** One below the smallest object: an object a batch shows, let alone one a request. */
  private static final int ALLOWED_BYTES_PER_BATCH = 15;

  private static final int ROUNDS_MAX = 10;
  private static final long BUFFERED_BYTES_MAX = 64 * 1024;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /**
   * The bytes that a batch allocates once it is compiled: what is allocated by design shows in
   * every round, what is left of warming up does not, however slow the machine is at compiling.
   */
  private static long allocatedPerBatch(String... requests) {
    return allocatedPerBatch(List.of(), requests);
  }

  private static long allocatedPerBatch(List<String> arguments, String... requests) {
    try (RunningServer running = RunningServer.start(arguments.toArray(String[]::new))) {
      Server server = running.server();
      EmbeddedChannel channel = new EmbeddedChannel();
      IoLoop loop =
          new IoLoop(
              channel.eventLoop(),
              server.clock(),
              server.stats().addLoop(),
              UnpooledByteBufAllocator.DEFAULT,
              new UnreadOutput());
      PeerAddress peer = PeerAddress.unix("/tmp/test", 0);
      ConnectionHandler handler = new ConnectionHandler(server, loop, channel, peer);
      byte[] batch = String.join("", requests).repeat(16).getBytes(StandardCharsets.ISO_8859_1);
      run(server, handler, loop, batch);
      long least = Long.MAX_VALUE;
      for (int i = 0; i < ROUNDS_MAX && least > ALLOWED_BYTES_PER_BATCH; i++) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        run(server, handler, loop, batch);
        long after = THREADS.getCurrentThreadAllocatedBytes();
        least = Math.min(least, (after - before) / BATCHES);
      }
      channel.finishAndReleaseAll();
      loop.releaseBuffers();
      return least;
    }
  }

  private static void run(Server server, ConnectionHandler handler, IoLoop loop, byte[] batch) {
    for (int i = 0; i < BATCHES; i++) {
      // Steady is what the disk keeps pace with.
      Eventually.await(
          "room in the buffer",
          () -> server.persister().appendOnly().bufferedBytes() <= BUFFERED_BYTES_MAX);
      loop.beginBatch(false);
      assertEquals(batch.length, handler.execute(batch, 0, batch.length));
      loop.out().clear();
    }
  }

  @Test
  void aBatchOfRequestsAllocatesNothing() {
    long bytes =
        allocatedPerBatch(
            RawClient.resp("ping"), RawClient.resp("echo", "hello"), RawClient.resp("ping", "x"));
    assertTrue(bytes <= ALLOWED_BYTES_PER_BATCH, bytes + " bytes a batch");
  }

  @Test
  void getAndSetOfPlainValuesAllocateNothing() {
    long bytes =
        allocatedPerBatch(
            RawClient.resp("set", "text", "v".repeat(40)),
            RawClient.resp("get", "text"),
            RawClient.resp("set", "text", "v".repeat(400)),
            RawClient.resp("set", "number", "1234567"),
            RawClient.resp("get", "number"),
            RawClient.resp("incr", "number"),
            RawClient.resp("get", "missing"),
            RawClient.resp("mget", "text", "number"));
    assertTrue(bytes <= ALLOWED_BYTES_PER_BATCH, bytes + " bytes a batch");
  }

  @Test
  void appendedChangesAllocateNothing(@TempDir Path directory) {
    List<String> appending = List.of("--appendonly", "yes", "--dir", directory.toString());
    long bytes =
        allocatedPerBatch(
            appending, RawClient.resp("incr", "number"), RawClient.resp("get", "number"));
    assertTrue(bytes <= ALLOWED_BYTES_PER_BATCH, bytes + " bytes a batch");
  }
}
