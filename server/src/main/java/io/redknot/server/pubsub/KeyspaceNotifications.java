package io.redknot.server.pubsub;

import io.redknot.server.config.KeyspaceEvents;
import io.redknot.server.config.ValueSetting;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Messages about what happens to keys, to those who listen to the channels of a key or of an event:
 * {@code notify-keyspace-events}. Only this node's clients get them.
 */
public final class KeyspaceNotifications {
  private static final int CHANNELS = KeyspaceEvents.bit('K') | KeyspaceEvents.bit('E');

  private final ValueSetting<KeyspaceEvents> wanted;
  private final PubSub pubsub;

  public KeyspaceNotifications(ValueSetting<KeyspaceEvents> wanted, PubSub pubsub) {
    this.wanted = wanted;
    this.pubsub = pubsub;
  }

  /** Whether events of a class are wanted at all. */
  public boolean wants(char letter) {
    KeyspaceEvents events = wanted.get();
    return (events.bits() & CHANNELS) != 0 && events.has(letter);
  }

  /**
   * Tells an event, if it is wanted.
   *
   * @param letter the event's class
   * @param array holds the key; borrowed
   */
  public void send(char letter, String event, int db, byte[] array, int offset, int length) {
    if (wants(letter)) {
      byte[] key = Arrays.copyOfRange(array, offset, offset + length);
      send(wanted.get(), event.getBytes(StandardCharsets.ISO_8859_1), db, key);
    }
  }

  private void send(KeyspaceEvents events, byte[] event, int db, byte[] key) {
    if (events.has('K')) {
      pubsub.publish(false, channel("__keyspace@" + db + "__:", key), event);
    }
    if (events.has('E')) {
      pubsub.publish(false, channel("__keyevent@" + db + "__:", event), key);
    }
  }

  private static byte[] channel(String prefix, byte[] name) {
    byte[] start = prefix.getBytes(StandardCharsets.ISO_8859_1);
    byte[] channel = Arrays.copyOf(start, start.length + name.length);
    System.arraycopy(name, 0, channel, start.length, name.length);
    return channel;
  }
}
