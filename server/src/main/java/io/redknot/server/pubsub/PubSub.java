package io.redknot.server.pubsub;

import io.redknot.server.net.ConnectionHandler;
import io.redknot.storage.keyspace.HashSlot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Who listens to which channels, and what is published.
 *
 * <p>Messages to one channel are put in order under a lock of its stripe, and handed to the event
 * loops of the subscribers in that order. Each has a number, and a subscription gets those above
 * the last that was given before it: a message that is still on its way to an event loop is not for
 * who subscribes there meanwhile.
 */
public final class PubSub {
  private final Channels channels = new Channels(Kind.CHANNEL);
  private final Channels shardChannels = new Channels(Kind.SHARD);
  private final PatternIndex patterns = new PatternIndex();
  private final AtomicLong sequence = new AtomicLong();

  private Channels of(Kind kind) {
    return kind == Kind.SHARD ? shardChannels : channels;
  }

  /**
   * Publishes to those who listen here.
   *
   * @param channel kept
   * @param payload kept
   * @return how many get it
   */
  public int publish(boolean sharded, byte[] channel, byte[] payload) {
    return publish(sharded, channel, payload, null);
  }

  /**
   * As {@link #publish(boolean, byte[], byte[])}.
   *
   * @param elsewhere sends the message to other nodes, and must not wait: its messages to a channel
   *     are in the same order as those here
   */
  public int publish(
      boolean sharded, byte[] channel, byte[] payload, @Nullable Runnable elsewhere) {
    Kind kind = sharded ? Kind.SHARD : Kind.CHANNEL;
    Name name = new Name(channel);
    Stripe stripe = of(kind).stripe(name);
    stripe.lock();
    try {
      Topic topic = stripe.find(name);
      long number = sequence.incrementAndGet();
      int receivers = 0;
      if (topic != null) {
        receivers = topic.send(number, new Message(kind, null, channel, payload));
      }
      if (!sharded && patterns.count() > 0) {
        receivers += patterns.send(number, channel, payload);
      }
      if (elsewhere != null) {
        elsewhere.run();
      }
      return receivers;
    } finally {
      stripe.unlock();
    }
  }

  /** What a client listens to, to be changed; on its event loop. */
  public Subscriptions subscriptions(ConnectionHandler client) {
    Subscriptions found = client.session().subscriptions();
    if (found == null) {
      found = new Subscriptions(this, client);
      client.session().subscriptions(found);
    }
    return found;
  }

  /** Begins a subscription; on the client's event loop. */
  Subscription subscribe(ConnectionHandler client, Kind kind, byte[] name) {
    if (kind == Kind.PATTERN) {
      patterns.lock();
      try {
        return join(client, patterns.findOrMake(name));
      } finally {
        patterns.unlock();
      }
    }
    Name key = new Name(name);
    Stripe stripe = of(kind).stripe(key);
    stripe.lock();
    try {
      return join(client, of(kind).findOrMake(stripe, key, name));
    } finally {
      stripe.unlock();
    }
  }

  private Subscription join(ConnectionHandler client, Topic topic) {
    Subscription made = new Subscription(topic, client, sequence.get());
    topic.add(made, client.loop());
    return made;
  }

  /** Ends a subscription; on the client's event loop. */
  void unsubscribe(Subscription ended) {
    Topic topic = ended.topic();
    if (topic.kind() == Kind.PATTERN) {
      patterns.lock();
      try {
        topic.remove(ended, ended.client().loop());
        if (topic.count() == 0) {
          patterns.remove(topic);
        }
      } finally {
        patterns.unlock();
      }
      return;
    }
    Stripe stripe = of(topic.kind()).stripe(new Name(topic.name()));
    stripe.lock();
    try {
      topic.remove(ended, ended.client().loop());
      if (topic.count() == 0) {
        stripe.remove(topic);
      }
    } finally {
      stripe.unlock();
    }
  }

  /** Number of channels, or shard channels, that somebody listens to. */
  public int channelCount(boolean sharded) {
    return (sharded ? shardChannels : channels).count();
  }

  /** Number of patterns that somebody listens to. */
  public int patternCount() {
    return patterns.count();
  }

  /** Visits the names of all channels, or shard channels, that somebody listens to. */
  public void channels(boolean sharded, Consumer<byte[]> visitor) {
    (sharded ? shardChannels : channels).forEach(topic -> visitor.accept(topic.name()));
  }

  /** Number of those who listen to a channel by its name. */
  public int subscriberCount(boolean sharded, byte[] channel) {
    return (sharded ? shardChannels : channels).countSubscribers(channel);
  }

  /** Ends the subscriptions to shard channels of slots, and tells those whose they were. */
  public void leaveSlots(IntPredicate slots) {
    List<Audience> leaving = new ArrayList<>();
    shardChannels.forEach(
        topic -> {
          if (slots.test(HashSlot.of(topic.name(), 0, topic.name().length))) {
            leaving.addAll(List.of(topic.audiences()));
          }
        });
    for (Audience audience : leaving) {
      audience.loop().execute(() -> leave(audience));
    }
  }

  private void leave(Audience audience) {
    for (Subscription member : audience.members()) {
      subscriptions(member.client()).endForced(member);
    }
  }
}
