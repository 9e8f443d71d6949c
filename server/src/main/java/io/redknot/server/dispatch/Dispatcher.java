package io.redknot.server.dispatch;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.Server;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.net.ClientKind;
import io.redknot.server.net.ReplyMode;
import io.redknot.server.net.Session;
import io.redknot.server.net.Suspension;
import io.redknot.server.signal.Waiter;
import io.redknot.server.stats.ErrorCounts;
import io.redknot.server.stats.LatencyMonitor;
import io.redknot.server.stats.ServerStats;
import io.redknot.server.stats.SlowLog;
import io.redknot.server.tracking.ShardTracking;
import io.redknot.server.tracking.Tracker;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a request through the checks of Redis's processCommand, in its order, and runs it.
 *
 * <p>One dispatcher serves all event loops and has no state of its own.
 */
public final class Dispatcher {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

  private static final CommandError NO_AUTH = CommandError.of("NOAUTH Authentication required.");
  private static final CommandError NOT_IN_TRANSACTION =
      CommandError.of("ERR Command not allowed inside a transaction");
  private static final CommandError REPLICA_WITH_KEYS =
      CommandError.of("ERR Replica can't interact with the keyspace");

  /** Commands that a replica may not give, nor a client in MONITOR, which Redis counts as one. */
  private static final long KEYSPACE =
      CommandFlag.READONLY.bit() | CommandFlag.WRITE.bit() | CommandFlag.MAY_REPLICATE.bit();

  /**
   * So many keys that clients remember are forgotten behind a command, where there are too many.
   */
  private static final int EVICTED_TRACKED_KEYS_MAX = 1000;

  private final CommandTable table;
  private final ServerConfig config;
  private final Conditions conditions = new Conditions();
  private final ClientPause pause = new ClientPause(conditions);
  private final MovingKeys movingKeys;
  private final Monitors monitors = new Monitors();
  private final Transactions transactions = new Transactions(this);
  private final ErrorCounts errors;
  private final SlotUsage slotUsage;
  private final SlowLog slowLog;
  private final LatencyMonitor latencies;
  private @Nullable Router router;

  /**
   * Makes the dispatcher of a server.
   *
   * @param shards number of shards of its keyspace
   */
  public Dispatcher(
      CommandTable table,
      ServerConfig config,
      ServerStats stats,
      SlowLog slowLog,
      LatencyMonitor latencies,
      int shards) {
    this.table = table;
    this.config = config;
    this.errors = stats.errors();
    this.slotUsage = new SlotUsage(config.clusterSlotStatsEnabled, stats.slots());
    this.slowLog = slowLog;
    this.latencies = latencies;
    this.movingKeys = new MovingKeys(shards);
  }

  /** States in which commands are refused. */
  public Conditions conditions() {
    return conditions;
  }

  /** Makes this the dispatcher of a cluster node; before the first connection. */
  public void routeBy(Router by) {
    router = by;
  }

  /** Decides where keys are served; null where this is no cluster node. */
  public @Nullable Router router() {
    return router;
  }

  /** The clients that watch all commands. */
  public Monitors monitors() {
    return monitors;
  }

  /** MULTI and what follows. */
  public Transactions transactions() {
    return transactions;
  }

  /** What is counted of slots. */
  SlotUsage slotUsage() {
    return slotUsage;
  }

  /** The keys that MIGRATE is sending away. */
  public MovingKeys movingKeys() {
    return movingKeys;
  }

  /** CLIENT PAUSE. */
  public ClientPause pause() {
    return pause;
  }

  /**
   * Executes one request. Afterwards it is answered, or the connection has a suspension, or the
   * session says that it is to be closed.
   */
  public void dispatch(CommandContext ctx, Args args, RespWriter out) {
    Tracker tracker = ctx.session().tracker();
    if (tracker == null) {
      dispatchUntracked(ctx, args, out);
      return;
    }
    tracker.beginCommand();
    try {
      dispatchUntracked(ctx, args, out);
    } finally {
      tracker.endCommand(keepsCaching(ctx, args), out);
      // Told as what others did: whoever does not want to hear of its own changes forgets too.
      ctx.server().signals().limitTracking(EVICTED_TRACKED_KEYS_MAX);
    }
  }

  /** CLIENT CACHING holds for one command or transaction; what waits still has it to come. */
  private static boolean keepsCaching(CommandContext ctx, Args args) {
    return ctx.session().transaction() != null
        || ctx.connection().suspension() != null
        || args.is(0, "client");
  }

