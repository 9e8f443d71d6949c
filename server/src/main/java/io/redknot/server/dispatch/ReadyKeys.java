package io.redknot.server.dispatch;

import io.redknot.protocol.RespWriter;
import io.redknot.server.Server;
import io.redknot.server.signal.ShardSignals;
import io.redknot.server.signal.WaitQueue;
import io.redknot.server.signal.Waiter;
import io.redknot.server.tracking.Tracker;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shard;
import io.redknot.storage.value.ValueType;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Serves the commands that wait for keys, after something has happened to these.
 *
 * <p>Whoever changed a key executes the commands that wait for it, in the order in which they came
 * and under the lock that it holds anyway: so nobody else comes between. The replies are handed to
 * the connections' event loops. What a served command does may make further keys ready.
 */
final class ReadyKeys {
  private final Server server;
  private final Turn turn;
  private final Shard shard;
  private final ShardSignals signals;

  private ReadyKeys(Server server, Turn turn, Shard shard, ShardSignals signals) {
    this.server = server;
    this.turn = turn;
    this.shard = shard;
    this.signals = signals;
  }

  /** Serves all that can be served; the shard is locked. */
  static void serve(Server server, Turn turn, Shard shard) {
    ShardSignals signals = server.signals().shard(shard.index());
    if (signals.hasReady()) {
      // Since the command began that has given the key, the key may have expired.
      turn.readTime();
      new ReadyKeys(server, turn, shard, signals).serveAll();
    }
  }

  /** Takes the lock and serves what no command has served. */
  static void attend(Server server, Turn turn, Shard shard) {
    turn.begin();
    ShardSignals signals = server.signals().shard(shard.index());
    shard.lock();
    try {
      signals.attended(true);
      serve(server, turn, shard);
    } finally {
      signals.attended(false);
      shard.unlock();
    }
  }

  private void serveAll() {
    WaitQueue queue = signals.pollReady();
    while (queue != null) {
      serve(queue);
      queue = signals.pollReady();
    }
  }

  private void serve(WaitQueue queue) {
    WaitQueue.Place place = queue.first();
    while (place != null) {
      // Who is served leaves the queue.
      WaitQueue.Place next = place.behind();
      Waiter waiter = place.waiter();
      if (waiter.isFor(held(queue)) && !waiter.client().isGone()) {
        serve(waiter);
      }
      place = next;
    }
  }

  private @Nullable ValueType held(WaitQueue queue) {
    Keyspace keys = shard.keyspace(queue.db());
    keys.time(turn.nowMs());
    byte[] key = queue.key();
    long ref = keys.find(key, 0, key.length, keys.slotOf(key, 0, key.length));
    return ref == 0 ? null : ValueType.of(keys, ref);
  }

  private void serve(Waiter waiter) {
    Waiter.Call call = waiter.call();
    // All who wait are looked at again when the key's way is over.
    if (server.dispatcher().movingKeys().concern(shard, call.spec(), call.args())) {
      return;
    }
    RespWriter out = new RespWriter();
    out.resp3(waiter.client().session().resp3());
    CommandContext ctx = CommandContext.ofWaiter(server, turn, waiter, shard);
    Tracker tracker = waiter.client().session().tracker();
    boolean[] answered = {false};
    Consumer<RespWriter> behind =
        Tracker.serve(tracker, () -> answered[0] = server.dispatcher().runAgain(ctx, waiter, out));
    if (answered[0]) {
      waiter.end();
      answer(waiter, out, behind);
    }
  }

  private void answer(Waiter waiter, RespWriter out, Consumer<RespWriter> behind) {
    String error = out.errors() == 0 ? null : out.lastError();
    byte[] reply = out.takeBytes();
    var _ =
        waiter
            .suspension()
            .complete(
                late -> {
                  if (error == null) {
                    late.raw(reply);
                  } else {
                    late.error(error);
                  }
                  behind.accept(late);
                });
  }
}
