package io.redknot.server.command;

import io.redknot.storage.encoding.GeoArea;
import io.redknot.storage.encoding.GeoHash;
import io.redknot.storage.encoding.GeoShape;
import io.redknot.storage.value.SortedSetValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The places of a sorted set that a search found, by their ranks, which hold until it changes. */
final class GeoPlaces {
  /** Where only some places are wanted, so many are looked at before they are counted. */
  private static final int STEP = 64;

  private record Place(long rank, double score, double distance) {}

  private final List<Place> places = new ArrayList<>();

  /** The rank of the place that is visited. */
  private long rank;

  /**
   * Finds the places in a shape.
   *
   * @param enough how many to find at most; 0: all
   */
  void find(SortedSetValue set, GeoShape shape, long enough) {
    GeoArea area = new GeoArea(shape);
    long max = enough == 0 ? Long.MAX_VALUE : enough;
    for (int i = 0; i < area.count() && places.size() < max; i++) {
      rank = set.countBelow(area.from(i), false);
      long end = set.countBelow(area.to(i), false);
      while (rank < end && places.size() < max) {
        long step = enough == 0 ? end - rank : Math.min(STEP, end - rank);
        set.visit(rank, step, false, (score, member, offset, length) -> look(shape, score, max));
      }
    }
  }

  private void look(GeoShape shape, double score, long max) {
    double distance = shape.distance(GeoHash.longitude(score), GeoHash.latitude(score));
    if (distance != GeoShape.OUTSIDE && places.size() < max) {
      places.add(new Place(rank, score, distance));
    }
    rank++;
  }

  /** Puts the places in order; those of the same distance stay in theirs. */
  void order(GeoQuery.Order order) {
    Comparator<Place> nearest = Comparator.comparingDouble(Place::distance);
    switch (order) {
      case NONE -> {}
      case ASCENDING -> places.sort(nearest);
      case DESCENDING -> places.sort(nearest.reversed());
    }
  }

  /** How many places there are. */
  int count() {
    return places.size();
  }

  /** The rank of a place in its set. */
  long rank(int index) {
    return places.get(index).rank();
  }

  /** The score of a place. */
  double score(int index) {
    return places.get(index).score();
  }

  /** The distance of a place from the middle, meters. */
  double distance(int index) {
    return places.get(index).distance();
  }
}
