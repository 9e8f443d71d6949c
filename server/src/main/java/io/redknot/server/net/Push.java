package io.redknot.server.net;

import io.netty.buffer.Unpooled;
import java.util.function.Supplier;

/**
 * A message to one connection, made when its turn comes; an empty one is none.
 *
 * @param bytes about how long it is
 */
record Push(ConnectionHandler to, int bytes, Supplier<byte[]> message) implements Delivery {
  @Override
  public void run() {
    byte[] made = message.get();
    if (made.length > 0) {
      to.deliver(Unpooled.wrappedBuffer(made));
    }
  }
}
