package io.redknot.server.pubsub;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.redknot.server.net.ConnectionHandler;
import io.redknot.server.net.Delivery;
import io.redknot.server.net.IoLoop;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The subscribers of a topic whose connections belong to one event loop. The list belongs to that
 * loop, the number to the lock of the topic.
 */
final class Audience implements Delivery.Gathering {
  /** No more messages are gathered before they are delivered. */
  private static final int GATHERED_BYTES_MAX = 64 * 1024;

  private final IoLoop loop;
  private final List<Subscription> members = new ArrayList<>(1);
  private int count;

  /** Messages that follow each other; empty outside of a turn of deliveries. */
  private final List<Message> gathered = new ArrayList<>(0);

  private int gatheredBytes;
  private long firstSequence;

  /** Messages up to this one were sent before the newest member came. */
  private long lastAfter;

  Audience(IoLoop loop) {
    this.loop = loop;
  }

  IoLoop loop() {
    return loop;
  }

  /** How many there are; under the lock. */
  int count() {
    return count;
  }

  /** Under the lock, and on the loop. */
  void add(Subscription member) {
    member.index = members.size();
    members.add(member);
    lastAfter = member.after();
    count++;
  }

  /** Under the lock, and on the loop. */
  void remove(Subscription member) {
    Subscription last = members.removeLast();
    if (last != member) {
      last.index = member.index;
      members.set(member.index, last);
    }
    count--;
  }

  /** The members, to be gone over while some leave; on the loop. */
  List<Subscription> members() {
    return List.copyOf(members);
  }

  /** A message on its way to those who were members when it was sent. */
  private record Sending(Audience to, long sequence, Message message) implements Delivery {
    @Override
    public int bytes() {
      return message.sizeBytes();
    }

    @Override
    public void run() {
      to.gather(sequence, message);
    }

    @Override
    public Gathering gathering() {
      return to;
    }
  }

  /**
   * Has the message delivered by the loop; under the lock, so that all get it in the same order.
   *
   * @return how many get it
   */
  int send(long sequence, Message message) {
    return count > 0 && loop.deliver(new Sending(this, sequence, message)) ? count : 0;
  }

  private void gather(long sequence, Message message) {
    if (gathered.isEmpty()) {
      firstSequence = sequence;
    }
    gathered.add(message);
    gatheredBytes += message.sizeBytes();
    // Who subscribed while these were on their way gets only what was sent after that.
    if (firstSequence <= lastAfter || gatheredBytes >= GATHERED_BYTES_MAX) {
      deliver(sequence);
    }
  }

  @Override
  public void end() {
    if (!gathered.isEmpty()) {
      deliver(Long.MAX_VALUE);
    }
  }

  /**
   * Delivers what was gathered: written once for all who speak one version of the protocol.
   *
   * @param sequence the number of the last message, where it may not be for all members
   */
  private void deliver(long sequence) {
    ByteBuf resp2 = null;
    ByteBuf resp3 = null;
    try {
      // By index and from the end: whoever is closed by it leaves the list.
      for (int i = members.size() - 1; i >= 0; i--) {
        Subscription member = members.get(i);
        if (!member.isFor(sequence)) {
          continue;
        }
        ConnectionHandler client = member.client();
        if (client.session().resp3()) {
          resp3 = resp3 == null ? encode(true) : resp3;
          client.deliver(resp3.retainedDuplicate());
        } else {
          resp2 = resp2 == null ? encode(false) : resp2;
          client.deliver(resp2.retainedDuplicate());
        }
      }
    } finally {
      release(resp2);
      release(resp3);
      gathered.clear();
      gatheredBytes = 0;
    }
  }

  /** Put together in an array, where bytes are cheaper to write one by one. */
  private ByteBuf encode(boolean resp3) {
    byte[] scratch = loop.scratch();
    byte[] out = gatheredBytes <= scratch.length ? scratch : new byte[gatheredBytes];
    int end = 0;
    for (Message message : gathered) {
      end = message.write(resp3, out, end);
    }
    return ByteBufAllocator.DEFAULT.directBuffer(end).writeBytes(out, 0, end);
  }

  private static void release(@Nullable ByteBuf buffer) {
    if (buffer != null) {
      buffer.release();
    }
  }
}
