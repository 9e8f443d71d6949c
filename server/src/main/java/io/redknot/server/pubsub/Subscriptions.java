package io.redknot.server.pubsub;

import io.redknot.protocol.RespWriter;
import io.redknot.server.net.ClientKind;
import io.redknot.server.net.ConnectionHandler;
import io.redknot.server.net.Session;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one client listens to. The event loop of its connection; others read the numbers. */
public final class Subscriptions {
  /** What a subscription takes beyond the name, which stands here and in the topic. */
  private static final int SUBSCRIPTION_BYTES = 250;

  private final PubSub pubsub;
  private final ConnectionHandler client;
  private final Map<Name, Subscription> channels = new LinkedHashMap<>(4);
  private final Map<Name, Subscription> patterns = new LinkedHashMap<>(0);
  private final Map<Name, Subscription> shardChannels = new LinkedHashMap<>(0);
  private long sizeBytes;

  Subscriptions(PubSub pubsub, ConnectionHandler client) {
    this.pubsub = pubsub;
    this.client = client;
  }

  private Map<Name, Subscription> of(Kind kind) {
    return switch (kind) {
      case CHANNEL -> channels;
      case PATTERN -> patterns;
      case SHARD -> shardChannels;
    };
  }

  /** Number of subscriptions of a kind. */
  public int count(Kind kind) {
    return of(kind).size();
  }

  /** About the bytes of memory that they take; a moment old for other threads. */
  public long sizeBytes() {
    return sizeBytes;
  }

  private static long sizeBytes(byte[] name) {
    return SUBSCRIPTION_BYTES + 2L * name.length;
  }

  /** What messages about subscriptions tell: shard channels are counted on their own. */
  private int shownCount(Kind kind) {
    return kind == Kind.SHARD ? shardChannels.size() : channels.size() + patterns.size();
  }

  /** Subscribes, unless it has, and confirms it. */
  public void add(Kind kind, byte[] name, RespWriter out) {
    Map<Name, Subscription> all = of(kind);
    if (!all.containsKey(new Name(name))) {
      all.put(new Name(name), pubsub.subscribe(client, kind, name));
      sizeBytes += sizeBytes(name);
      mark();
    }
    confirm(kind.subscribe(), name, shownCount(kind), out);
  }

  /** Ends a subscription, if there is one, and confirms it. */
  public void remove(Kind kind, byte[] name, RespWriter out) {
    Subscription ended = of(kind).remove(new Name(name));
    if (ended != null) {
      pubsub.unsubscribe(ended);
      sizeBytes -= sizeBytes(name);
      mark();
    }
    confirm(kind.unsubscribe(), name, shownCount(kind), out);
  }

  /** Ends all subscriptions of a kind, and confirms each, or that there was none. */
  public void removeAll(Kind kind, RespWriter out) {
    List<Subscription> all = List.copyOf(of(kind).values());
    for (Subscription subscription : all) {
      remove(kind, subscription.topic().name(), out);
    }
    if (all.isEmpty()) {
      confirm(kind.unsubscribe(), null, shownCount(kind), out);
    }
  }

  /** Ends all subscriptions without a word. */
  public void end() {
    for (Kind kind : Kind.values()) {
      of(kind).values().forEach(pubsub::unsubscribe);
      of(kind).clear();
    }
    sizeBytes = 0;
    mark();
  }

  /** Ends a subscription that is impossible now, and tells so. */
  void endForced(Subscription ended) {
    Topic topic = ended.topic();
    if (of(topic.kind()).get(new Name(topic.name())) == ended) {
      RespWriter out = new RespWriter();
      out.resp3(client.session().resp3());
      remove(topic.kind(), topic.name(), out);
      client.push(out.takeBytes());
    }
  }

  private static void confirm(String what, byte @Nullable [] name, int count, RespWriter out) {
    out.push(3);
    out.bulk(what);
    if (name == null) {
      out.nullBulk();
    } else {
      out.bulk(name);
    }
    out.integer(count);
  }

  private void mark() {
    Session session = client.session();
    boolean any = !(channels.isEmpty() && patterns.isEmpty() && shardChannels.isEmpty());
    if (any && session.kind() == ClientKind.NORMAL) {
      session.kind(ClientKind.PUBSUB);
    } else if (!any && session.kind() == ClientKind.PUBSUB) {
      session.kind(ClientKind.NORMAL);
    }
  }
}
