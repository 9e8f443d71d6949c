package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.SORTEDSET;
import static io.redknot.server.dispatch.CommandFlag.READONLY;

import io.redknot.protocol.Args;
import io.redknot.protocol.AsciiNumbers;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.storage.encoding.ScoredVisitor;
import io.redknot.storage.value.SortedSetValue;

/** ZSCAN. */
final class SortedSetScan {
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
    long cursor = ElementScan.cursor(args);
    SortedSetValue set = SortedSets.read(ctx, args, 1);
    ElementScan.Walk walk = (scan, found) -> set == null ? 0 : walk(set, scan, cursor, found);
    ElementScan.answer(args, set != null, walk, out);
  }

  private static long walk(SortedSetValue set, ElementScan scan, long cursor, KeyList found) {
    byte[] text = new byte[AsciiNumbers.DOUBLE_TEXT_MAX];
    long[] visited = {0};
    ScoredVisitor visitor =
        (score, member, offset, length) -> {
          visited[0]++;
          if (scan.matches(member, offset, length)) {
            found.add(member, offset, length);
            found.add(text, 0, AsciiNumbers.write(score, text, 0));
          }
        };
    return scan.walk(cursor, visited, (position, atOnce) -> set.scan(position, atOnce, visitor));
  }
}
