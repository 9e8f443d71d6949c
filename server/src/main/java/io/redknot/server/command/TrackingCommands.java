package io.redknot.server.command;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.net.ClientInfo;
import io.redknot.server.tracking.Tracker;
import io.redknot.server.tracking.TrackingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** CLIENT TRACKING and what belongs to it: being told when keys change. */
final class TrackingCommands {
  private static final CommandError SECOND_REDIRECT =
      CommandError.of("ERR A client can only redirect to a single other client");
  private static final CommandError NO_SUCH_REDIRECT =
      CommandError.of("ERR The client ID you want redirect to does not exist");
  private static final CommandError PREFIX_WITHOUT_BCAST =
      CommandError.of("ERR PREFIX option requires BCAST mode to be enabled");
  private static final CommandError BCAST_SWITCHED =
      CommandError.of(
          "ERR You can't switch BCAST mode on/off before disabling tracking for this client,"
              + " and then re-enabling it with a different mode.");
  private static final CommandError OPT_SWITCHED =
      CommandError.of(
          "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client,"
              + " and then re-enabling it with a different mode.");
  private static final CommandError OPT_WITH_BCAST =
      CommandError.of("ERR OPTIN and OPTOUT are not compatible with BCAST");
  private static final CommandError BOTH_OPTS =
      CommandError.of("ERR You can't specify both OPTIN mode and OPTOUT mode");
  private static final CommandError CACHING_WITHOUT_TRACKING =
      CommandError.of(
          "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN"
              + " or OPTOUT mode enabled");
  private static final CommandError YES_WITHOUT_OPTIN =
      CommandError.of(
          "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.");
  private static final CommandError NO_WITHOUT_OPTOUT =
      CommandError.of(
          "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.");
  private static final byte[] EVERY_KEY = {};

  private boolean broadcast;
  private boolean optIn;
  private boolean optOut;
  private boolean noLoop;
  private long redirect;
  private final List<byte[]> prefixes = new ArrayList<>();

  private TrackingCommands() {}

  /** Adds the rows. */
  static void addTo(CommandSpec client) {
    ClientCommands.row(client, "tracking", -3, TrackingCommands::tracking);
    ClientCommands.row(client, "caching", 3, TrackingCommands::caching);
    ClientCommands.row(client, "trackinginfo", 2, TrackingCommands::info);
    ClientCommands.row(
        client, "getredir", 2, (ctx, _, out) -> out.integer(ClientInfo.redirect(ctx.session())));
  }

  private static void tracking(CommandContext ctx, Args args, RespWriter out) {
    TrackingCommands wanted = new TrackingCommands();
    wanted.parse(ctx, args);
    if (args.is(2, "on")) {
      wanted.start(ctx);
    } else if (args.is(2, "off")) {
      Tracker tracker = ctx.session().tracker();
      if (tracker != null) {
        tracker.stop();
      }
    } else {
      throw CommandError.SYNTAX;
    }
    out.ok();
  }

  private void parse(CommandContext ctx, Args args) {
    for (int i = 3; i < args.count(); i++) {
      boolean more = i + 1 < args.count();
      if (args.is(i, "redirect") && more) {
        i++;
        redirectTo(ctx, args, i);
      } else if (args.is(i, "prefix") && more) {
        i++;
        prefixes.add(args.copy(i));
      } else if (args.is(i, "bcast")) {
        broadcast = true;
      } else if (args.is(i, "optin")) {
        optIn = true;
      } else if (args.is(i, "optout")) {
        optOut = true;
      } else if (args.is(i, "noloop")) {
        noLoop = true;
      } else {
        throw CommandError.SYNTAX;
      }
    }
  }

  private void redirectTo(CommandContext ctx, Args args, int index) {
    if (redirect != 0) {
      throw SECOND_REDIRECT;
    }
    if (!args.isLong(index)) {
      throw CommandError.NOT_INTEGER;
    }
    redirect = args.toLong(index);
    if (ctx.server().clients().find(redirect) == null) {
      throw NO_SUCH_REDIRECT;
    }
  }

