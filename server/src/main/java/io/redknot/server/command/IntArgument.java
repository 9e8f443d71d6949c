package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.server.dispatch.CommandError;

/** Arguments that are 32-bit integers. */
final class IntArgument {
  private static final CommandError OUT_OF_RANGE =
      CommandError.of("ERR value is out of range, value must between -2147483648 and 2147483647");

  private IntArgument() {}

  static boolean isInt(Args args, int index) {
    return args.isLong(index) && args.toLong(index) == (int) args.toLong(index);
  }

  /**
   * The value of an argument.
   *
   * @throws CommandError not an integer, or of more than 32 bits
   */
  static int of(Args args, int index) {
    if (!args.isLong(index)) {
      throw CommandError.NOT_INTEGER;
    }
    if (!isInt(args, index)) {
      throw OUT_OF_RANGE;
    }
    return (int) args.toLong(index);
  }

  /**
   * The value of an argument that names a database.
   *
   * @throws CommandError not an integer, or no database's number
   */
  static int database(Args args, int index, int databases) {
    int db = of(args, index);
    if (db < 0 || db >= databases) {
      throw CommandError.DB_OUT_OF_RANGE;
    }
    return db;
  }
}
