package io.redknot.storage.encoding;

/**
 * Places on earth as numbers of 52 bits, which are the scores of a sorted set: 26 bits of the
 * longitude and 26 of the latitude take turns, so that places of a square share the high bits.
 *
 * <p>The same cells, and the same operations on doubles in the same order, as in Redis. Longitudes
 * and latitudes are degrees; latitudes end where the Mercator map of the web is a square
 * (EPSG:3857).
 */
public final class GeoHash {
  /** The least and the greatest longitude. */
  public static final double LONGITUDE_MAX = 180;

  /** The greatest latitude; the least is its negative. */
  public static final double LATITUDE_MAX = 85.05112878;

  /** Bits of each coordinate in a score. */
  static final int STEPS_MAX = 26;

  /** Letters of {@link #text}. */
  public static final int TEXT_LETTERS = 11;

  /** The latitudes of the text form go to the poles. */
  private static final double POLE = 90;

  private static final String ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz";
  private static final int LETTER_BITS = 5;

  private static final long EVEN_BITS = 0x5555_5555_5555_5555L;

  private GeoHash() {}

  /** Whether a place can be encoded. */
  public static boolean isValid(double longitude, double latitude) {
    return longitude >= -LONGITUDE_MAX
        && longitude <= LONGITUDE_MAX
        && latitude >= -LATITUDE_MAX
        && latitude <= LATITUDE_MAX;
  }

  /** The score of a place that {@link #isValid}. */
  public static long encode(double longitude, double latitude) {
    return encode(longitude, latitude, LATITUDE_MAX, STEPS_MAX);
  }

  /** The cell of a place, of so many bits a coordinate. At the very edge it has one bit more. */
  static long encode(double longitude, double latitude, double latitudeMax, int steps) {
    double cells = 1L << steps;
    double y = (latitude + latitudeMax) / (latitudeMax + latitudeMax) * cells;
    double x = (longitude + LONGITUDE_MAX) / (LONGITUDE_MAX + LONGITUDE_MAX) * cells;
    return spread((long) y) | (spread((long) x) << 1);
  }

  /** Moves the low 32 bits to the even places. */
  private static long spread(long bits) {
    long b = bits & 0xffff_ffffL;
    b = (b | (b << 16)) & 0x0000_ffff_0000_ffffL;
    b = (b | (b << 8)) & 0x00ff_00ff_00ff_00ffL;
    b = (b | (b << 4)) & 0x0f0f_0f0f_0f0f_0f0fL;
    b = (b | (b << 2)) & 0x3333_3333_3333_3333L;
    return (b | (b << 1)) & EVEN_BITS;
  }

  /** The reverse of {@link #spread}: a number of 32 bits. */
  private static long gather(long bits) {
    long b = bits & EVEN_BITS;
    b = (b | (b >>> 1)) & 0x3333_3333_3333_3333L;
    b = (b | (b >>> 2)) & 0x0f0f_0f0f_0f0f_0f0fL;
    b = (b | (b >>> 4)) & 0x00ff_00ff_00ff_00ffL;
    b = (b | (b >>> 8)) & 0x0000_ffff_0000_ffffL;
    return (b | (b >>> 16)) & 0xffff_ffffL;
  }

  /** The number of a cell from west to east. */
  private static long column(long cell) {
    return gather(cell >>> 1);
  }

  /** The number of a cell from south to north. */
  private static long row(long cell) {
    return gather(cell);
  }

  /** The lower edge of the n-th of the cells between -max and max. */
  private static double edge(long n, double max, int steps) {
    // Numbers have 32 bits and wrap around: scores may come from anywhere.
    return -max + (n & 0xffff_ffffL) * 1.0 / (1L << steps) * (max + max);
  }

  static double west(long cell, int steps) {
    return edge(column(cell), LONGITUDE_MAX, steps);
  }

  static double east(long cell, int steps) {
    return edge(column(cell) + 1, LONGITUDE_MAX, steps);
  }

  static double south(long cell, int steps) {
    return edge(row(cell), LATITUDE_MAX, steps);
  }

  static double north(long cell, int steps) {
    return edge(row(cell) + 1, LATITUDE_MAX, steps);
  }

  /** The longitude of the middle of a score's cell. */
  public static double longitude(double score) {
    long cell = cell(score);
    double middle = (west(cell, STEPS_MAX) + east(cell, STEPS_MAX)) / 2;
    return Math.clamp(middle, -LONGITUDE_MAX, LONGITUDE_MAX);
  }

  /** The latitude of the middle of a score's cell. */
  public static double latitude(double score) {
    long cell = cell(score);
    double middle = (south(cell, STEPS_MAX) + north(cell, STEPS_MAX)) / 2;
    return Math.clamp(middle, -LATITUDE_MAX, LATITUDE_MAX);
  }

  /**
   * The cell of any score. Those that no place has are converted as C does on x86: modulo 2 to the
   * power of 64 where that is near, else the lowest or highest bit alone or nothing.
   */
  private static long cell(double score) {
    double half = 0x1p63;
    if (score < half) {
      return score >= -half ? (long) score : Long.MIN_VALUE;
    }
    double rest = score - half;
    return rest < half ? (long) rest ^ Long.MIN_VALUE : 0;
  }

  /**
   * The cell beside another one; beyond the edge of the map it is the one at the other side.
   *
   * @param dx -1 to the west, 1 to the east, 0
   * @param dy -1 to the south, 1 to the north, 0
   */
  static long neighbor(long cell, int dx, int dy, int steps) {
    long mask = -1L >>> (Long.SIZE - 2 * steps);
    long x = cell & ~EVEN_BITS;
    long y = cell & EVEN_BITS;
    if (dx != 0) {
      x = moved(x, EVEN_BITS & mask, dx) & ~EVEN_BITS & mask;
    }
    if (dy != 0) {
      y = moved(y, ~EVEN_BITS & mask, dy) & EVEN_BITS & mask;
    }
    return x | y;
  }

  /** Counts a coordinate up or down; the gaps between its bits are filled to carry. */
  private static long moved(long bits, long gaps, int by) {
    return by > 0 ? bits + gaps + 1 : (bits | gaps) - gaps - 1;
  }

  /**
   * Writes the geohash of a score as other programs know it, {@link #TEXT_LETTERS} letters. The
   * last one is always 0, as in Redis, since a score has no more bits.
   */
  public static void text(double score, byte[] target, int at) {
    long bits = encode(longitude(score), latitude(score), POLE, STEPS_MAX);
    for (int i = 0; i < TEXT_LETTERS; i++) {
      int shift = 2 * STEPS_MAX - (i + 1) * LETTER_BITS;
      int letter = shift < 0 ? 0 : (int) (bits >>> shift) & ((1 << LETTER_BITS) - 1);
      target[at + i] = (byte) ALPHABET.charAt(letter);
    }
  }
}
