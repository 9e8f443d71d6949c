package io.redknot.cluster.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Immutable bytes carried by a message. */
public final class Payload {
  private final byte[] bytes;

  private Payload(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Copies the bytes. */
  public static Payload of(byte[] bytes) {
    return new Payload(bytes.clone());
  }

  /** The UTF-8 bytes of a text. */
  public static Payload of(String text) {
    return new Payload(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Takes the array over; the caller must not keep it. */
  static Payload wrap(byte[] bytes) {
    return new Payload(bytes);
  }

  /** The bytes themselves, for writing out; not for changing. */
  byte[] array() {
    return bytes;
  }

  public int lengthBytes() {
    return bytes.length;
  }

  public byte[] toByteArray() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Payload that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "Payload[" + bytes.length + " bytes]";
  }
}
