package io.redknot.server.command;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is only shown of commands: the documentation that COMMAND DOCS replies.
 *
 * <p>It stands in one JSON file per family, an object of full command names ({@code client|list});
 * the fields are those of COMMAND DOCS in its order, without {@code subcommands}. The files are
 * read when documentation is first asked for, which most servers never are.
 */
final class CommandDocs {
  /** The families that have a file {@code docs/<family>.json} beside this class. */
  static final List<String> FAMILIES =
      List.of(
          "string",
          "bitmap",
          "hash",
          "hyperloglog",
          "list",
          "set",
          "sorted-set",
          "geo",
          "stream",
          "generic",
          "connection",
          "server",
          "cluster",
          "scripting",
          "transactions",
          "pubsub");

  private volatile @Nullable Map<String, DocNode.Fields> byName;

  /** The documentation of a command by its full lower-case name; null where there is none. */
  DocNode.@Nullable Fields find(String name) {
    return all().get(name);
  }

  /** Everything documented, by full lower-case name. */
  Map<String, DocNode.Fields> all() {
    Map<String, DocNode.Fields> loaded = byName;
    return loaded == null ? load() : loaded;
  }

  private synchronized Map<String, DocNode.Fields> load() {
    Map<String, DocNode.Fields> loaded = byName;
    if (loaded == null) {
      loaded = new HashMap<>();
      for (String family : FAMILIES) {
        read("docs/" + family + ".json", loaded);
      }
      byName = loaded;
    }
    return loaded;
  }

  private static void read(String resource, Map<String, DocNode.Fields> into) {
    try (InputStream in = CommandDocs.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new FileNotFoundException(resource);
      }
      readCommands(new JsonFactory().createParser(in), into);
    } catch (IOException broken) {
      // The files are part of the program: a missing or malformed one is a broken build.
      throw new UncheckedIOException(broken);
    }
  }

  private static void readCommands(JsonParser json, Map<String, DocNode.Fields> into)
      throws IOException {
    try (json) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        if (into.put(name, fields(json)) != null) {
          throw new IOException("documented twice: " + name);
        }
      }
    }
  }

  private static DocNode.Fields fields(JsonParser json) throws IOException {
    Map<String, DocNode> fields = new LinkedHashMap<>();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      fields.put(name, field(name, json));
    }
    return new DocNode.Fields(fields);
  }

  /** A value whose kind of list or string follows from the field's name. */
  private static DocNode field(String name, JsonParser json) throws IOException {
    return switch (name) {
      case "flags", "doc_flags" -> new DocNode.Members(flags(json));
      case "history" -> new DocNode.Members(list(json));
      default -> node(json);
    };
  }

  private static DocNode node(JsonParser json) throws IOException {
    return switch (json.currentToken()) {
      case START_OBJECT -> fields(json);
      case START_ARRAY -> new DocNode.Items(list(json));
      case VALUE_NUMBER_INT -> new DocNode.Whole(json.getLongValue());
      case VALUE_STRING -> new DocNode.Text(json.getText());
      default -> throw new IOException("unexpected " + json.currentToken());
    };
  }

  private static List<DocNode> list(JsonParser json) throws IOException {
    List<DocNode> items = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      items.add(node(json));
    }
    return items;
  }

  private static List<DocNode> flags(JsonParser json) throws IOException {
    List<DocNode> items = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      items.add(new DocNode.Flag(json.getText()));
    }
    return items;
  }
}
