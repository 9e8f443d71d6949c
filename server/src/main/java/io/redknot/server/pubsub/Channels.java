package io.redknot.server.pubsub;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All channels of one kind that somebody listens to, in stripes. */
final class Channels {
  private static final int STRIPES = 64;

  private final Kind kind;
  private final Stripe[] stripes = new Stripe[STRIPES];

  Channels(Kind kind) {
    this.kind = kind;
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new Stripe();
    }
  }

  Stripe stripe(Name name) {
    int hash = name.hashCode() * 0x9E3779B1;
    return stripes[hash >>> Integer.numberOfLeadingZeros(STRIPES - 1)];
  }

  /** The channel of that name, made where there is none; its stripe is locked. */
  Topic findOrMake(Stripe stripe, Name name, byte[] bytes) {
    Topic topic = stripe.find(name);
    if (topic == null) {
      topic = new Topic(kind, bytes);
      stripe.add(topic);
    }
    return topic;
  }

  /** Visits all; each under the lock of its stripe. */
  void forEach(Consumer<Topic> visitor) {
    for (Stripe stripe : stripes) {
      stripe.lock();
      try {
        stripe.all().forEach(visitor);
      } finally {
        stripe.unlock();
      }
    }
  }

  /** Number of subscribers of a channel. */
  int countSubscribers(byte[] name) {
    Name key = new Name(name);
    Stripe stripe = stripe(key);
    stripe.lock();
    try {
      @Nullable Topic topic = stripe.find(key);
      return topic == null ? 0 : topic.count();
    } finally {
      stripe.unlock();
    }
  }

  /** Number of channels. */
  int count() {
    int[] count = {0};
    forEach(topic -> count[0]++);
    return count[0];
  }
}
