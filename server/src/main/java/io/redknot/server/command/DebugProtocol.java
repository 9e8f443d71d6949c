package io.redknot.server.command;

import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandError;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** DEBUG PROTOCOL: one reply of each type, the same as Redis gives, for tests of clients. */
final class DebugProtocol {
  private static final CommandError UNKNOWN =
      CommandError.of(
          "ERR Wrong protocol type name. Please use one of the following:"
              + " string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false");
  private static final CommandError NEEDS_RESP3 =
      CommandError.of("ERR RESP2 is not supported by this command");
  private static final String BIG_NUMBER = "1234567999999999999999999999999999999";
  private static final int ELEMENTS = 3;

  private DebugProtocol() {}

  static void write(String type, RespWriter out) {
    switch (type.toLowerCase(Locale.ROOT)) {
      case "string" -> out.bulk("Hello World");
      case "integer" -> out.integer(12345);
      case "double" -> out.real(3.141);
      case "null" -> out.nullBulk();
      case "array" -> array(out);
      case "set" -> set(out);
      case "map" -> map(out);
      case "attrib" -> attribute(out);
      case "push" -> push(out);
      case "verbatim" -> out.verbatim("txt", "This is a verbatim\nstring");
      case "true" -> out.bool(true);
      case "false" -> out.bool(false);
      case "bignum" -> bigNumber(out);
      default -> throw UNKNOWN;
    }
  }

  private static void array(RespWriter out) {
    out.array(ELEMENTS);
    for (int i = 0; i < ELEMENTS; i++) {
      out.integer(i);
    }
  }

  private static void set(RespWriter out) {
    out.set(ELEMENTS);
    for (int i = 0; i < ELEMENTS; i++) {
      out.integer(i);
    }
  }

  private static void map(RespWriter out) {
    out.map(ELEMENTS);
    for (int i = 0; i < ELEMENTS; i++) {
      out.integer(i);
      out.bool(i == 1);
    }
  }

  private static void attribute(RespWriter out) {
    if (out.resp3()) {
      raw(out, "|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n");
    }
    out.bulk("Some real reply following the attribute");
  }

  private static void push(RespWriter out) {
    if (!out.resp3()) {
      throw NEEDS_RESP3;
    }
    out.push(2);
    out.bulk("server-cpu-usage");
    out.integer(42);
  }

  private static void bigNumber(RespWriter out) {
    if (out.resp3()) {
      raw(out, "(" + BIG_NUMBER + "\r\n");
    } else {
      out.bulk(BIG_NUMBER);
    }
  }

  private static void raw(RespWriter out, String text) {
    out.raw(text.getBytes(StandardCharsets.US_ASCII));
  }
}
