package io.redknot.cluster.wire;

/** One message of the cluster bus. */
public record BusMessage(MessageType type, BusHeader header, BusBody body) {

  /**
   * Checks that type and body belong together.
   *
   * @throws IllegalArgumentException when the body is not the one the type has
   */
  public BusMessage {
    boolean fits =
        switch (type) {
          case PING, PONG, MEET -> body instanceof BusBody.Gossip;
          case FAIL -> body instanceof BusBody.Fail;
          case PUBLISH, PUBLISHSHARD -> body instanceof BusBody.Publish;
          case UPDATE -> body instanceof BusBody.Update;
          case MODULE -> body instanceof BusBody.Module;
          case AUTH_REQUEST, AUTH_ACK, MFSTART -> body instanceof BusBody.Empty;
        };
    if (!fits) {
      throw new IllegalArgumentException(type + " cannot carry " + body.getClass());
    }
  }
}
