package io.redknot.storage.encoding;

/**
 * Distances on a sphere as large as Redis takes the earth to be, by the haversine formula; angles
 * are degrees, lengths meters.
 */
public final class GeoDistance {
  /** Radius of the earth. */
  static final double EARTH_RADIUS = 6372797.560856;

  private static final double RADIANS = Math.PI / 180.0;

  private GeoDistance() {}

  static double radians(double degrees) {
    return degrees * RADIANS;
  }

  static double degrees(double radians) {
    return radians / RADIANS;
  }

  /** The distance of two places; NaN where rounding puts antipodes further away than possible. */
  public static double between(
      double longitude1, double latitude1, double longitude2, double latitude2) {
    double half = halfChord(longitude1, latitude1, longitude2, latitude2);
    return half < 0 ? ofLatitudes(latitude1, latitude2) : 2.0 * EARTH_RADIUS * Math.asin(half);
  }

  /** As {@link #between}, with the last digit right, for what is stored; it takes longer. */
  public static double betweenExactly(
      double longitude1, double latitude1, double longitude2, double latitude2) {
    double half = halfChord(longitude1, latitude1, longitude2, latitude2);
    return half < 0 ? ofLatitudes(latitude1, latitude2) : 2.0 * EARTH_RADIUS * ArcSine.of(half);
  }

  /** Half the straight distance on a sphere of radius 1; -1 where the longitude is the same. */
  private static double halfChord(
      double longitude1, double latitude1, double longitude2, double latitude2) {
    double v = Math.sin((radians(longitude2) - radians(longitude1)) / 2);
    if (v == 0) {
      return -1;
    }
    double y1 = radians(latitude1);
    double y2 = radians(latitude2);
    double u = Math.sin((y2 - y1) / 2);
    return Math.sqrt(u * u + Math.cos(y1) * Math.cos(y2) * v * v);
  }

  /** The distance of two places of the same longitude. */
  static double ofLatitudes(double latitude1, double latitude2) {
    return EARTH_RADIUS * Math.abs(radians(latitude2) - radians(latitude1));
  }
}
