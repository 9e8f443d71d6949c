package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespParser;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandHandler;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.dispatch.CommandTable;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Runs commands of a table that need neither a connection nor a keyspace. */
final class CommandTester {
  private final CommandTable table;

  CommandTester(CommandTable table) {
    this.table = table;
  }

  /** The reply in RESP2, each CR LF shown as a blank. */
  String resp2(String line) {
    return run(line, false);
  }

  /** The reply in RESP3, each CR LF shown as a blank. */
  String resp3(String line) {
    return run(line, true);
  }

  private String run(String line, boolean resp3) {
    Args args = Objects.requireNonNull(RespParser.splitLine(line));
    CommandSpec command = Objects.requireNonNull(table.find(args), line);
    CommandSpec spec = Objects.requireNonNull(table.resolve(command, args), line);
    CommandHandler handler = Objects.requireNonNull(spec.handler(), line);
    RespWriter out = new RespWriter();
    out.resp3(resp3);
    try {
      runWithoutContext(handler, args, out);
    } catch (CommandError error) {
      out.error(error.text());
    }
    return new String(out.takeBytes(), StandardCharsets.ISO_8859_1).replace("\r\n", " ");
  }

  /** COMMAND asks nothing of its connection, and would fail here if it did. */
  @SuppressWarnings("NullAway")
  private static void runWithoutContext(CommandHandler handler, Args args, RespWriter out) {
    handler.run(null, args, out);
  }
}
