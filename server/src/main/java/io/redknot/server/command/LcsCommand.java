package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.STRING;
import static io.redknot.server.dispatch.CommandFlag.READONLY;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.StringValue;
import java.util.List;

/** LCS: the longest common subsequence of two strings. */
public final class LcsCommand {
  private static final CommandError NOT_STRINGS =
      CommandError.of("ERR The specified keys must contain string values");
  private static final CommandError LENGTH_AND_INDEXES =
      CommandError.of("ERR If you want both the length and indexes, please just use IDX.");
  private static final CommandError TOO_LARGE =
      CommandError.of(
          "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");

  private record Options(
      boolean length, boolean indexes, long matchLengthLeast, boolean matchLengths) {}

  private LcsCommand() {}

  /** Adds the row. */
  public static void register(CommandTable table) {
    table
        .add("lcs", -3, LcsCommand::run)
        .flags(READONLY)
        .in(STRING)
        .keys(KeySpec.range(1, 1, 1, "RO access"));
  }

  private static void run(CommandContext ctx, Args args, RespWriter out) {
    long first = Keys.read(ctx, args, 1);
    long second = Keys.read(ctx, args, 2);
    StringSlice a = string(ctx, first);
    StringSlice b = string(ctx, second);
    Options options = options(args);
    if (options.length && options.indexes) {
      throw LENGTH_AND_INDEXES;
    }
    // What Redis would take for its table; Redknot's is a 32nd of that.
    double bytes = 4.0 * (a.length() + 1L) * (b.length() + 1L);
    if (bytes > StringEdits.bytesMax(ctx)) {
      throw TOO_LARGE;
    }
    CommonSubsequence common = new CommonSubsequence(a, b, !options.length);
    if (options.indexes) {
      writeIndexes(common, options, out);
    } else if (options.length) {
      out.integer(common.length());
    } else {
      out.bulk(common.bytes());
    }
  }

  private static StringSlice string(CommandContext ctx, long ref) {
    Keyspace keys = ctx.keyspace();
    if (ref != 0 && !StringValue.isString(keys, ref)) {
      throw NOT_STRINGS;
    }
    return StringSlice.of(keys, ref);
  }

  private static Options options(Args args) {
    boolean length = false;
    boolean indexes = false;
    boolean matchLengths = false;
    long matchLengthLeast = 0;
    for (int i = 3; i < args.count(); i++) {
      if (args.is(i, "idx")) {
        indexes = true;
      } else if (args.is(i, "len")) {
        length = true;
      } else if (args.is(i, "withmatchlen")) {
        matchLengths = true;
      } else if (args.is(i, "minmatchlen") && i + 1 < args.count()) {
        i++;
        if (!args.isLong(i)) {
          throw CommandError.NOT_INTEGER;
        }
        matchLengthLeast = args.toLong(i);
      } else {
        throw CommandError.SYNTAX;
      }
    }
    return new Options(length, indexes, matchLengthLeast, matchLengths);
  }

  private static void writeIndexes(CommonSubsequence common, Options options, RespWriter out) {
    List<CommonSubsequence.Match> matches =
        common.matches().stream()
            .filter(match -> match.length() >= options.matchLengthLeast)
            .toList();
    out.map(2);
    out.bulk("matches");
    out.array(matches.size());
    for (CommonSubsequence.Match match : matches) {
      out.array(options.matchLengths ? 3 : 2);
      writeRange(match.inA(), match.length(), out);
      writeRange(match.inB(), match.length(), out);
      if (options.matchLengths) {
        out.integer(match.length());
      }
    }
    out.bulk("len");
    out.integer(common.length());
  }

  private static void writeRange(int first, int length, RespWriter out) {
    out.array(2);
    out.integer(first);
    out.integer(first + length - 1);
  }
}
