package io.redknot.server.pubsub;

import io.redknot.server.net.IoLoop;
import java.util.Arrays;

/** A channel, pattern or shard channel that somebody listens to. Guarded by its stripe's lock. */
final class Topic {
  private static final Audience[] NOBODY = {};

  private final Kind kind;
  private final byte[] name;
  private Audience[] audiences = NOBODY;

  Topic(Kind kind, byte[] name) {
    this.kind = kind;
    this.name = name;
  }

  Kind kind() {
    return kind;
  }

  /** The channel or pattern, not to be changed. */
  byte[] name() {
    return name;
  }

  Audience[] audiences() {
    return audiences;
  }

  /** Number of subscribers. */
  int count() {
    int count = 0;
    for (Audience audience : audiences) {
      count += audience.count();
    }
    return count;
  }

  void add(Subscription member, IoLoop loop) {
    for (Audience audience : audiences) {
      if (audience.loop() == loop) {
        audience.add(member);
        return;
      }
    }
    Audience made = new Audience(loop);
    made.add(member);
    audiences = Arrays.copyOf(audiences, audiences.length + 1);
    audiences[audiences.length - 1] = made;
  }

  void remove(Subscription member, IoLoop loop) {
    for (Audience audience : audiences) {
      if (audience.loop() == loop) {
        audience.remove(member);
      }
    }
  }

  /** Sends a message to all; returns how many these are. */
  int send(long sequence, Message message) {
    int receivers = 0;
    for (Audience audience : audiences) {
      receivers += audience.send(sequence, message);
    }
    return receivers;
  }
}
