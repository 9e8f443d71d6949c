package io.redknot.server.info;

/** Collects the lines of INFO. */
final class InfoText {
  private static final String[] UNITS = {"B", "K", "M", "G", "T", "P"};
  private static final int UNIT = 1024;

  private final StringBuilder text = new StringBuilder(4096);

  /** Begins a section. */
  InfoText section(String title) {
    if (!text.isEmpty()) {
      text.append("\r\n");
    }
    text.append("# ").append(title).append("\r\n");
    return this;
  }

  InfoText field(String name, String value) {
    text.append(name).append(':').append(value).append("\r\n");
    return this;
  }

  InfoText field(String name, long value) {
    text.append(name).append(':').append(value).append("\r\n");
    return this;
  }

  InfoText field(String name, boolean value) {
    return field(name, value ? 1 : 0);
  }

  /** A decimal fraction with that many digits behind the point, and something behind it. */
  InfoText field(String name, double value, int digits, String suffix) {
    text.append(name).append(':');
    decimal(text, value, digits);
    text.append(suffix).append("\r\n");
    return this;
  }

  /** A decimal fraction with that many digits behind the point. */
  InfoText field(String name, double value, int digits) {
    return field(name, value, digits, "");
  }

  /** Bytes, and in another line the same for people. */
  InfoText bytes(String name, long value) {
    return field(name, value).field(name + "_human", human(value));
  }

  /** Fields that are 0 as long as nothing of their kind has happened. */
  InfoText zeros(String... names) {
    for (String name : names) {
      field(name, 0);
    }
    return this;
  }

  /** As Redis prints sizes: {@code 512B}, {@code 1.50K}. */
  static String human(long bytes) {
    if (bytes < UNIT) {
      return bytes + "B";
    }
    double value = bytes;
    int unit = 0;
    while (value >= UNIT && unit < UNITS.length - 1) {
      value /= UNIT;
      unit++;
    }
    StringBuilder out = new StringBuilder();
    decimal(out, value, 2);
    return out.append(UNITS[unit]).toString();
  }

  /** Appends a fraction, rounded half up; one that is no number or infinite as 0. */
  static void decimal(StringBuilder out, double value, int digits) {
    long scale = 1;
    for (int i = 0; i < digits; i++) {
      scale *= 10;
    }
    long scaled = Double.isFinite(value) ? Math.round(value * scale) : 0;
    if (scaled < 0) {
      out.append('-');
    }
    long magnitude = Math.abs(scaled);
    out.append(magnitude / scale);
    if (digits > 0) {
      String fraction = Long.toString(magnitude % scale);
      out.append('.').repeat('0', digits - fraction.length()).append(fraction);
    }
  }

  StringBuilder line() {
    return text;
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
