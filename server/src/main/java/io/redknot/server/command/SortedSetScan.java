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
    if (set == null) {
      ElementScan.writeEmpty(out);
      return;
    }
    ElementScan wanted = ElementScan.options(args);
    KeyList found = new KeyList();
    byte[] text = new byte[AsciiNumbers.DOUBLE_TEXT_MAX];
    long[] seen = {0};
    ScoredVisitor visitor =
        (score, member, offset, length) -> {
          seen[0]++;
          if (wanted.matches(member, offset, length)) {
            found.add(member, offset, length);
            found.add(text, 0, AsciiNumbers.write(score, text, 0));
          }
        };
    long position = cursor;
    do {
      int atOnce = (int) Math.min(wanted.count() - seen[0], Integer.MAX_VALUE);
      position = set.scan(position, atOnce, visitor);
    } while (position != 0 && seen[0] < wanted.count());
    ElementScan.write(out, position, found);
  }
}
