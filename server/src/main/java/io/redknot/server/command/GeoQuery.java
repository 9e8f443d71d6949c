package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.server.dispatch.CommandError;
import io.redknot.storage.encoding.GeoHash;
import io.redknot.storage.encoding.GeoShape;
import io.redknot.storage.value.SortedSetValue;
import org.jspecify.annotations.Nullable;

/** The arguments of a search for places, read in the order in which Redis complains of them. */
final class GeoQuery {
  /** In which order places are told. */
  enum Order {
    NONE,
    ASCENDING,
    DESCENDING
  }

  private static final CommandError NO_RADIUS = CommandError.of("ERR need numeric radius");
  private static final CommandError NO_WIDTH = CommandError.of("ERR need numeric width");
  private static final CommandError NO_HEIGHT = CommandError.of("ERR need numeric height");
  private static final CommandError NEGATIVE_RADIUS =
      CommandError.of("ERR radius cannot be negative");
  private static final CommandError NEGATIVE_BOX =
      CommandError.of("ERR height or width cannot be negative");
  private static final CommandError NO_MEMBER =
      CommandError.of("ERR could not decode requested zset member");
  private static final CommandError BAD_COUNT = CommandError.of("ERR COUNT must be > 0");
  private static final CommandError ANY_WITHOUT_COUNT =
      CommandError.of("ERR the ANY argument requires COUNT argument");

  private final GeoForm form;
  private final Args args;
  private final @Nullable SortedSetValue set;

  private int at;
  private boolean fromMember;
  private boolean fromPlace;
  private boolean byRadius;
  private boolean byBox;
  private double longitude;
  private double latitude;
  private double radius;
  private double width;
  private double height;
  private double unit = 1;

  private Order order = Order.NONE;
  private long count;
  private boolean any;
  private boolean withDistance;
  private boolean withHash;
  private boolean withPlace;
  private int storeKey;
  private boolean storesDistance;

  /**
   * Reads the arguments.
   *
   * @param set where members are looked up; null where the key is missing
   * @throws CommandError arguments that are wrong
   */
  GeoQuery(GeoForm form, Args args, @Nullable SortedSetValue set) {
    this.form = form;
    this.args = args;
    this.set = set;
    this.storeKey = form == GeoForm.SEARCH_STORE ? 1 : 0;
    readCenter();
    at = form.firstOption();
    while (at < args.count()) {
      if (!readFlag() && !readOption() && !(form.isSearch() && readShape())) {
        throw CommandError.SYNTAX;
      }
    }
    check();
  }

  private void readCenter() {
    if (form.isByPlace()) {
      readPlace(2);
      readRadius(4);
    } else if (form.isByMember() && set != null) {
      readMember(2);
      readRadius(3);
    }
  }

  private void readPlace(int index) {
    GeoArguments.checkPlace(args, index);
    longitude = DoubleArgument.of(args, index);
    latitude = DoubleArgument.of(args, index + 1);
  }

  private void readMember(int index) {
    double score = GeoCommands.score(set, args, index);
    if (Double.isNaN(score)) {
      throw NO_MEMBER;
    }
    longitude = GeoHash.longitude(score);
    latitude = GeoHash.latitude(score);
  }

  private void readRadius(int index) {
    radius = DoubleArgument.of(args, index, NO_RADIUS);
    if (radius < 0) {
      throw NEGATIVE_RADIUS;
    }
    unit = GeoArguments.unit(args, index + 1);
    byRadius = true;
  }

  private void readBox(int index) {
    width = DoubleArgument.of(args, index, NO_WIDTH);
    height = DoubleArgument.of(args, index + 1, NO_HEIGHT);
    if (width < 0 || height < 0) {
      throw NEGATIVE_BOX;
    }
    unit = GeoArguments.unit(args, index + 2);
    byBox = true;
  }

  /** Whether a word is next, with so many others behind it; they are then skipped. */
  private boolean next(String word, int others) {
    boolean is = at + others < args.count() && args.is(at, word);
    if (is) {
      at += others + 1;
    }
    return is;
  }

  private boolean readFlag() {
    if (next("withdist", 0)) {
      withDistance = true;
    } else if (next("withhash", 0)) {
      withHash = true;
    } else if (next("withcoord", 0)) {
      withPlace = true;
    } else if (next("any", 0)) {
      any = true;
    } else if (next("asc", 0)) {
      order = Order.ASCENDING;
    } else if (next("desc", 0)) {
      order = Order.DESCENDING;
    } else {
      return false;
    }
    return true;
  }

  private boolean readOption() {
    if (next("count", 1)) {
      readCount(at - 1);
    } else if (form.takesStoreKey() && next("store", 1)) {
      storeKey = at - 1;
      storesDistance = false;
    } else if (form.takesStoreKey() && next("storedist", 1)) {
      storeKey = at - 1;
      storesDistance = true;
    } else if (form == GeoForm.SEARCH_STORE && next("storedist", 0)) {
      storesDistance = true;
    } else {
      return false;
    }
    return true;
  }

  private void readCount(int index) {
    if (!args.isLong(index)) {
      throw CommandError.NOT_INTEGER;
    }
    count = args.toLong(index);
    if (count <= 0) {
      throw BAD_COUNT;
    }
  }

  private boolean readShape() {
    if (!fromPlace && next("frommember", 1)) {
      if (set != null) {
        readMember(at - 1);
      }
      fromMember = true;
    } else if (!fromMember && next("fromlonlat", 2)) {
      readPlace(at - 2);
      fromPlace = true;
    } else if (!byBox && next("byradius", 2)) {
      readRadius(at - 2);
    } else if (!byRadius && next("bybox", 3)) {
      readBox(at - 3);
    } else {
      return false;
    }
    return true;
  }

  private void check() {
    if (storeKey > 0 && (withDistance || withHash || withPlace)) {
      throw CommandError.of(
          "ERR "
              + (form.isSearch() ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS")
              + " is not compatible with WITHDIST, WITHHASH and WITHCOORD options");
    }
    if (form.isSearch() && !fromMember && !fromPlace) {
      throw missing("FROMMEMBER or FROMLONLAT");
    }
    if (form.isSearch() && !byRadius && !byBox) {
      throw missing("BYRADIUS and BYBOX");
    }
    if (any && count == 0) {
      throw ANY_WITHOUT_COUNT;
    }
  }

  private CommandError missing(String words) {
    return CommandError.of("ERR exactly one of " + words + " can be specified for " + args.text(0));
  }

  /** Where to search. */
  GeoShape shape() {
    return byBox
        ? GeoShape.box(longitude, latitude, width, height, unit)
        : GeoShape.circle(longitude, latitude, radius, unit);
  }

  /** What one of the unit of lengths is in meters. */
  double unit() {
    return unit;
  }

  /** In which order to tell the places; the nearest ones are wanted where only some are. */
  Order order() {
    return order == Order.NONE && count > 0 && !any ? Order.ASCENDING : order;
  }

  /** How many places to tell at most; 0: all. */
  long count() {
    return count;
  }

  /** How many places to look for, whichever they are; 0: all. */
  long enough() {
    return any ? count : 0;
  }

  boolean withDistance() {
    return withDistance;
  }

  boolean withHash() {
    return withHash;
  }

  boolean withPlace() {
    return withPlace;
  }

  /** The argument that is the key to store to; 0: none. */
  int storeKey() {
    return storeKey;
  }

  /** Whether distances are stored instead of places. */
  boolean storesDistance() {
    return storesDistance;
  }
}