  private void start(CommandContext ctx) {
    Tracker known = ctx.session().tracker();
    TrackingMode before = known == null ? null : known.mode();
    if (!broadcast && !prefixes.isEmpty()) {
      throw PREFIX_WITHOUT_BCAST;
    }
    if (before != null && before.broadcast() != broadcast) {
      throw BCAST_SWITCHED;
    }
    if (broadcast && (optIn || optOut)) {
      throw OPT_WITH_BCAST;
    }
    if (optIn && optOut) {
      throw BOTH_OPTS;
    }
    if (before != null && ((optIn && before.optOut()) || (optOut && before.optIn()))) {
      throw OPT_SWITCHED;
    }
    checkPrefixes(known);
    if (broadcast && prefixes.isEmpty()) {
      prefixes.add(EVERY_KEY);
    }
    TrackingMode mode = new TrackingMode(broadcast, optIn, optOut, noLoop, redirect);
    ctx.server().tracking().tracker(ctx.connection()).start(mode, prefixes);
  }

  /** No key may be told twice. */
  private void checkPrefixes(@Nullable Tracker known) {
    List<byte[]> existing = known == null ? List.of() : known.prefixes();
    for (int i = 0; i < prefixes.size(); i++) {
      byte[] prefix = prefixes.get(i);
      for (byte[] other : existing) {
        if (overlap(prefix, other)) {
          throw overlapError(prefix, "an existing", other);
        }
      }
      for (byte[] other : prefixes.subList(i + 1, prefixes.size())) {
        if (overlap(prefix, other)) {
          throw overlapError(prefix, "another provided", other);
        }
      }
    }
  }

  private static boolean overlap(byte[] a, byte[] b) {
    int length = Math.min(a.length, b.length);
    return Arrays.equals(a, 0, length, b, 0, length);
  }

  private static CommandError overlapError(byte[] prefix, String which, byte[] other) {
    return CommandError.of(
        "ERR Prefix '"
            + new String(prefix, StandardCharsets.ISO_8859_1)
            + "' overlaps with "
            + which
            + " prefix '"
            + new String(other, StandardCharsets.ISO_8859_1)
            + "'. Prefixes for a single client must not overlap.");
  }

  private static void caching(CommandContext ctx, Args args, RespWriter out) {
    Tracker tracker = ctx.session().tracker();
    TrackingMode mode = tracker == null ? null : tracker.mode();
    if (tracker == null || mode == null) {
      throw CACHING_WITHOUT_TRACKING;
    }
    if (args.is(2, "yes")) {
      if (!mode.optIn()) {
        throw YES_WITHOUT_OPTIN;
      }
    } else if (args.is(2, "no")) {
      if (!mode.optOut()) {
        throw NO_WITHOUT_OPTOUT;
      }
    } else {
      throw CommandError.SYNTAX;
    }
    tracker.caching();
    out.ok();
  }

  private static void info(CommandContext ctx, Args args, RespWriter out) {
    Tracker tracker = ctx.session().tracker();
    TrackingMode mode = tracker == null ? null : tracker.mode();
    out.map(3);
    out.bulk("flags");
    List<String> flags = mode == null || tracker == null ? List.of("off") : flags(tracker, mode);
    out.set(flags.size());
    flags.forEach(out::bulk);
    out.bulk("redirect");
    out.integer(ClientInfo.redirect(ctx.session()));
    out.bulk("prefixes");
    List<byte[]> prefixes = tracker == null ? List.of() : tracker.prefixes();
    out.array(prefixes.size());
    prefixes.forEach(out::bulk);
  }

  private static List<String> flags(Tracker tracker, TrackingMode mode) {
    List<String> flags = new ArrayList<>();
    flags.add("on");
    if (mode.broadcast()) {
      flags.add("bcast");
    }
    if (mode.optIn()) {
      flags.add("optin");
      if (tracker.isCaching()) {
        flags.add("caching-yes");
      }
    }
    if (mode.optOut()) {
      flags.add("optout");
      if (tracker.isCaching()) {
        flags.add("caching-no");
      }
    }
    if (mode.noLoop()) {
      flags.add("noloop");
    }
    if (tracker.isRedirectBroken()) {
      flags.add("broken_redirect");
    }
    return flags;
  }
}