  private void dispatchUntracked(CommandContext ctx, Args args, RespWriter out) {
    Session session = ctx.session();
    ReplyMode mode = session.replyMode();
    if (mode == ReplyMode.ON) {
      admitAndRun(ctx, args, out);
      return;
    }
    if (mode == ReplyMode.SKIP_NEXT) {
      session.replyMode(ReplyMode.SKIP);
    }
    long mark = out.mark();
    admitAndRun(ctx, args, out);
    if (session.replyMode() != ReplyMode.ON) {
      out.rewind(mark);
    }
    if (session.replyMode() == ReplyMode.SKIP) {
      session.replyMode(ReplyMode.ON);
    }
  }

  private void admitAndRun(CommandContext ctx, Args args, RespWriter out) {
    CommandSpec command = table.find(args);
    CommandSpec spec =
        command != null && command.isContainer() ? table.resolve(command, args) : command;
    if (command == null || spec == null) {
      Transaction queued = ctx.session().transaction();
      if (queued != null) {
        queued.fail();
      } else {
        ctx.session().asking(false);
      }
      ctx.session().lastCommand(null);
      unknown(ctx, command, args, out);
      return;
    }
    ctx.begin(spec);
    ctx.session().lastCommand(spec);
    admitAndRun(ctx, spec, args, out);
  }

  private void admitAndRun(CommandContext ctx, CommandSpec spec, Args args, RespWriter out) {
    Session session = ctx.session();
    Transaction queued = session.transaction();
    long before = out.size();
    CommandError refusal = refusal(ctx, spec, args, queued);
    if (refusal != null) {
      ctx.turn().stats().rejected(spec.id());
      fail(out, Transactions.refused(session, spec, refusal));
      forgetAsking(session, spec);
    } else if (!conditions.holds(Conditions.Condition.PAUSED)
        || session.replays()
        || !pause.postpone(ctx, flags(spec, queued))) {
      if (queued != null && !spec.isImmediate()) {
        Transactions.queue(session, queued, spec, args);
        out.simple("QUEUED");
      } else if (!run(ctx, spec, args, out)) {
        return;
      }
      forgetAsking(session, spec);
      slotUsage.served(ctx, spec, args, out.size() - before);
    }
  }

  /**
   * Executes a command of an append-only file: nothing of it is counted or shown, as nobody has
   * sent it.
   */
  void load(CommandContext ctx, Args args, RespWriter out) {
    CommandSpec command = table.find(args);
    CommandSpec spec = command == null ? null : table.resolve(command, args);
    if (spec == null) {
      out.error(Refusals.unknownCommand(args).text());
      return;
    }
    ctx.begin(spec);
    CommandError refusal = refusal(ctx, spec, args, null);
    if (refusal == null) {
      call(ctx, spec, args, out);
    } else {
      out.error(refusal.text());
    }
  }

  /** What a command is checked for: EXEC for all that it runs. */
  private static long flags(CommandSpec spec, @Nullable Transaction queued) {
    if (queued == null) {
      return spec.flagBits();
    }
    if (spec.isTreated(Treatment.EXEC)) {
      return queued.flags(spec);
    }
    // What is queued takes memory too, whatever it does later.
    return spec.isImmediate() ? spec.flagBits() : spec.flagBits() | CommandFlag.DENYOOM.bit();
  }

  /** ASKING counts for one command or transaction; what is postponed still has it to come. */
  private static void forgetAsking(Session session, CommandSpec spec) {
    if (session.asking() && session.transaction() == null && !spec.isTreated(Treatment.ASKING)) {
      session.asking(false);
    }
  }

  private void unknown(
      CommandContext ctx, @Nullable CommandSpec container, Args args, RespWriter out) {
    if (container != null) {
      fail(out, Refusals.unknownSubcommand(container, args));
      return;
    }
    if (args.is(0, "post") || args.is(0, "host:")) {
      LOG.warn(
          "Closing {}: it speaks HTTP, perhaps a browser that was made to send Redis commands",
          ctx.session().peer().remote());
      ctx.session().closeAfterThisReply();
      return;
    }
    fail(out, Refusals.unknownCommand(args));
  }

  private @Nullable CommandError refusal(
      CommandContext ctx, CommandSpec spec, Args args, @Nullable Transaction queued) {
    if (!spec.accepts(args.count())) {
      return Refusals.arity(spec);
    }
    Session session = ctx.session();
    if (session.replays()) {
      return refusalOfReplay(ctx, spec, args, queued);
    }
    if (spec.guard() != Guard.NONE && !spec.guard().allows(config, session.peer())) {
      return spec.guard().refusal();
    }
    if (!session.authenticated() && !spec.has(CommandFlag.NO_AUTH)) {
      return NO_AUTH;
    }
    if (queued != null && spec.has(CommandFlag.NO_MULTI)) {
      return NOT_IN_TRANSACTION;
    }
    Router by = router;
    if (by != null) {
      CommandError elsewhere = route(by, ctx, spec, args, queued);
      if (elsewhere != null) {
        return elsewhere;
      }
    }
    CommandError now =
        conditions.any()
            ? conditions.refusal(spec, flags(spec, queued), session)
            : Refusals.whileSubscribed(spec, session);
    if (by != null && now == Conditions.READ_ONLY) {
      // The cluster knew of this role before the node had it: since the look at the route, maybe.
      CommandError since = route(by, ctx, spec, args, queued);
      return since == null ? now : since;
    }
    boolean barred =
        (session.monitoring() || session.kind() == ClientKind.REPLICA)
            && (spec.flagBits() & KEYSPACE) != 0;
    return now == null && barred ? REPLICA_WITH_KEYS : now;
  }

