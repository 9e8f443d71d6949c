package io.redknot.server.dispatch;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;

/** What a command does: reads its arguments, works on the keyspace, writes one reply. */
@FunctionalInterface
public interface CommandHandler {
  /**
   * Runs the command.
   *
   * @throws CommandError where the client is at fault; nothing has been changed and nothing written
   */
  void run(CommandContext ctx, Args args, RespWriter out);
}
