package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.server.dispatch.CommandError;
import io.redknot.storage.encoding.GeoHash;

/** Arguments that are places or lengths. */
final class GeoArguments {
  private static final CommandError BAD_UNIT =
      CommandError.of("ERR unsupported unit provided. please use M, KM, FT, MI");

  private GeoArguments() {}

  /**
   * Requires the two arguments from an index on to be a longitude and a latitude.
   *
   * @throws CommandError no numbers, or out of range
   */
  static void checkPlace(Args args, int index) {
    double longitude = DoubleArgument.of(args, index);
    double latitude = DoubleArgument.of(args, index + 1);
    if (!GeoHash.isValid(longitude, latitude)) {
      throw CommandError.of(
          "ERR invalid longitude,latitude pair "
              + GeoText.plain(longitude)
              + ","
              + GeoText.plain(latitude));
    }
  }

  /**
   * The meters of a unit.
   *
   * @throws CommandError no unit
   */
  static double unit(Args args, int index) {
    if (args.is(index, "m")) {
      return 1;
    }
    if (args.is(index, "km")) {
      return 1000;
    }
    if (args.is(index, "ft")) {
      return 0.3048;
    }
    if (args.is(index, "mi")) {
      return 1609.34;
    }
    throw BAD_UNIT;
  }
}
