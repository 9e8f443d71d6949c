package io.redknot.server.integration;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A reply as it stood on the wire.
 *
 * @param type the first byte of its RESP form; {@link #NIL} for every form of nothing
 * @param text what a scalar says; of {@link #NIL}, the form it had
 * @param items members of an aggregate; of a map, keys and values in turn
 */
record Reply(char type, String text, List<Reply> items) {
  static final char NIL = 'N';

  boolean isError() {
    return type == '-';
  }

  boolean isNil() {
    return type == NIL;
  }

  long number() {
    return Long.parseLong(text);
  }

  /** The text without the format that a verbatim string names. */
  String words() {
    return type == '=' ? text.substring(4) : text;
  }

  /** Values by key, of a map or of the flat array that stands for one in RESP2. */
  Map<String, Reply> fields() {
    Map<String, Reply> fields = new LinkedHashMap<>();
    for (int i = 0; i < items.size(); i += 2) {
      fields.put(items.get(i).text(), items.get(i + 1));
    }
    return fields;
  }

  /** Type and value of everything in it, in one line. */
  @Override
  public String toString() {
    return switch (type) {
      case NIL -> text;
      case '*', '%', '~', '>' ->
          type + items.stream().map(Reply::toString).collect(Collectors.joining(", ", "[", "]"));
      default -> type + text;
    };
  }
}
