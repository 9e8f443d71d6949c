package io.redknot.storage.encoding;

import java.util.Arrays;

/**
 * The cells in which the places of a shape are searched: that of its middle and up to eight around
 * it, as large as the shape needs. Each is a range of scores.
 *
 * <p>Which cells, and in which order, is as in Redis: the order of unsorted replies follows from
 * it.
 */
public final class GeoArea {
  /** Half the circumference of the earth as the Mercator map has it, meters. */
  private static final double MERCATOR_MAX = 20037726.37;

  /** Towards the poles cells are narrower than they are high; from these latitudes on. */
  private static final double NARROW_LATITUDE = 66;

  private static final double NARROWER_LATITUDE = 80;

  /** The middle, north, south, east, west, and the corners. */
  private static final int[] DX = {0, 0, 0, 1, -1, 1, -1, 1, -1};

  private static final int[] DY = {0, 1, -1, 0, 0, 1, 1, -1, -1};

  /** Cells that need no search; no cell is negative. */
  private static final long LEFT_OUT = -1;

  private final long[] cells = new long[DX.length];
  private int steps;
  private int count;

  /** The cells of a shape. */
  public GeoArea(GeoShape shape) {
    double latitude = shape.latitude();
    double meters = shape.halfHeight() * shape.unit();
    double dy = GeoDistance.degrees(meters / GeoDistance.EARTH_RADIUS);
    // Widest, in degrees, at the edge towards the pole.
    double edge = latitude < 0 ? latitude - dy : latitude + dy;
    double dx =
        GeoDistance.degrees(
            shape.unit()
                * shape.halfWidth()
                / GeoDistance.EARTH_RADIUS
                / Math.cos(GeoDistance.radians(edge)));
    Bounds bounds =
        new Bounds(shape.longitude() - dx, shape.longitude() + dx, latitude - dy, latitude + dy);
    steps = steps(shape.reachMeters(), latitude);
    place(shape);
    if (steps > 1 && isTooSmallFor(bounds)) {
      steps--;
      place(shape);
    }
    if (steps > 1) {
      leaveOut(bounds);
    }
    removeRepeated();
  }

  private record Bounds(double west, double east, double south, double north) {}

  /** How many bits of each coordinate the cells have. */
  private static int steps(double meters, double latitude) {
    if (meters == 0) {
      return GeoHash.STEPS_MAX;
    }
    int steps = 1;
    for (double size = meters; size < MERCATOR_MAX; size *= 2) {
      steps++;
    }
    // Twice as large, so that a middle near a cell's edge has the whole shape in the neighbours.
    steps -= 2;
    if (Math.abs(latitude) > NARROW_LATITUDE) {
      steps--;
      if (Math.abs(latitude) > NARROWER_LATITUDE) {
        steps--;
      }
    }
    return Math.clamp(steps, 1, GeoHash.STEPS_MAX);
  }

  private void place(GeoShape shape) {
    long middle = GeoHash.encode(shape.longitude(), shape.latitude(), GeoHash.LATITUDE_MAX, steps);
    for (int i = 0; i < cells.length; i++) {
      cells[i] = GeoHash.neighbor(middle, DX[i], DY[i], steps);
    }
  }

  private boolean isTooSmallFor(Bounds bounds) {
    return GeoHash.north(cells[1], steps) < bounds.north
        || GeoHash.south(cells[2], steps) > bounds.south
        || GeoHash.east(cells[3], steps) < bounds.east
        || GeoHash.west(cells[4], steps) > bounds.west;
  }

  /** Leaves out the sides to which the middle cell already goes beyond the bounds. */
  private void leaveOut(Bounds bounds) {
    boolean south = GeoHash.south(cells[0], steps) < bounds.south;
    boolean north = GeoHash.north(cells[0], steps) > bounds.north;
    boolean west = GeoHash.west(cells[0], steps) < bounds.west;
    boolean east = GeoHash.east(cells[0], steps) > bounds.east;
    for (int i = 1; i < cells.length; i++) {
      if ((DY[i] < 0 ? south : DY[i] > 0 && north) || (DX[i] < 0 ? west : DX[i] > 0 && east)) {
        cells[i] = LEFT_OUT;
      }
    }
  }

  /** Closes the gaps, and drops cells that are those before them: the map is a few cells wide. */
  private void removeRepeated() {
    for (long cell : cells.clone()) {
      // The middle cell is never compared, as in Redis.
      if (cell != LEFT_OUT && (count < 2 || cell != cells[count - 1])) {
        cells[count++] = cell;
      }
    }
  }

  /** Number of ranges. */
  public int count() {
    return count;
  }

  /** The least score of a range. */
  public double from(int range) {
    return cells[range] << shift();
  }

  /** The score that is behind a range. */
  public double to(int range) {
    return (cells[range] + 1) << shift();
  }

  private int shift() {
    return 2 * (GeoHash.STEPS_MAX - steps);
  }

  @Override
  public String toString() {
    return Arrays.toString(Arrays.copyOf(cells, count)) + " of " + 2 * steps + " bits";
  }
}