  private static @Nullable CommandError route(
      Router by, CommandContext ctx, CommandSpec spec, Args args, @Nullable Transaction queued) {
    CommandError elsewhere = null;
    if (spec.isRouted()) {
      elsewhere = by.route(ctx, spec, args);
    } else if (queued != null && spec.isTreated(Treatment.EXEC)) {
      elsewhere = by.route(ctx, spec, queued);
    } else {
      return null;
    }
    ctx.slot(ctx.routeQuery().slot());
    return elsewhere;
  }

  /** What was done elsewhere is done here, whatever holds; keys of one slot only, as always. */
  private @Nullable CommandError refusalOfReplay(
      CommandContext ctx, CommandSpec spec, Args args, @Nullable Transaction queued) {
    Router by = router;
    if (by == null) {
      return null;
    }
    RouteQuery query;
    if (spec.isRouted()) {
      query = by.ask(ctx, spec, args);
    } else if (queued != null && spec.isTreated(Treatment.EXEC)) {
      query = by.ask(ctx, queued);
    } else {
      return null;
    }
    if (query.isCrossSlot()) {
      return Router.CROSS_SLOT;
    }
    ctx.slot(query.slot());
    return null;
  }

  private void fail(RespWriter out, CommandError error) {
    errors.count(error.text());
    out.error(error.text());
  }

  /** Runs a command that may run, and counts and shows it; false where it is given again later. */
  boolean run(CommandContext ctx, CommandSpec spec, Args args, RespWriter out) {
    Turn turn = ctx.turn();
    long began = turn.lapNanos();
    ctx.errorsSeen(out.errors());
    if (!call(ctx, spec, args, out)) {
      return false;
    }
    long took = turn.lap(began);
    turn.stats().ran(spec.id(), took, config.latencyTracking.get());
    slotUsage.ran(ctx, took);
    if (out.errors() != ctx.errorsSeen()) {
      ctx.errorsSeen(out.errors());
      turn.stats().failed(spec.id());
      String text = out.lastError();
      errors.count(text == null ? "ERR" : text);
    }
    monitors.show(ctx, spec, args);
    if (!ctx.waits()) {
      keepIfSlow(ctx, spec, args, took);
    }
    if (latencies.isSpike(took)) {
      String event = spec.has(CommandFlag.FAST) ? "fast-command" : "command";
      latencies.add(event, ctx.nowMs(), took);
    }
    return true;
  }

  private void keepIfSlow(CommandContext ctx, CommandSpec spec, Args args, long tookNanos) {
    if (slowLog.isSlow(tookNanos) && !spec.has(CommandFlag.SKIP_SLOWLOG)) {
      Session session = ctx.session();
      SlowLog.Caller caller = new SlowLog.Caller(session.peer().remote(), session.name());
      slowLog.add(ctx.nowMs(), tookNanos, args, ctx.redacted(), caller);
    }
  }

  /**
   * Runs the handler; whatever it throws ends in one error reply. False where the command has to
   * wait and is then dispatched again.
   */
  private boolean call(CommandContext ctx, CommandSpec spec, Args args, RespWriter out) {
    CommandHandler handler = spec.handler();
    if (handler == null) {
      out.error(Refusals.arity(spec).text());
      return true;
    }
    long mark = out.mark();
    try {
      if (spec.takesKeys() && !ctx.isAgain()) {
        return callLocked(ctx, spec, handler, args, out);
      }
      runHandler(ctx, handler, args, out);
    } catch (CommandError error) {
      out.rewind(mark);
      out.error(error.text());
    } catch (RuntimeException failure) {
      // A fault of ours in one command must not end the service of all others.
      LOG.error("Command '{}' failed", spec.name(), failure);
      ctx.turn().stats().unexpectedFailures++;
      out.rewind(mark);
      out.error("ERR internal error");
    }
    return true;
  }

