package io.redknot.server.pubsub;

import io.redknot.storage.keyspace.GlobPattern;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The patterns that somebody listens to. A channel is compared only with those whose literal
 * beginning or, where that is shorter, literal end it has: they are found by looking up the
 * channel's own beginnings and ends, of the lengths that occur.
 */
final class PatternIndex {
  /** Longer literal parts are looked up by so many bytes of theirs. */
  private static final int LITERAL_BYTES_MAX = 64;

  /** A pattern and the topic of its subscribers. */
  record Entry(Topic topic, GlobPattern pattern) {}

  /** The patterns that are looked up by their beginning, or those by their end. */
  private static final class Side {
    private final boolean atEnd;
    private final Map<ByteBuffer, List<Entry>> byLiteral = new HashMap<>();

    /** How many literals there are of each length. */
    private final TreeMap<Integer, Integer> lengths = new TreeMap<>();

    Side(boolean atEnd) {
      this.atEnd = atEnd;
    }

    void add(ByteBuffer literal, Entry entry) {
      List<Entry> entries = byLiteral.get(literal);
      if (entries == null) {
        entries = new ArrayList<>(1);
        byLiteral.put(literal, entries);
        lengths.merge(literal.remaining(), 1, Integer::sum);
      }
      entries.add(entry);
    }

    void remove(ByteBuffer literal, Topic topic) {
      List<Entry> entries = byLiteral.get(literal);
      if (entries != null && entries.removeIf(entry -> entry.topic() == topic)) {
        if (entries.isEmpty()) {
          byLiteral.remove(literal);
          lengths.merge(literal.remaining(), -1, (a, b) -> a + b == 0 ? null : a + b);
        }
      }
    }

    int send(long sequence, byte[] channel, byte[] payload) {
      int receivers = 0;
      for (int length : lengths.keySet()) {
        if (length > channel.length) {
          break;
        }
        int from = atEnd ? channel.length - length : 0;
        List<Entry> entries = byLiteral.get(ByteBuffer.wrap(channel, from, length));
        if (entries != null) {
          receivers += send(entries, sequence, channel, payload);
        }
      }
      return receivers;
    }

    private static int send(List<Entry> entries, long sequence, byte[] channel, byte[] payload) {
      int receivers = 0;
      for (Entry entry : entries) {
        if (matches(entry.pattern(), channel)) {
          Topic topic = entry.topic();
          Message message = new Message(Kind.PATTERN, topic.name(), channel, payload);
          receivers += topic.send(sequence, message);
        }
      }
      return receivers;
    }

    /** A pattern keeps the place where it is while it matches. Not even a star fits nothing. */
    private static boolean matches(GlobPattern pattern, byte[] channel) {
      if (channel.length == 0 && pattern.matchesEverything()) {
        return false;
      }
      synchronized (pattern) {
        return pattern.matches(channel, 0, channel.length);
      }
    }
  }

  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final Map<ByteBuffer, Topic> topics = new HashMap<>();
  private final Side beginnings = new Side(false);
  private final Side ends = new Side(true);
  private volatile int count;

  /** Number of patterns. */
  int count() {
    return count;
  }

  /** Sends a message to all whose patterns match; returns how many these are. */
  int send(long sequence, byte[] channel, byte[] payload) {
    lock.readLock().lock();
    try {
      return beginnings.send(sequence, channel, payload) + ends.send(sequence, channel, payload);
    } finally {
      lock.readLock().unlock();
    }
  }

  /** While this is held nothing is sent and nobody else subscribes. */
  void lock() {
    lock.writeLock().lock();
  }

  void unlock() {
    lock.writeLock().unlock();
  }

  /** The topic of a pattern, made where there is none; locked. */
  Topic findOrMake(byte[] pattern) {
    Topic topic = topics.get(ByteBuffer.wrap(pattern));
    if (topic == null) {
      topic = new Topic(Kind.PATTERN, pattern);
      topics.put(ByteBuffer.wrap(pattern), topic);
      Entry entry = new Entry(topic, GlobPattern.of(pattern));
      side(pattern).add(literal(pattern), entry);
      count = topics.size();
    }
    return topic;
  }

  /** Forgets a pattern that nobody listens to any more; locked. */
  void remove(Topic topic) {
    byte[] pattern = topic.name();
    topics.remove(ByteBuffer.wrap(pattern));
    side(pattern).remove(literal(pattern), topic);
    count = topics.size();
  }

  private Side side(byte[] pattern) {
    return literalEnd(pattern) > literalBeginning(pattern) ? ends : beginnings;
  }

  private static ByteBuffer literal(byte[] pattern) {
    int beginning = literalBeginning(pattern);
    int end = literalEnd(pattern);
    return end > beginning
        ? ByteBuffer.wrap(pattern, pattern.length - end, end)
        : ByteBuffer.wrap(pattern, 0, beginning);
  }

  private static boolean isSpecial(byte b) {
    return b == '*' || b == '?' || b == '[' || b == ']' || b == '\\';
  }

  private static int literalBeginning(byte[] pattern) {
    int length = 0;
    while (length < Math.min(pattern.length, LITERAL_BYTES_MAX) && !isSpecial(pattern[length])) {
      length++;
    }
    return length;
  }

  /**
   * Length of the literal end: nothing in a pattern with classes or escapes, where a byte near the
   * end may belong to one.
   */
  private static int literalEnd(byte[] pattern) {
    for (byte b : pattern) {
      if (b == '[' || b == '\\') {
        return 0;
      }
    }
    int length = 0;
    while (length < Math.min(pattern.length, LITERAL_BYTES_MAX)
        && !isSpecial(pattern[pattern.length - 1 - length])) {
      length++;
    }
    return length;
  }
}
