package io.redknot.server.pubsub;

/** What a subscription is for. The names are those of the messages that clients get. */
public enum Kind {
  CHANNEL("message", "subscribe", "unsubscribe"),
  PATTERN("pmessage", "psubscribe", "punsubscribe"),
  SHARD("smessage", "ssubscribe", "sunsubscribe");

  private final String message;
  private final String subscribe;
  private final String unsubscribe;

  Kind(String message, String subscribe, String unsubscribe) {
    this.message = message;
    this.subscribe = subscribe;
    this.unsubscribe = unsubscribe;
  }

  String message() {
    return message;
  }

  String subscribe() {
    return subscribe;
  }

  String unsubscribe() {
    return unsubscribe;
  }
}