  /**
   * Runs a command again that waits for keys; the shard is locked. It was counted when it began to
   * wait; the time that its answer takes comes on top, and is what makes it slow.
   *
   * @return whether it is answered; if not it has to go on waiting
   */
  boolean runAgain(CommandContext ctx, Waiter waiter, RespWriter out) {
    Waiter.Call call = waiter.call();
    Turn turn = ctx.turn();
    long began = turn.lap(0);
    try {
      call(ctx, call.spec(), call.args(), out);
    } finally {
      ctx.endAgain();
    }
    if (ctx.stillWaits()) {
      return false;
    }
    long took = turn.lap(began);
    turn.stats().answered(call.spec().id(), took);
    keepIfSlow(ctx, call.spec(), call.args(), took);
    return true;
  }

  /** Serves those who wait for keys of a shard that no command has changed; takes the lock. */
  public static void attend(Server server, Turn turn, int shard) {
    ReadyKeys.attend(server, turn, server.shards().shard(shard));
  }

  private static void runHandler(
      CommandContext ctx, CommandHandler handler, Args args, RespWriter out) {
    boolean whole = false;
    try {
      handler.run(ctx, args, out);
      whole = true;
    } catch (CommandError refusal) {
      whole = true;
      throw refusal;
    } finally {
      if (!whole) {
        ctx.failedWithin();
      }
    }
  }

  private boolean callLocked(
      CommandContext ctx, CommandSpec spec, CommandHandler handler, Args args, RespWriter out) {
    ctx.lock();
    try {
      Router by = router;
      if (by != null && !ctx.inTransaction() && !ctx.session().replays()) {
        requireStillHere(by, ctx, spec, args);
      }
      if (!ctx.inTransaction()) {
        requireStillPrimary(ctx, spec.flagBits());
      }
      if (!ctx.inTransaction() && movingKeys.postpone(ctx, ctx.shard(), spec, args)) {
        return false;
      }
      try {
        runHandler(ctx, handler, args, out);
      } finally {
        remember(ctx, spec, args);
      }
      return true;
    } finally {
      ctx.unlock(args);
    }
  }

  /** What a client that tracks keys has read is remembered before anybody can change it. */
  private static void remember(CommandContext ctx, CommandSpec spec, Args args) {
    Tracker tracker = ctx.session().tracker();
    if (tracker != null && spec.has(CommandFlag.READONLY) && tracker.remembers()) {
      ShardTracking tracking = ctx.signals().tracking();
      boolean _ =
          spec.findKeys(
              args,
              (position, _) ->
                  tracking.remember(
                      tracker, args.array(), args.offset(position), args.length(position)));
    }
  }

  /** Before the lock was taken, the slot may have moved on, or keys of a moving slot may have. */
  private static void requireStillHere(Router by, CommandContext ctx, CommandSpec spec, Args args) {
    RouteQuery query = ctx.routeQuery();
    if (query.view() != by.view() || query.isMoving()) {
      CommandError elsewhere = by.route(ctx, spec, args);
      if (elsewhere != null) {
        throw elsewhere;
      }
    }
  }

  /** Before the lock was taken, this node may have become a replica. */
  void requireStillPrimary(CommandContext ctx, long flags) {
    if ((flags & CommandFlag.WRITE.bit()) != 0
        && conditions.holds(Conditions.Condition.READ_ONLY_REPLICA)
        && !ctx.session().replays()) {
      throw Conditions.READ_ONLY;
    }
  }

  /** As {@link #requireStillHere}, of a transaction whose locks were taken. */
  @Nullable CommandError reroute(CommandContext ctx, Transaction queued) {
    Router by = router;
    if (by == null || ctx.session().replays()) {
      return null;
    }
    RouteQuery query = ctx.routeQuery();
    boolean old = query.view() != by.view() || query.isMoving();
    return old ? by.route(ctx, ctx.spec(), queued) : null;
  }

  /** As {@link #reroute}, by another thread than the one that has routed it. */
  @Nullable CommandError routeAnew(CommandContext ctx, Transaction queued) {
    Router by = router;
    return by == null ? null : by.route(ctx, ctx.spec(), queued);
  }

  /** Writes the late reply of a command that was suspended. */
  public void completeSuspended(CommandContext ctx, Suspension.Reply reply, RespWriter out) {
    Session session = ctx.session();
    long mark = out.mark();
    long sizeBefore = out.size();
    long errorsBefore = out.errors();
    reply.write(out);
    if (out.errors() != errorsBefore) {
      ctx.turn().stats().failed(ctx.spec().id());
      String text = out.lastError();
      errors.count(text == null ? "ERR" : text);
    }
    if (session.replyMode() == ReplyMode.OFF || session.replyMode() == ReplyMode.SKIP) {
      out.rewind(mark);
    } else {
      slotUsage.sent(ctx, out.size() - sizeBefore);
    }
  }

  /** Answers a request that violates the grammar. */
  public void protocolError(CommandContext ctx, String text, RespWriter out) {
    LOG.debug("Protocol error ({}) from client {}", text, ctx.session().peer().remote());
    fail(out, CommandError.of(text));
  }
}
