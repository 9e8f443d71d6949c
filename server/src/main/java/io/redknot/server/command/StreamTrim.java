package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.replication.Effects;
import io.redknot.storage.encoding.StreamEntries;
import io.redknot.storage.encoding.StreamId;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.memory.LargeValue;
import org.jspecify.annotations.Nullable;

/** What XTRIM, and XADD before its id, are told of how a stream is to be trimmed. */
final class StreamTrim {
  private static final CommandError BOTH =
      CommandError.of(
          "ERR syntax error, MAXLEN and MINID options at the same time are not compatible");
  private static final CommandError NEGATIVE_MAXLEN =
      CommandError.of("ERR The MAXLEN argument must be >= 0.");
  private static final CommandError NEGATIVE_LIMIT =
      CommandError.of("ERR The LIMIT argument must be >= 0.");
  private static final CommandError LIMIT_ALONE =
      CommandError.of(
          "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy");
  private static final CommandError NO_STRATEGY =
      CommandError.of("ERR syntax error, XTRIM must be called with a trimming strategy");
  private static final CommandError LIMIT_OF_EXACT =
      CommandError.of("ERR syntax error, LIMIT cannot be used without the special ~ option");

  private static final int FIRST_OPTION = 2;
  private static final long LIMIT_NODES = 100;
  private static final long LIMIT_DEFAULT = 10_000;
  private static final long LIMIT_DEFAULT_MAX = 1_000_000;

  private boolean trims;
  private boolean wholeNodesOnly;
  private long lengthMax;
  private @Nullable StreamId least;
  private long limit;
  private boolean limited;

  /** Index of the argument that is the threshold. */
  private int thresholdAt;

  private boolean noMakeStream;

  /** Index of the argument at which options ended. */
  private int end = FIRST_OPTION;

  private StreamTrim() {}

  /** Reads all arguments behind the key. */
  static StreamTrim ofTrim(CommandContext ctx, Args args) {
    StreamTrim trim = new StreamTrim();
    while (trim.end < args.count()) {
      if (!trim.option(args)) {
        throw CommandError.SYNTAX;
      }
    }
    trim.check(ctx, true);
    return trim;
  }

  /** Reads the arguments from the key to the id, which {@link #end} then names. */
  static StreamTrim ofAdd(CommandContext ctx, Args args) {
    StreamTrim trim = new StreamTrim();
    while (trim.end < args.count() && !args.is(trim.end, "*")) {
      if (args.is(trim.end, "nomkstream")) {
        trim.noMakeStream = true;
        trim.end++;
      } else if (!trim.option(args)) {
        if (StreamIds.withoutSeq(args, trim.end) == null) {
          StreamIds.of(args, trim.end);
        }
        break;
      }
    }
    trim.check(ctx, false);
    return trim;
  }

  private boolean option(Args args) {
    if (end + 1 == args.count()) {
      return false;
    }
    if (args.is(end, "maxlen")) {
      strategy(args);
      lengthMax = integer(args, end);
      if (lengthMax < 0) {
        throw NEGATIVE_MAXLEN;
      }
    } else if (args.is(end, "minid")) {
      strategy(args);
      least = StreamIds.of(args, end);
    } else if (args.is(end, "limit")) {
      end++;
      limit = integer(args, end);
      limited = true;
      if (limit < 0) {
        throw NEGATIVE_LIMIT;
      }
    } else {
      return false;
    }
    end++;
    return true;
  }

  private static long integer(Args args, int index) {
    if (!args.isLong(index)) {
      throw CommandError.NOT_INTEGER;
    }
    return args.toLong(index);
  }

  /** Goes on to the threshold. */
  private void strategy(Args args) {
    if (trims) {
      throw BOTH;
    }
    trims = true;
    end++;
    if (end + 1 < args.count() && (args.is(end, "~") || args.is(end, "="))) {
      wholeNodesOnly = args.is(end, "~");
      end++;
    }
    thresholdAt = end;
  }

  private void check(CommandContext ctx, boolean mustTrim) {
    if (limit > 0 && !trims) {
      throw LIMIT_ALONE;
    }
    if (mustTrim && !trims) {
      throw NO_STRATEGY;
    }
    if (ctx.session().replays()) {
      // Told with the threshold that the limit had led to, which is to be reached.
      limit = 0;
      return;
    }
    if (limited && !wholeNodesOnly) {
      throw LIMIT_OF_EXACT;
    }
    if (!limited && wholeNodesOnly) {
      long entries = ctx.server().config().streamNodeMaxEntries.get();
      boolean overflows = entries > LIMIT_DEFAULT_MAX;
      limit = overflows ? LIMIT_DEFAULT_MAX : Math.min(LIMIT_NODES * entries, LIMIT_DEFAULT_MAX);
      if (limit == 0) {
        limit = LIMIT_DEFAULT;
      }
    }
  }

  /** Index of the argument behind the options. */
  int end() {
    return end;
  }

  /** Whether a stream that is not there is not to be made. */
  boolean noMakeStream() {
    return noMakeStream;
  }

  /**
   * Adds a command's name and its arguments up to the options' end, as they have to be told: what
   * was trimmed with a limit is told as the exact length, or least id, that came of it.
   *
   * @param entries the stream as it is now
   */
  Effects propagate(CommandContext ctx, Args args, StreamEntries entries) {
    Effects effects = ctx.propagateAs(args, 0);
    if (!wholeNodesOnly) {
      return effects.words(args, 1, end);
    }
    effects.words(args, 1, thresholdAt - 1).word("=");
    if (least == null) {
      effects.word(entries.length());
    } else {
      effects.word((entries.length() == 0 ? StreamId.MAX : entries.first()).toString());
    }
    return effects.words(args, thresholdAt + 1, end);
  }

  /** Trims; how many entries were removed. */
  long trim(Keyspace keys, StreamEntries entries) {
    if (!trims) {
      return 0;
    }
    StreamId minimum = least;
    long before = entries.length();
    LargeValue cut =
        minimum == null ? entries.cutToLength(lengthMax, limit) : entries.cutBefore(minimum, limit);
    if (cut != null) {
      keys.drop(cut);
    }
    long dropped = before - entries.length();
    if (limit > 0 && dropped == limit) {
      return dropped;
    }
    long rest = limit == 0 ? 0 : limit - dropped;
    return dropped
        + (minimum == null
            ? entries.trimToLength(lengthMax, wholeNodesOnly, rest)
            : entries.trimBefore(minimum, wholeNodesOnly, rest));
  }
}
