package io.redknot.server.dispatch;

import io.redknot.cluster.ClusterView;
import io.redknot.protocol.Args;
import io.redknot.server.net.Session;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides on a cluster node whether keys are served here, and if not, where the client has to go.
 *
 * <p>The decision holds for the view on which it was made. Who then runs the command under the
 * shard's lock compares the view again: once a new view is published and every lock has been taken
 * once, nothing runs on the old one.
 */
public final class Router {
  static final CommandError CROSS_SLOT =
      CommandError.ofRouting("CROSSSLOT Keys in request don't hash to the same slot");
  private static final CommandError NOT_SERVED =
      CommandError.ofRouting("CLUSTERDOWN Hash slot not served");
  private static final CommandError DOWN =
      CommandError.ofRouting("CLUSTERDOWN The cluster is down");
  private static final CommandError DOWN_FOR_WRITES =
      CommandError.ofRouting("CLUSTERDOWN The cluster is down and only accepts read commands");
  private static final CommandError TRY_AGAIN =
      CommandError.ofRouting("TRYAGAIN Multiple keys request during rehashing of slot");

  private final Supplier<ClusterView> views;
  private final LongSupplier keptUpMs;

  /**
   * Routes by the views of a cluster.
   *
   * @param keptUpMs when the view was last known to be up to date, in milliseconds since 1970
   */
  public Router(Supplier<ClusterView> views, LongSupplier keptUpMs) {
    this.views = views;
    this.keptUpMs = keptUpMs;
  }

  /** The cluster as it is known now. */
  public ClusterView view() {
    return views.get();
  }

  /** Asks for one command; null where it runs here. The query then knows the slot. */
  @Nullable CommandError route(CommandContext ctx, CommandSpec spec, Args args) {
    return decide(ask(ctx, spec, args), spec, ctx.session());
  }

  /** Collects the keys of one command. */
  RouteQuery ask(CommandContext ctx, CommandSpec spec, Args args) {
    RouteQuery query = ctx.routeQuery().begin(view(), ctx.nowMs());
    if (spec.isTreated(Treatment.MIGRATE)) {
      query.withoutLook();
    }
    query.add(spec, args);
    return query;
  }

  /** Asks for all commands of a transaction. */
  @Nullable CommandError route(CommandContext ctx, CommandSpec exec, Transaction queued) {
    return decide(ask(ctx, queued), exec, ctx.session());
  }

  /** Collects the keys of all commands of a transaction. */
  RouteQuery ask(CommandContext ctx, Transaction queued) {
    RouteQuery query = ctx.routeQuery().begin(view(), ctx.nowMs());
    for (int i = 0; i < queued.count(); i++) {
      query.add(queued.spec(i), queued.args(i));
    }
    return query;
  }

  /**
   * Decides on collected keys.
   *
   * @param spec the command that runs, EXEC where the keys are those of a transaction
   * @return null where the keys are served here
   */
  public @Nullable CommandError decide(RouteQuery query, CommandSpec spec, Session session) {
    int slot = query.slot();
    if (slot == CommandContext.NO_SLOT) {
      return null;
    }
    ClusterView view = query.view();
    int owner = view.owner(slot);
    if (owner == ClusterView.NONE) {
      return NOT_SERVED;
    }
    if (query.isCrossSlot()) {
      return CROSS_SLOT;
    }
    boolean write = (query.flags() & CommandFlag.WRITE.bit()) != 0;
    if (!view.isOk() || isOutdated(view, query.nowMs())) {
      CommandError down = whileDown(query, view, write);
      if (down != null) {
        return down;
      }
    }
    if (query.isMoving()) {
      if (spec.isTreated(Treatment.MIGRATE)) {
        return null;
      }
      if (view.isMine(slot) && view.isMigrating(slot)) {
        return whileMigrating(query, view, slot);
      }
      boolean asking = session.asking() || spec.has(CommandFlag.ASKING);
      if (asking && view.isImporting(slot)) {
        return query.hasSeveral() && query.missing() > 0 ? TRY_AGAIN : null;
      }
    }
    if (owner == view.myIndex()) {
      return null;
    }
    boolean readsHere = (session.readonly() && !write) || query.isChannels();
    return readsHere && view.isMyPrimarys(slot) ? null : redirect("MOVED ", view, slot, owner);
  }

  /**
   * Decides on the keys for which a command has been waiting: the cluster may have changed.
   *
   * @return null where it may go on waiting
   */
  public @Nullable CommandError whileWaiting(int slot, CommandSpec spec, Session session) {
    ClusterView view = view();
    if (!view.isOk()) {
      return DOWN;
    }
    int owner = view.owner(slot);
    if (owner == ClusterView.NONE) {
      return NOT_SERVED;
    }
    boolean readsHere =
        session.readonly() && !spec.has(CommandFlag.WRITE) && view.isMyPrimarys(slot);
    return owner == view.myIndex() || view.isImporting(slot) || readsHere
        ? null
        : redirect("MOVED ", view, slot, owner);
  }

  /** After a pause of the whole process commands may come before the cluster loop has woken up. */
  private boolean isOutdated(ClusterView view, long nowMs) {
    return nowMs - keptUpMs.getAsLong() > view.settings().stallToleratedMs();
  }

  private static @Nullable CommandError whileDown(
      RouteQuery query, ClusterView view, boolean write) {
    if (query.isChannels()) {
      return view.settings().allowPubsubShardWhenDown() ? null : DOWN;
    }
    if (!view.settings().allowReadsWhenDown()) {
      return DOWN;
    }
    return write ? DOWN_FOR_WRITES : null;
  }

  private static @Nullable CommandError whileMigrating(
      RouteQuery query, ClusterView view, int slot) {
    if (query.missing() == 0) {
      return null;
    }
    return query.present() > 0 ? TRY_AGAIN : redirect("ASK ", view, slot, view.migratingTo(slot));
  }

  private static CommandError redirect(String code, ClusterView view, int slot, int node) {
    return CommandError.ofRouting(
        code + slot + " " + view.endpoint(node) + ":" + view.clientPort(node, false));
  }
}
