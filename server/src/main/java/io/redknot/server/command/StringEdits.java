package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.StringValue;

/** Strings changed in place, and how long they may become. */
final class StringEdits {
  /** Longest string in bytes, whatever is configured: what one array holds. */
  private static final long BYTES_MAX = Integer.MAX_VALUE - 1024;

  private static final byte[] NOTHING = {};

  private StringEdits() {}

  /** Longest string in bytes. */
  static long bytesMax(CommandContext ctx) {
    return Math.min(ctx.server().config().protoMaxBulkLen.get(), BYTES_MAX);
  }

  /**
   * The length of a string that grows.
   *
   * @throws CommandError where it would be too long
   */
  static int grown(CommandContext ctx, long length, int added) {
    if (length > bytesMax(ctx) - added) {
      throw CommandError.STRING_TOO_LONG;
    }
    return (int) length + added;
  }

  /**
   * Prepares a string for editing: a missing one is created, a shorter one lengthened with zeros.
   * Its bytes are then the first of the entry's value array.
   *
   * @param ref what {@link Keys#findString} just returned
   * @param index the argument that is the key
   * @return the entry's reference
   */
  static long open(Keyspace keys, long ref, Args args, int index, int lengthLeast) {
    if (ref == 0) {
      return StringValue.create(
          keys, args.array(), args.offset(index), args.length(index), lengthLeast);
    }
    StringSlice old = StringSlice.of(keys, ref);
    byte[] text = StringValue.isInteger(keys, ref) ? old.array() : NOTHING;
    return StringValue.edit(keys, ref, text, Math.max(old.length(), lengthLeast));
  }
}
