package io.redknot.server.config;

import io.redknot.server.config.Directive.Flag;
import java.util.Locale;

/** Writes docs/configuration.md from the table, so that the page cannot fall behind. */
final class ConfigDocs {
  private static final String INTRODUCTION =
      """
      # Configuration

      Redknot reads the redis.conf of Redis 7.2: every directive of that version is known, so a
      file that works there starts a node here. Directives are given in a file, on standard input
      (`-`), as options (`--port 7000`), or at run time with `CONFIG SET`; `CONFIG REWRITE` writes
      the values in force back into the file.

      * Sizes are bytes, or have a unit: `b`, `k` (1000), `kb` (1024), `m`, `mb`, `g`, `gb`.
      * `include` takes a path or a pattern; it starts from `dir` as set so far. Files may include
        each other %d deep, %d altogether, each of at most %d MiB and lines of at most %d KiB.
      * `rename-command` and `user` may be repeated; `loadmodule` stops the start, because Redknot
        cannot load modules.
      * An unknown directive or a value that does not fit stops the start.
      * Numbers end at 2^63-1. With `cluster-enabled yes` there is one database, whatever
        `databases` says.
      * "fixed" means that `CONFIG SET` refuses the directive, "protected" that it does unless
        `enable-protected-configs` allows it, "hidden" that `CONFIG GET` tells it only to its exact
        name.

      This page is generated from `ConfigTable`.
      """
          .formatted(
              ConfigFileReader.INCLUDE_DEPTH_MAX,
              ConfigFileReader.FILES_MAX,
              ConfigFileReader.FILE_BYTES_MAX >> 20,
              ConfigFileReader.LINE_BYTES_MAX >> 10);

  private ConfigDocs() {}

  static String page() {
    StringBuilder out = new StringBuilder(INTRODUCTION);
    String section = "";
    for (Directive<?> row : ConfigTable.all()) {
      if (!row.section().equals(section)) {
        section = row.section();
        out.append("\n## ").append(section).append("\n\n");
        out.append("| directive | default | values | CONFIG SET | effect |\n");
        out.append("|---|---|---|---|---|\n");
      }
      appendRow(out, row);
    }
    return out.toString();
  }

  private static void appendRow(StringBuilder out, Directive<?> row) {
    String alias = row.names().size() > 1 ? " (`" + row.names().get(1) + "`)" : "";
    out.append("| `%s`%s ".formatted(row.name(), alias))
        .append("| %s ".formatted(defaultOf(row)))
        .append("| %s ".formatted(row.type().accepts()))
        .append("| %s ".formatted(settable(row)))
        .append("| %s |\n".formatted(effectOf(row)));
  }

  private static String defaultOf(Directive<?> row) {
    return switch (row.name()) {
      case ConfigTable.DIR -> "the working directory";
      case ConfigTable.IO_THREADS -> "the number of cores, at most 4";
      default -> row.defaultText().isEmpty() ? "" : "`" + row.defaultText() + "`";
    };
  }

  private static String settable(Directive<?> row) {
    String how = row.is(Flag.IMMUTABLE) ? "fixed" : row.is(Flag.PROTECTED) ? "protected" : "yes";
    return row.is(Flag.HIDDEN) ? how + ", hidden" : how;
  }

  private static String effectOf(Directive<?> row) {
    String status = row.effect().status().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return row.effect().note().isEmpty() ? status : status + ": " + row.effect().note();
  }
}
