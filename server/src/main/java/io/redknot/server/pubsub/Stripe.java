package io.redknot.server.pubsub;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Some of the channels, with a lock under which messages to them are put in order. Nothing waits
 * under it.
 */
final class Stripe {
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Name, Topic> topics = new HashMap<>();

  void lock() {
    lock.lock();
  }

  void unlock() {
    lock.unlock();
  }

  @Nullable Topic find(Name name) {
    return topics.get(name);
  }

  void add(Topic topic) {
    topics.put(new Name(topic.name()), topic);
  }

  void remove(Topic topic) {
    topics.remove(new Name(topic.name()));
  }

  Iterable<Topic> all() {
    return topics.values();
  }
}
