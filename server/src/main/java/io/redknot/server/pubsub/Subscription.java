package io.redknot.server.pubsub;

import io.redknot.server.net.ConnectionHandler;

/** A client's subscription to a topic. The event loop of its connection only. */
final class Subscription {
  private final Topic topic;
  private final ConnectionHandler client;

  /** Messages up to this one were published before. */
  private final long after;

  /** Its place in the list of its loop. */
  int index;

  Subscription(Topic topic, ConnectionHandler client, long after) {
    this.topic = topic;
    this.client = client;
    this.after = after;
  }

  Topic topic() {
    return topic;
  }

  ConnectionHandler client() {
    return client;
  }

  /** Messages up to this one were published before. */
  long after() {
    return after;
  }

  boolean isFor(long sequence) {
    return sequence > after;
  }
}
