package io.redknot.server.command;

import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandHandler;
import java.util.ArrayList;
import java.util.List;

/** Answers the HELP subcommand of a container. */
final class HelpText {
  private HelpText() {}

  /**
   * The handler.
   *
   * @param container the command in capitals
   * @param lines usages, each followed by indented lines that describe it
   */
  static CommandHandler of(String container, String... lines) {
    List<String> all = new ArrayList<>(lines.length + 3);
    all.add(container + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
    all.addAll(List.of(lines));
    all.add("HELP");
    all.add("    Print this help.");
    return (ctx, args, out) -> write(all, out);
  }

  private static void write(List<String> lines, RespWriter out) {
    out.array(lines.size());
    lines.forEach(out::simple);
  }
}
