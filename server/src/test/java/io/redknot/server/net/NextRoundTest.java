package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.EventLoop;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class NextRoundTest {
  private static final int STEPS = 100;

  /** Counts how often it is asked to look for requests; there are none. */
  private static final class Looks implements IoHandler {
    private volatile long count;

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    public int run(IoHandlerContext context) {
      count++;
      Thread.onSpinWait();
      return 0;
    }

    @Override
    public IoRegistration register(IoHandle handle) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void wakeup() {}

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
      return false;
    }
  }

  @Test
  void betweenAnyTwoStepsTheLoopLooksForRequests() throws Exception {
    Looks looks = new Looks();
    MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, _ -> looks);
    try {
      EventLoop loop = group.next();
      List<Long> seen = new ArrayList<>();
      CompletableFuture<List<Long>> whole = new CompletableFuture<>();
      loop.execute(() -> step(loop, looks, seen, whole));
      List<Long> all = whole.get(60, TimeUnit.SECONDS);
      long different =
          LongStream.range(1, STEPS).filter(i -> all.get((int) i) > all.get((int) i - 1)).count();
      assertEquals(STEPS - 1, different, all::toString);
    } finally {
      group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
  }

  private static void step(
      EventLoop loop, Looks looks, List<Long> seen, CompletableFuture<List<Long>> whole) {
    seen.add(looks.count);
    if (seen.size() < STEPS) {
      NextRound.execute(loop, () -> step(loop, looks, seen, whole));
    } else {
      whole.complete(seen);
    }
  }
}
