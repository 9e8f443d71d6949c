package io.redknot.server.command;

import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.AclCategory;
import io.redknot.server.dispatch.CommandFlag;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.KeySpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Writes a row as COMMAND INFO shows it.
 *
 * <pre>
 *   entry = name, arity, ~flags, first key, last key, step, ~categories, ~tips, ~key specs,
 *           [entries of the subcommands], or an empty set where there are none
 * </pre>
 */
final class CommandInfoWriter {
  private static final int ENTRY_ELEMENTS = 10;

  private final RespWriter out;

  CommandInfoWriter(RespWriter out) {
    this.out = out;
  }

  void entry(CommandSpec spec) {
    out.array(ENTRY_ELEMENTS);
    out.bulk(spec.name());
    out.integer(spec.arity());
    flags(spec);
    out.integer(spec.firstKey());
    out.integer(spec.lastKey());
    out.integer(spec.keyStep());
    categories(spec);
    tips(spec.tips());
    keySpecs(spec.keySpecs());
    subcommands(spec.subcommands());
  }

  private void flags(CommandSpec spec) {
    List<String> shown = new ArrayList<>();
    for (CommandFlag flag : CommandFlag.values()) {
      if (spec.has(flag) && flag.isShown()) {
        shown.add(flag.text());
      }
    }
    statusSet(shown);
  }

  private void categories(CommandSpec spec) {
    List<String> shown = new ArrayList<>();
    for (AclCategory category : AclCategory.values()) {
      if (spec.isIn(category)) {
        shown.add("@" + category.text());
      }
    }
    statusSet(shown);
  }

  private void tips(List<String> tips) {
    out.set(tips.size());
    tips.forEach(out::bulk);
  }

  private void subcommands(Collection<CommandSpec> subcommands) {
    if (subcommands.isEmpty()) {
      out.set(0);
    } else {
      out.array(subcommands.size());
      subcommands.forEach(this::entry);
    }
  }

  private void keySpecs(List<KeySpec> specs) {
    out.set(specs.size());
    for (KeySpec spec : specs) {
      String notes = spec.notes();
      out.map(notes == null ? 3 : 4);
      if (notes != null) {
        out.bulk("notes");
        out.bulk(notes);
      }
      out.bulk("flags");
      statusSet(spec.flags());
      out.bulk("begin_search");
      begin(spec.begin());
      out.bulk("find_keys");
      find(spec.find());
    }
  }

  /** A set of status strings. */
  void statusSet(List<String> words) {
    out.set(words.size());
    words.forEach(out::simple);
  }

  private void begin(KeySpec.Begin begin) {
    switch (begin) {
      case KeySpec.Begin.Index index -> {
        rule("index", 1);
        field("index", index.position());
      }
      case KeySpec.Begin.Keyword keyword -> {
        rule("keyword", 2);
        out.bulk("keyword");
        out.bulk(keyword.word());
        field("startfrom", keyword.startFrom());
      }
      case KeySpec.Begin.Unknown unknown -> rule("unknown", 0);
    }
  }

  private void find(KeySpec.Find find) {
    switch (find) {
      case KeySpec.Find.Range range -> {
        rule("range", 3);
        field("lastkey", range.last());
        field("keystep", range.step());
        field("limit", range.limit());
      }
      case KeySpec.Find.Count count -> {
        rule("keynum", 3);
        field("keynumidx", count.countAt());
        field("firstkey", count.firstKey());
        field("keystep", count.step());
      }
      case KeySpec.Find.Unknown unknown -> rule("unknown", 0);
    }
  }

  /** The head of a rule: its type, and the start of a map of so many fields. */
  private void rule(String type, int fields) {
    out.map(2);
    out.bulk("type");
    out.bulk(type);
    out.bulk("spec");
    out.map(fields);
  }

  private void field(String name, int value) {
    out.bulk(name);
    out.integer(value);
  }
}
