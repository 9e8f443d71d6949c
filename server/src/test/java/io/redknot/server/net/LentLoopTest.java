package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A loop stands still from when it comes to its task until it is given back. */
class LentLoopTest {
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(1);

  @Test
  void loopGoesOnWithWhatItIsGivenAndOnlyThen() throws InterruptedException {
    Deque<Runnable> tasks = new ArrayDeque<>();
    List<String> done = Collections.synchronizedList(new ArrayList<>());
    LentLoop lent = new LentLoop(tasks::add);
    Thread loop =
        Thread.ofPlatform()
            .start(
                () -> {
                  tasks.remove().run();
                  done.add("what comes behind");
                });
    assertTrue(lent.await(PATIENCE_NANOS));
    done.add("what others do meanwhile");
    lent.giveBack(() -> done.add("what it is given"));
    loop.join();
    assertEquals(
        List.of("what others do meanwhile", "what it is given", "what comes behind"), done);
  }

  @Test
  void loopThatComesTooLateDoesNotStand() {
    Deque<Runnable> tasks = new ArrayDeque<>();
    List<String> done = new ArrayList<>();
    LentLoop lent = new LentLoop(tasks::add);
    assertFalse(lent.await(0));
    lent.giveBack(() -> done.add("nothing"));
    tasks.remove().run();
    assertEquals(List.of(), done);
  }
}
