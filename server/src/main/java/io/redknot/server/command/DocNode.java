package io.redknot.server.command;

import io.redknot.protocol.RespWriter;
import java.util.List;
import java.util.Map;

/** A piece of documentation, in the shape in which COMMAND DOCS replies it. */
sealed interface DocNode {
  /** Writes the reply. */
  void write(RespWriter out);

  /** A bulk string. */
  record Text(String value) implements DocNode {
    @Override
    public void write(RespWriter out) {
      out.bulk(value);
    }
  }

  /** A status string: a flag. */
  record Flag(String value) implements DocNode {
    @Override
    public void write(RespWriter out) {
      out.simple(value);
    }
  }

  /** An integer. */
  record Whole(long value) implements DocNode {
    @Override
    public void write(RespWriter out) {
      out.integer(value);
    }
  }

  /** An array. */
  record Items(List<DocNode> items) implements DocNode {
    @Override
    public void write(RespWriter out) {
      out.array(items.size());
      items.forEach(item -> item.write(out));
    }
  }

  /** A set. */
  record Members(List<DocNode> items) implements DocNode {
    @Override
    public void write(RespWriter out) {
      out.set(items.size());
      items.forEach(item -> item.write(out));
    }
  }

  /** A map, in the order of its fields. */
  record Fields(Map<String, DocNode> fields) implements DocNode {
    @Override
    public void write(RespWriter out) {
      out.map(fields.size());
      writePairs(out);
    }

    /** The fields without the head of the map, for a map that has more. */
    void writePairs(RespWriter out) {
      fields.forEach(
          (name, value) -> {
            out.bulk(name);
            value.write(out);
          });
    }
  }
}
