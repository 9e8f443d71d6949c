package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.GEO;
import static io.redknot.server.dispatch.CommandFlag.DENYOOM;
import static io.redknot.server.dispatch.CommandFlag.READONLY;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.storage.encoding.GeoHash;
import io.redknot.storage.value.SortedSetBuilder;
import io.redknot.storage.value.SortedSetValue;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Searching places: GEOSEARCH and the older GEORADIUS. */
public final class GeoSearchCommands {
  private GeoSearchCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    radius(table, "georadius", -6, GeoForm.RADIUS);
    radius(table, "georadiusbymember", -5, GeoForm.RADIUS_BY_MEMBER);
    readOnly(table, "georadius_ro", -6, GeoForm.RADIUS_RO);
    readOnly(table, "georadiusbymember_ro", -5, GeoForm.RADIUS_BY_MEMBER_RO);
    readOnly(table, "geosearch", -7, GeoForm.SEARCH);
    table
        .add("geosearchstore", -8, (ctx, args, out) -> search(ctx, args, out, GeoForm.SEARCH_STORE))
        .flags(WRITE, DENYOOM)
        .in(GEO)
        .keys(KeySpec.at(1, "OW update"), KeySpec.at(2, "RO access"));
  }

  private static void radius(CommandTable table, String name, int arity, GeoForm form) {
    table
        .add(name, arity, (ctx, args, out) -> search(ctx, args, out, form))
        .flags(WRITE, DENYOOM)
        .in(GEO)
        .keys(
            KeySpec.at(1, "RO access"),
            KeySpec.behind("STORE", form.firstOption(), "OW update"),
            KeySpec.behind("STOREDIST", form.firstOption(), "OW update"));
  }

  private static void readOnly(CommandTable table, String name, int arity, GeoForm form) {
    table
        .add(name, arity, (ctx, args, out) -> search(ctx, args, out, form))
        .flags(READONLY)
        .in(GEO)
        .keys(KeySpec.at(1, "RO access"));
  }

  private static void search(CommandContext ctx, Args args, RespWriter out, GeoForm form) {
    SortedSetValue set = SortedSets.read(ctx, args, form.source());
    GeoQuery query = new GeoQuery(form, args, set);
    GeoPlaces places = new GeoPlaces();
    if (set != null) {
      places.find(set, query.shape(), query.enough());
      places.order(query.order());
    }
    int count = query.count() == 0 ? places.count() : (int) Math.min(places.count(), query.count());
    if (query.storeKey() > 0) {
      KeyEvent event = form.isSearch() ? KeyEvent.GEOSEARCHSTORE : KeyEvent.GEORADIUSSTORE;
      SortedSetBuilder result = stored(ctx, set, query, places, count);
      SortedSets.store(ctx, args, query.storeKey(), result, event, out);
    } else {
      out.array(count);
      for (int i = 0; i < count && set != null; i++) {
        write(out, set, query, places, i);
      }
    }
  }

  private static void write(
      RespWriter out, SortedSetValue set, GeoQuery query, GeoPlaces places, int index) {
    int options =
        (query.withDistance() ? 1 : 0) + (query.withHash() ? 1 : 0) + (query.withPlace() ? 1 : 0);
    if (options > 0) {
      out.array(options + 1);
    }
    set.visit(
        places.rank(index),
        1,
        false,
        (score, member, offset, length) -> out.bulk(member, offset, length));
    if (query.withDistance()) {
      out.bulk(GeoText.distance(places.distance(index) / query.unit()));
    }
    double score = places.score(index);
    if (query.withHash()) {
      out.integer((long) score);
    }
    if (query.withPlace()) {
      GeoText.writePlace(out, GeoHash.longitude(score), GeoHash.latitude(score));
    }
  }

  private static SortedSetBuilder stored(
      CommandContext ctx,
      @Nullable SortedSetValue set,
      GeoQuery query,
      GeoPlaces places,
      int count) {
    SortedSetBuilder result = new SortedSetBuilder(ctx.keyspace());
    for (int i = 0; i < count && set != null; i++) {
      double score = places.score(i);
      double stored =
          query.storesDistance() ? query.shape().exactDistance(score) / query.unit() : score;
      byte[] member = member(set, places.rank(i));
      result.put(member, 0, member.length, stored);
    }
    return result;
  }

  /** A copy: what a page holds may be gone with the next write. */
  private static byte[] member(SortedSetValue set, long rank) {
    byte[][] copy = new byte[1][];
    set.visit(
        rank,
        1,
        false,
        (score, member, offset, length) ->
            copy[0] = Arrays.copyOfRange(member, offset, offset + length));
    return copy[0];
  }
}
