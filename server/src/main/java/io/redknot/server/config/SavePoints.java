package io.redknot.server.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** When a snapshot is taken by itself: after so many changes within so many seconds. */
public record SavePoints(List<Point> points) {
  /**
   * One rule.
   *
   * @param seconds at least 1
   * @param changes at least 0
   */
  public record Point(long seconds, long changes) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Point that && seconds == that.seconds && changes == that.changes;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(31 * seconds + changes);
    }
  }

  /** Copies the list. */
  public SavePoints {
    points = List.copyOf(points);
  }

  // The methods of a record are linked when they are first called, which the start would pay for.

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SavePoints that && points.equals(that.points);
  }

  @Override
  public int hashCode() {
    return points.hashCode();
  }

  static final ConfigType<SavePoints> TYPE = new Type();

  private record Type() implements ConfigType<SavePoints> {
    @Override
    public Class<SavePoints> valueClass() {
      return SavePoints.class;
    }

    @Override
    public SavePoints parse(List<String> words, @Nullable SavePoints current)
        throws BadValueException {
      if (words.size() % 2 != 0) {
        throw refusal();
      }
      List<Point> points = new ArrayList<>();
      for (int i = 0; i < words.size(); i += 2) {
        points.add(new Point(number(words.get(i), 1), number(words.get(i + 1), 0)));
      }
      return new SavePoints(points);
    }

    /** Lines add up; a line without any point takes back those before it. */
    @Override
    public SavePoints parseAgain(List<String> words, SavePoints current) throws BadValueException {
      SavePoints more = parse(words, null);
      List<Point> all = new ArrayList<>();
      if (!more.points.isEmpty()) {
        all.addAll(current.points);
        all.addAll(more.points);
      }
      return new SavePoints(all);
    }

    private static long number(String word, long min) throws BadValueException {
      try {
        long value = Long.parseLong(word);
        if (value >= min) {
          return value;
        }
      } catch (NumberFormatException notANumber) {
        // Same answer as for a number that is too small.
      }
      throw refusal();
    }

    private static BadValueException refusal() {
      return new BadValueException("Invalid save parameters");
    }

    @Override
    public String print(SavePoints value) {
      List<String> words = new ArrayList<>();
      for (Point point : value.points) {
        words.add(point.seconds + " " + point.changes);
      }
      return String.join(" ", words);
    }

    @Override
    public List<String> lines(String name, SavePoints value) {
      if (value.points.isEmpty()) {
        return List.of(name + " \"\"");
      }
      List<String> lines = new ArrayList<>();
      for (Point point : value.points) {
        lines.add(name + " " + point.seconds + " " + point.changes);
      }
      return lines;
    }

    @Override
    public boolean takesManyWords() {
      return true;
    }

    @Override
    public String accepts() {
      return "pairs of seconds and changes; \"\" for never";
    }
  }
}
