package io.redknot.server.command;

import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.READONLY;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.Server;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;

/**
 * LOLWUT: a drawing and the version. The drawing is a rope of two strands that cross, a knot in the
 * making.
 */
final class Lolwut {
  private static final int CROSSINGS = 5;
  private static final int CROSSINGS_MAX = 40;
  private static final String[] CROSSING = {
    "\\     /", " \\   / ", "  \\ /  ", "   \\   ", "  / \\  ", " /   \\ ", "/     \\"
  };

  private Lolwut() {}

  static void register(CommandTable table) {
    table.add("lolwut", -1, Lolwut::lolwut).flags(READONLY, FAST);
  }

  private static void lolwut(CommandContext ctx, Args args, RespWriter out) {
    int next = 1;
    if (args.count() > 2 && args.is(1, "version")) {
      number(args, 2);
      next = 3;
    }
    long crossings = args.count() > next ? number(args, next) : CROSSINGS;
    StringBuilder text = new StringBuilder();
    for (String row : CROSSING) {
      text.repeat(row, Math.clamp(crossings, 1, CROSSINGS_MAX)).append('\n');
    }
    text.append("\nRedknot, a bird and a rope. Redis ver. ").append(Server.REDIS_VERSION);
    out.verbatim("txt", text.append('\n').toString());
  }

  private static long number(Args args, int index) {
    if (!args.isLong(index)) {
      throw CommandError.NOT_INTEGER;
    }
    return args.toLong(index);
  }
}
