package io.redknot.server.command;

import io.redknot.protocol.RespWriter;

/** The reply of {@code XXX HELP}: usage and description of each subcommand as status lines. */
final class HelpReply {
  private HelpReply() {}

  /**
   * Writes the reply.
   *
   * @param command the container's name in capitals
   * @param lines usage lines, and under each its description, indented by four blanks
   */
  static void write(RespWriter out, String command, String... lines) {
    out.array(lines.length + 3);
    out.simple(command + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
    for (String line : lines) {
      out.simple(line);
    }
    out.simple("HELP");
    out.simple("    Print this help.");
  }
}
