package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.GEO;
import static io.redknot.server.dispatch.CommandFlag.DENYOOM;
import static io.redknot.server.dispatch.CommandFlag.READONLY;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.server.replication.Effects;
import io.redknot.storage.encoding.GeoDistance;
import io.redknot.storage.encoding.GeoHash;
import io.redknot.storage.value.SortedSetValue;
import org.jspecify.annotations.Nullable;

/** Places as members of sorted sets, whose scores are geohashes: adding and looking up. */
public final class GeoCommands {
  private static final int NX = 1;
  private static final int XX = 2;
  private static final int CH = 4;

  /** Longitude, latitude, member. */
  private static final int WORDS = 3;

  private GeoCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    table
        .add("geoadd", -5, GeoCommands::add)
        .flags(WRITE, DENYOOM)
        .in(GEO)
        .keys(KeySpec.at(1, "RW update"));
    table
        .add("geodist", -4, GeoCommands::distance)
        .flags(READONLY)
        .in(GEO)
        .keys(KeySpec.at(1, "RO access"));
    table
        .add("geohash", -2, GeoCommands::hashes)
        .flags(READONLY)
        .in(GEO)
        .keys(KeySpec.at(1, "RO access"));
    table
        .add("geopos", -2, GeoCommands::places)
        .flags(READONLY)
        .in(GEO)
        .keys(KeySpec.at(1, "RO access"));
  }

  private static int option(Args args, int index) {
    return args.is(index, "nx") ? NX : args.is(index, "xx") ? XX : args.is(index, "ch") ? CH : 0;
  }

  private static void add(CommandContext ctx, Args args, RespWriter out) {
    int options = 0;
    int first = 2;
    while (first < args.count() && option(args, first) != 0) {
      options |= option(args, first);
      first++;
    }
    int words = args.count() - first;
    if (words == 0 || words % WORDS != 0 || (options & (NX | XX)) == (NX | XX)) {
      throw CommandError.SYNTAX;
    }
    for (int i = first; i < args.count(); i += WORDS) {
      GeoArguments.checkPlace(args, i);
    }
    SortedSetValue set = SortedSets.find(ctx, args, 1);
    if (set == null) {
      if ((options & XX) != 0) {
        out.integer(0);
        return;
      }
      set = SortedSets.create(ctx, args, 1, words / WORDS, first + 2);
    } else if (words > WORDS) {
      set.expect(words / WORDS);
    }
    add(ctx, args, out, options, first, set);
  }

  private static void add(
      CommandContext ctx, Args args, RespWriter out, int options, int first, SortedSetValue set) {
    long added = 0;
    long moved = 0;
    Effects effects = ctx.isPropagated() ? ctx.propagateAs("zadd").words(args, 1, first) : null;
    for (int i = first; i < args.count(); i += WORDS) {
      double place = GeoHash.encode(DoubleArgument.of(args, i), DoubleArgument.of(args, i + 1));
      int member = i + 2;
      if (effects != null) {
        effects.word((long) place).word(args, member);
      }
      double old = set.score(args.array(), args.offset(member), args.length(member));
      boolean isNew = Double.isNaN(old);
      if ((options & (isNew ? XX : NX)) != 0 || place == old) {
        continue;
      }
      set.set(args.array(), args.offset(member), args.length(member), place);
      added += isNew ? 1 : 0;
      moved += isNew ? 0 : 1;
    }
    if (added + moved > 0) {
      Keys.changed(ctx, args, 1, KeyEvent.ZADD, added + moved);
    } else if (effects != null) {
      effects.cancel();
    }
    out.integer((options & CH) != 0 ? added + moved : added);
  }

  /** The score of a member; NaN where it, or the set, is not there. */
  static double score(@Nullable SortedSetValue set, Args args, int member) {
    return set == null
        ? Double.NaN
        : set.score(args.array(), args.offset(member), args.length(member));
  }

  private static void distance(CommandContext ctx, Args args, RespWriter out) {
    if (args.count() > 5) {
      throw CommandError.SYNTAX;
    }
    double unit = args.count() == 5 ? GeoArguments.unit(args, 4) : 1;
    SortedSetValue set = SortedSets.read(ctx, args, 1);
    double one = score(set, args, 2);
    double other = score(set, args, 3);
    if (Double.isNaN(one) || Double.isNaN(other)) {
      out.nullBulk();
      return;
    }
    double meters =
        GeoDistance.between(
            GeoHash.longitude(one),
            GeoHash.latitude(one),
            GeoHash.longitude(other),
            GeoHash.latitude(other));
    out.bulk(GeoText.distance(meters / unit));
  }

  private static void hashes(CommandContext ctx, Args args, RespWriter out) {
    SortedSetValue set = SortedSets.read(ctx, args, 1);
    byte[] text = new byte[GeoHash.TEXT_LETTERS];
    out.array(args.count() - 2);
    for (int i = 2; i < args.count(); i++) {
      double score = score(set, args, i);
      if (Double.isNaN(score)) {
        out.nullBulk();
      } else {
        GeoHash.text(score, text, 0);
        out.bulk(text);
      }
    }
  }

  private static void places(CommandContext ctx, Args args, RespWriter out) {
    SortedSetValue set = SortedSets.read(ctx, args, 1);
    out.array(args.count() - 2);
    for (int i = 2; i < args.count(); i++) {
      double score = score(set, args, i);
      if (Double.isNaN(score)) {
        out.nullArray();
      } else {
        GeoText.writePlace(out, GeoHash.longitude(score), GeoHash.latitude(score));
      }
    }
  }
}
