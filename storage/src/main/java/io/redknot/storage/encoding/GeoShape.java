package io.redknot.storage.encoding;

/**
 * Where places are searched: around a middle, within a radius, or within a box along the meridian.
 *
 * <p>A box is as high everywhere; its width is measured along the latitude of the place that is
 * looked at.
 *
 * @param longitude of the middle, degrees
 * @param latitude of the middle, degrees
 * @param radius of a circle; negative for a box
 * @param width of a box
 * @param height of a box
 * @param unit what a length of 1 is in meters
 */
public record GeoShape(
    double longitude, double latitude, double radius, double width, double height, double unit) {
  /** What {@link #distance} tells of a place that is not inside. */
  public static final double OUTSIDE = -1;

  private static final double NO_RADIUS = -1;

  /** A circle. */
  public static GeoShape circle(double longitude, double latitude, double radius, double unit) {
    return new GeoShape(longitude, latitude, radius, 0, 0, unit);
  }

  /** A box. */
  public static GeoShape box(
      double longitude, double latitude, double width, double height, double unit) {
    return new GeoShape(longitude, latitude, NO_RADIUS, width, height, unit);
  }

  boolean isCircle() {
    return radius >= 0;
  }

  /** Half the width of the smallest box around this, in the unit. */
  double halfWidth() {
    return isCircle() ? radius : width / 2;
  }

  /** Half the height of the smallest box around this, in the unit. */
  double halfHeight() {
    return isCircle() ? radius : height / 2;
  }

  /** The distance in meters from the middle to the furthest place. */
  double reachMeters() {
    return (isCircle() ? radius : Math.sqrt(width / 2 * (width / 2) + height / 2 * (height / 2)))
        * unit;
  }

  /** The distance in meters of a place from the middle, {@link #OUTSIDE} where it is not inside. */
  public double distance(double atLongitude, double atLatitude) {
    return isCircle()
        ? distanceInCircle(atLongitude, atLatitude)
        : distanceInBox(atLongitude, atLatitude);
  }

  private double distanceInCircle(double atLongitude, double atLatitude) {
    double distance = GeoDistance.between(longitude, latitude, atLongitude, atLatitude);
    return distance > radius * unit ? OUTSIDE : distance;
  }

  private double distanceInBox(double atLongitude, double atLatitude) {
    if (GeoDistance.ofLatitudes(atLatitude, latitude) > height * unit / 2
        || GeoDistance.between(atLongitude, atLatitude, longitude, atLatitude) > width * unit / 2) {
      return OUTSIDE;
    }
    return GeoDistance.between(longitude, latitude, atLongitude, atLatitude);
  }

  /** The distance in meters of the place of a score from the middle, inside or not. */
  public double exactDistance(double score) {
    return GeoDistance.betweenExactly(
        longitude, latitude, GeoHash.longitude(score), GeoHash.latitude(score));
  }
}
