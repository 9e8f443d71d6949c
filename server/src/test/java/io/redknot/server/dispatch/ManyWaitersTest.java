package io.redknot.server.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.redknot.server.net.Eventually;
import io.redknot.server.net.RawClient;
import io.redknot.server.net.RunningServer;
import io.redknot.server.signal.ShardSignals;
import io.redknot.server.signal.WaitQueue;
import io.redknot.server.signal.Waiter;
import io.redknot.storage.keyspace.Shard;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a push looks at, where many wait for other keys. */
class ManyWaitersTest {
  private static final int OTHERS = 100;
  private static final int KEYS_EACH = 100;
  private static final String KEY = "pushed";

  @Test
  void pushLooksAtThoseWhoWaitForItsKeyAndAtNobodyElse() {
    List<RawClient> others = new ArrayList<>();
    List<RawClient> waiters = new ArrayList<>();
    try (RunningServer server = RunningServer.start();
        RawClient pusher = server.connect()) {
      for (int i = 0; i < OTHERS; i++) {
        others.add(server.connect().command(waitForOthers(i)));
      }
      awaitBlocked(pusher, OTHERS);
      for (int i = 0; i < 3; i++) {
        waiters.add(server.connect().command("BLPOP", KEY, "0"));
        awaitBlocked(pusher, OTHERS + i + 1);
      }
      assertEquals(OTHERS * KEYS_EACH + 1, waitedKeys(server));

      assertEquals(addresses(waiters), lookedAt(server));

      pusher.ask("RPUSH", KEY, "0", "1", "2");
      for (int i = 0; i < 3; i++) {
        String reply = "*2\r\n$6\r\n" + KEY + "\r\n$1\r\n" + i + "\r\n";
        assertEquals(reply, waiters.get(i).reply());
      }
      assertEquals(OTHERS * KEYS_EACH, waitedKeys(server));
      assertTrue(others.stream().allMatch(RawClient::isSilent));
    } finally {
      others.forEach(RawClient::close);
      waiters.forEach(RawClient::close);
    }
  }

  private static String[] waitForOthers(int number) {
    String[] words = new String[KEYS_EACH + 2];
    words[0] = "BLPOP";
    for (int i = 0; i < KEYS_EACH; i++) {
      words[i + 1] = "other" + number + "." + i;
    }
    words[KEYS_EACH + 1] = "0";
    return words;
  }

  private static void awaitBlocked(RawClient client, int count) {
    Eventually.await(
        count + " clients wait",
        () -> client.askText("INFO", "clients").contains("blocked_clients:" + count + "\r\n"));
  }

  private static int waitedKeys(RunningServer server) {
    int keys = 0;
    for (int i = 0; i < server.server().shards().count(); i++) {
      Shard shard = server.server().shards().shard(i);
      shard.lock();
      try {
        keys += server.server().signals().shard(i).waitedKeys();
      } finally {
        shard.unlock();
      }
    }
    return keys;
  }

  private static List<String> addresses(List<RawClient> clients) {
    return clients.stream().map(RawClient::address).toList();
  }

  /** Tells all shards of a change of the key, and takes what is then to be looked at. */
  private static List<String> lookedAt(RunningServer server) {
    byte[] key = KEY.getBytes(StandardCharsets.ISO_8859_1);
    List<String> found = new ArrayList<>();
    for (int i = 0; i < server.server().shards().count(); i++) {
      Shard shard = server.server().shards().shard(i);
      ShardSignals signals = server.server().signals().shard(i);
      shard.lock();
      try {
        signals.attended(true);
        signals.changed(0, key, 0, key.length);
        WaitQueue queue = signals.pollReady();
        while (queue != null) {
          for (WaitQueue.Place at = queue.first(); at != null; at = at.behind()) {
            Waiter waiter = at.waiter();
            found.add(waiter.client().session().peer().remote());
          }
          queue = signals.pollReady();
        }
        signals.attended(false);
      } finally {
        shard.unlock();
      }
    }
    return found;
  }
}
