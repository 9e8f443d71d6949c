package io.redknot.server.info;

import com.google.errorprone.annotations.Immutable;
import io.redknot.protocol.Args;
import io.redknot.server.Server;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** The sections of INFO in the order in which they are printed. */
public enum InfoSection {
  SERVER(true, ProcessInfo::server),
  CLIENTS(true, ProcessInfo::clients),
  MEMORY(true, MemoryInfo::memory),
  PERSISTENCE(true, DataInfo::persistence),
  STATS(true, StatsInfo::stats),
  REPLICATION(true, ReplicationInfo::write),
  CPU(true, ProcessInfo::cpu),
  MODULES(true, (server, out) -> out.section("Modules")),
  COMMANDSTATS(false, StatsInfo::commandStats),
  ERRORSTATS(true, StatsInfo::errorStats),
  LATENCYSTATS(false, StatsInfo::latencyStats),
  CLUSTER(true, DataInfo::cluster),
  KEYSPACE(true, DataInfo::keyspace);

  @Immutable
  @FunctionalInterface
  private interface Writer {
    void write(Server server, InfoText out);
  }

  private final boolean shownByDefault;
  private final Writer writer;
  private final String word = name().toLowerCase(Locale.ROOT);

  InfoSection(boolean shownByDefault, Writer writer) {
    this.shownByDefault = shownByDefault;
    this.writer = writer;
  }

  /**
   * The sections that the words of an INFO command name; words that name none are passed over.
   *
   * @param from position of the first word; without any, what is shown by default
   */
  public static Set<InfoSection> named(Args args, int from) {
    Set<InfoSection> chosen = EnumSet.noneOf(InfoSection.class);
    if (args.count() <= from) {
      chosen.addAll(byDefault());
    }
    for (int i = from; i < args.count(); i++) {
      if (args.is(i, "default")) {
        chosen.addAll(byDefault());
      } else if (args.is(i, "all") || args.is(i, "everything")) {
        // They differ in what modules add, and there are no modules.
        chosen.addAll(EnumSet.allOf(InfoSection.class));
      } else {
        addNamed(args, i, chosen);
      }
    }
    return chosen;
  }

  private static void addNamed(Args args, int index, Set<InfoSection> chosen) {
    for (InfoSection section : values()) {
      if (args.is(index, section.word)) {
        chosen.add(section);
      }
    }
  }

  private static Set<InfoSection> byDefault() {
    Set<InfoSection> sections = EnumSet.noneOf(InfoSection.class);
    for (InfoSection section : values()) {
      if (section.shownByDefault) {
        sections.add(section);
      }
    }
    return sections;
  }

  /** The text of some sections, in the order of this enum; empty for none. */
  public static String text(Server server, Set<InfoSection> sections) {
    InfoText out = new InfoText();
    for (InfoSection section : sections) {
      section.writer.write(server, out);
    }
    return out.toString();
  }
}
