package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;

/**
 * Times to live as SET, GETEX and their kin take them.
 *
 * <p>Options are read into one {@code long}, so that nothing is allocated: bits that say what was
 * given, and above them the position of the argument with the time.
 */
final class ExpiryArguments {
  static final int NX = 1;
  static final int XX = 1 << 1;
  static final int GET = 1 << 2;
  static final int KEEPTTL = 1 << 3;
  static final int PERSIST = 1 << 4;
  static final int EX = 1 << 5;
  static final int PX = 1 << 6;
  static final int EXAT = 1 << 7;
  static final int PXAT = 1 << 8;

  private static final int TIMES = EX | PX | EXAT | PXAT;

  private ExpiryArguments() {}

  /** Whether the options have one of the given bits. */
  static boolean has(long options, int bits) {
    return (options & bits) != 0;
  }

  /** Whether a time to live was given. */
  static boolean hasTime(long options) {
    return has(options, TIMES);
  }

  /**
   * Reads options to the end of the arguments. As in Redis an option may be repeated, then the last
   * time counts; two that contradict each other may not.
   *
   * @param allowed which of {@link #NX}, {@link #XX}, {@link #GET}, {@link #KEEPTTL} and {@link
   *     #PERSIST} the command knows; times are always allowed
   * @throws CommandError syntax error
   */
  static long options(Args args, int first, int allowed) {
    int given = 0;
    int timeAt = 0;
    int i = first;
    while (i < args.count()) {
      int option = option(args, i);
      boolean takesTime = (option & TIMES) != 0;
      if (option == 0
          || (option & (allowed | TIMES)) == 0
          || (given & rivals(option)) != 0
          || (takesTime && i + 1 == args.count())) {
        throw CommandError.SYNTAX;
      }
      given |= option;
      if (takesTime) {
        timeAt = ++i;
      }
      i++;
    }
    return given | (long) timeAt << 32;
  }

  private static int option(Args args, int index) {
    return switch (args.length(index)) {
      case 2 ->
          args.is(index, "ex")
              ? EX
              : args.is(index, "px")
                  ? PX
                  : args.is(index, "nx") ? NX : args.is(index, "xx") ? XX : 0;
      case 3 -> args.is(index, "get") ? GET : 0;
      case 4 -> args.is(index, "exat") ? EXAT : args.is(index, "pxat") ? PXAT : 0;
      case 7 -> args.is(index, "keepttl") ? KEEPTTL : args.is(index, "persist") ? PERSIST : 0;
      default -> 0;
    };
  }

  /** The options that an option must not stand with. */
  private static int rivals(int option) {
    return switch (option) {
      case NX -> XX;
      case XX -> NX;
      case GET -> 0;
      default -> (TIMES | KEEPTTL | PERSIST) & ~option;
    };
  }

  /**
   * The time of the options as Unix ms.
   *
   * @throws CommandError not an integer, or out of range
   */
  static long expiryMs(CommandContext ctx, Args args, long options) {
    int unit = has(options, EX | EXAT) ? 1000 : 1;
    return expiryMs(ctx, args, (int) (options >>> 32), unit, has(options, EX | PX));
  }

  /**
   * A time argument as Unix ms; it must be positive.
   *
   * @param unitMs 1000 for seconds, 1 for milliseconds
   * @param fromNow whether it counts from now
   * @throws CommandError not an integer, or out of range
   */
  static long expiryMs(CommandContext ctx, Args args, int index, int unitMs, boolean fromNow) {
    if (!args.isLong(index)) {
      throw CommandError.NOT_INTEGER;
    }
    long time = args.toLong(index);
    long base = fromNow ? ctx.nowMs() : 0;
    if (time <= 0 || time > (Long.MAX_VALUE - base) / unitMs) {
      throw CommandError.of("ERR invalid expire time in '" + ctx.spec().name() + "' command");
    }
    return time * unitMs + base;
  }

  /**
   * Whether a key with that expiry is to be removed at once: not where commands are replayed, since
   * its removal is told by who gave them.
   */
  static boolean isPast(CommandContext ctx, long expiryMs) {
    return expiryMs <= ctx.nowMs() && !ctx.session().replays();
  }
}
