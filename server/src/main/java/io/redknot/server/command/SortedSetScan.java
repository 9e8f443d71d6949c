package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.SORTEDSET;
import static io.redknot.server.dispatch.CommandFlag.READONLY;

import io.redknot.protocol.Args;
import io.redknot.protocol.AsciiNumbers;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.storage.encoding.ScoredVisitor;
import io.redknot.storage.keyspace.GlobPattern;
import io.redknot.storage.value.SortedSetValue;

/** ZSCAN. */
final class SortedSetScan {
  private static final CommandError INVALID_CURSOR = CommandError.of("ERR invalid cursor");
  private static final GlobPattern ALL = GlobPattern.of(new byte[] {'*'});
  private static final long COUNT_DEFAULT = 10;

  /** Steps at most for each element that is asked for; so a scan ends though little is found. */
  private static final long STEPS_PER_ELEMENT = 10;

  private SortedSetScan() {}

  /** Adds the row. */
  static void register(CommandTable table) {
    table
        .add("zscan", -3, SortedSetScan::scan)
        .flags(READONLY)
        .in(SORTEDSET)
        .keys(KeySpec.at(1, "RO access"))
        .tips("nondeterministic_output");
  }

  private static void scan(CommandContext ctx, Args args, RespWriter out) {
    long cursor = Cursor.of(args, 2);
    if (cursor == Cursor.INVALID) {
      throw INVALID_CURSOR;
    }
    SortedSetValue set = SortedSets.read(ctx, args, 1);
    if (set == null) {
      out.array(2);
      out.bulk(0);
      out.array(0);
      return;
    }
    GlobPattern pattern = ALL;
    long count = COUNT_DEFAULT;
    for (int i = 3; i < args.count(); i += 2) {
      if (i + 1 == args.count()) {
        throw CommandError.SYNTAX;
      }
      if (args.is(i, "count")) {
        count = count(args, i + 1);
      } else if (args.is(i, "match")) {
        pattern = GlobPattern.of(args.copy(i + 1));
      } else {
        throw CommandError.SYNTAX;
      }
    }
    scan(set, cursor, count, pattern, out);
  }

  private static long count(Args args, int index) {
    long count = LongArgument.of(args, index);
    if (count < 1) {
      throw CommandError.SYNTAX;
    }
    return count;
  }

  private static void scan(
      SortedSetValue set, long cursor, long count, GlobPattern pattern, RespWriter out) {
    KeyList found = new KeyList();
    byte[] text = new byte[AsciiNumbers.DOUBLE_TEXT_MAX];
    long[] seen = {0};
    ScoredVisitor visitor =
        (score, member, offset, length) -> {
          seen[0]++;
          if (pattern.matches(member, offset, length)) {
            found.add(member, offset, length);
            found.add(text, 0, AsciiNumbers.write(score, text, 0));
          }
        };
    long position = cursor;
    long stepsLeft = Math.min(count, set.count()) * STEPS_PER_ELEMENT;
    do {
      int wanted = (int) Math.min(count - seen[0], Integer.MAX_VALUE);
      position = set.scan(position, wanted, visitor);
      stepsLeft--;
    } while (position != 0 && stepsLeft > 0 && seen[0] < count);
    out.array(2);
    out.bulk(position);
    found.writeTo(out);
  }
}
