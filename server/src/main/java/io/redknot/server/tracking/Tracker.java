package io.redknot.server.tracking;

import io.redknot.protocol.RespWriter;
import io.redknot.server.net.ConnectionHandler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A client that tracks keys, or did so. Its event loop decides how; any thread tells it of changes.
 */
public final class Tracker {
  /** What a prefix takes beyond its bytes, which stand here and in the table of all. */
  private static final int PREFIX_BYTES = 200;

  private final Tracking all;
  private final ConnectionHandler client;
  private final int number;

  /** Null: it does not track keys now. */
  private volatile @Nullable TrackingMode mode;

  private volatile boolean redirectBroken;
  private final List<byte[]> prefixes = new ArrayList<>(0);
  private long sizeBytes;

  /** CLIENT CACHING was given, for the next command or transaction. */
  private boolean caching;

  /** Its commands, one after the other, on its event loop. */
  private final Execution execution = new Execution(this);

  /** A message was lost; it is on its way that all keys have to be forgotten. */
  private final AtomicBoolean lost = new AtomicBoolean();

  Tracker(Tracking all, ConnectionHandler client, int number) {
    this.all = all;
    this.client = client;
    this.number = number;
  }

  /** A number that no other connection has had. */
  int number() {
    return number;
  }

  ConnectionHandler client() {
    return client;
  }

  /** How it wants to be told; null: not at all. */
  public @Nullable TrackingMode mode() {
    return mode;
  }

  /** The client that is told instead is gone. */
  public boolean isRedirectBroken() {
    return redirectBroken;
  }

  /** About the bytes of memory that its prefixes take; a moment old for other threads. */
  public long sizeBytes() {
    return sizeBytes;
  }

  /** The prefixes of the keys that it wants to be told of, in the order of their bytes. */
  public List<byte[]> prefixes() {
    return List.copyOf(prefixes);
  }

  /** Begins to track keys, or does so in another way. Prefixes are added to those there are. */
  public void start(TrackingMode how, List<byte[]> more) {
    if (mode == null) {
      all.activeChanged(1);
    }
    mode = how;
    redirectBroken = false;
    if (how.broadcast()) {
      for (byte[] prefix : more) {
        if (prefixes.stream().noneMatch(known -> Arrays.equals(known, prefix))) {
          prefixes.add(prefix);
          sizeBytes += PREFIX_BYTES + 2L * prefix.length;
          all.broadcasts().join(prefix, this);
        }
      }
      prefixes.sort(Arrays::compareUnsigned);
    }
  }

  /** Tracks nothing any more. What was remembered is told again where the client starts again. */
  public void stop() {
    if (mode != null) {
      all.activeChanged(-1);
      mode = null;
    }
    redirectBroken = false;
    caching = false;
    prefixes.forEach(prefix -> all.broadcasts().leave(prefix, this));
    prefixes.clear();
    sizeBytes = 0;
  }

  /** What the next command reads is to be remembered, or is not to be. */
  public void caching() {
    caching = true;
  }

  /** Whether {@link #caching()} holds now. */
  public boolean isCaching() {
    return caching;
  }

  /** Whether what the client reads now is to be remembered. */
  public boolean remembers() {
    TrackingMode now = mode;
    return now != null
        && !now.broadcast()
        && (!now.optIn() || caching)
        && !(now.optOut() && caching);
  }

  /** The client's command begins. */
  public void beginCommand() {
    execution.begin();
  }

  /**
   * The client's command has ended: what it changed itself follows its reply.
   *
   * @param keepsCaching whether CLIENT CACHING still holds for the next
   */
  public void endCommand(boolean keepsCaching, RespWriter out) {
    execution.end();
    caching &= keepsCaching;
    tell(execution.takeChanges(), out);
  }

  /**
   * Executes a command that has waited, on the thread of who ended that.
   *
   * @param client whose command it is; null where that client tracks no keys
   * @return writes what it changed itself, behind its reply; on the client's event loop
   */
  public static Consumer<RespWriter> serve(@Nullable Tracker client, Runnable command) {
    if (client == null && !Execution.isAny()) {
      command.run();
      return _ -> {};
    }
    Execution served = new Execution(client);
    served.begin();
    try {
      command.run();
    } finally {
      served.end();
    }
    List<@Nullable List<byte[]>> changes = served.takeChanges();
    return client == null || changes.isEmpty() ? _ -> {} : out -> client.tell(changes, out);
  }

  private void tell(List<@Nullable List<byte[]>> changes, RespWriter out) {
    if (changes.isEmpty()) {
      return;
    }
    TrackingMode now = mode;
    boolean here = now != null && now.redirect() == 0;
    for (List<byte[]> keys : changes) {
      if (!here) {
        send(keys);
      } else if (out.resp3()) {
        Invalidation.write(keys, out);
      }
    }
  }

  /** A key that it has read has changed, or is forgotten; the key's shard is locked. */
  void onChange(byte[] key) {
    TrackingMode now = mode;
    if (now == null || now.broadcast()) {
      return;
    }
    Execution own = Execution.of(this);
    if (own == null) {
      send(List.of(key));
    } else if (!now.noLoop()) {
      own.add(List.of(key));
    }
  }

  /** All keys have changed; all shards are locked. */
  void onFlush() {
    if (mode == null) {
      return;
    }
    Execution own = Execution.of(this);
    if (own == null) {
      send(null);
    } else {
      own.add(null);
    }
  }

  /** Tells of keys, null for all, the client or who is to be told instead. */
  void send(@Nullable List<byte[]> keys) {
    TrackingMode now = mode;
    if (now == null) {
      return;
    }
    long redirect = now.redirect();
    ConnectionHandler to = redirect == 0 ? client : all.client(redirect);
    if (to == null) {
      redirectBroken = true;
      boolean _ =
          client.push(
              Invalidation.sizeBytes(null), () -> Invalidation.encodeBroken(client, redirect));
      return;
    }
    boolean sent =
        to.push(Invalidation.sizeBytes(keys), () -> Invalidation.encode(to, redirect != 0, keys));
    if (!sent && lost.compareAndSet(false, true)) {
      // Behind all that is on its way, and at most once: so it needs no limit.
      to.pushAnyway(() -> afterLoss(to, redirect != 0));
    }
  }

  private byte[] afterLoss(ConnectionHandler to, boolean redirected) {
    lost.set(false);
    return Invalidation.encode(to, redirected, null);
  }
}
