package io.redknot.server.dispatch;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.net.IoLoop;
import io.redknot.server.net.ReplyMode;
import io.redknot.server.net.Session;
import io.redknot.server.net.Suspension;
import io.redknot.server.stats.ErrorCounts;
import io.redknot.server.stats.LatencyMonitor;
import io.redknot.server.stats.SlowLog;
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
  private static final CommandError MONITOR_WITH_KEYS =
      CommandError.of("ERR Replica can't interact with the keyspace");

  /** Commands that a client in MONITOR may not give, which Redis counts among the replicas. */
  private static final long KEYSPACE =
      CommandFlag.READONLY.bit() | CommandFlag.WRITE.bit() | CommandFlag.MAY_REPLICATE.bit();

  private final CommandTable table;
  private final ServerConfig config;
  private final Conditions conditions = new Conditions();
  private final ClientPause pause = new ClientPause(conditions);
  private final Monitors monitors = new Monitors();
  private final ErrorCounts errors;
  private final SlowLog slowLog;
  private final LatencyMonitor latencies;
  private @Nullable Router router;

  public Dispatcher(
      CommandTable table,
      ServerConfig config,
      ErrorCounts errors,
      SlowLog slowLog,
      LatencyMonitor latencies) {
    this.table = table;
    this.config = config;
    this.errors = errors;
    this.slowLog = slowLog;
    this.latencies = latencies;
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

  /** CLIENT PAUSE. */
  public ClientPause pause() {
    return pause;
  }

  /**
   * Executes one request. Afterwards it is answered, or the connection has a suspension, or the
   * session says that it is to be closed.
   */
  public void dispatch(CommandContext ctx, Args args, RespWriter out) {
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
    if (command == null) {
      ctx.session().asking(false);
      unknown(ctx, args, out);
      return;
    }
    CommandSpec spec = command.isContainer() ? table.resolve(command, args) : command;
    if (spec == null) {
      ctx.session().asking(false);
      fail(out, Refusals.unknownSubcommand(command, args));
      return;
    }
    admitAndRun(ctx, spec, args, out);
  }

  private void admitAndRun(CommandContext ctx, CommandSpec spec, Args args, RespWriter out) {
    ctx.begin(spec);
    ctx.session().lastCommand(spec);
    CommandError refusal = refusal(ctx, spec, args);
    if (refusal != null) {
      ctx.loop().stats().rejected(spec.id());
      fail(out, refusal);
      forgetAsking(ctx.session(), spec);
    } else if (!conditions.holds(Conditions.Condition.PAUSED)
        || !pause.postpone(ctx, spec.flagBits())) {
      run(ctx, spec, args, out);
      forgetAsking(ctx.session(), spec);
    }
  }

  /** ASKING counts for one command, be it refused; one that is postponed still has it to come. */
  private static void forgetAsking(Session session, CommandSpec spec) {
    if (session.asking() && !spec.name().equals("asking")) {
      session.asking(false);
    }
  }

  private void unknown(CommandContext ctx, Args args, RespWriter out) {
    if (args.is(0, "post") || args.is(0, "host:")) {
      LOG.warn(
          "Closing {}: it speaks HTTP, perhaps a browser that was made to send Redis commands",
          ctx.session().peer().remote());
      ctx.session().closeAfterThisReply();
      return;
    }
    fail(out, Refusals.unknownCommand(args));
  }

  private @Nullable CommandError refusal(CommandContext ctx, CommandSpec spec, Args args) {
    if (!spec.accepts(args.count())) {
      return Refusals.arity(spec);
    }
    Session session = ctx.session();
    if (session.replays()) {
      return refusalOfReplay(ctx, spec, args);
    }
    if (spec.guard() != Guard.NONE && !spec.guard().allows(config, session.peer())) {
      return spec.guard().refusal();
    }
    if (!session.authenticated() && !spec.has(CommandFlag.NO_AUTH)) {
      return NO_AUTH;
    }
    Router by = router;
    if (by != null && spec.isRouted()) {
      CommandError elsewhere = by.route(ctx, spec, args);
      if (elsewhere != null) {
        return elsewhere;
      }
      ctx.slot(ctx.routeQuery().slot());
    }
    CommandError now = conditions.any() ? conditions.refusal(spec, spec.flagBits(), session) : null;
    boolean barred = session.monitoring() && (spec.flagBits() & KEYSPACE) != 0;
    return now == null && barred ? MONITOR_WITH_KEYS : now;
  }

  /** What was done elsewhere is done here, whatever holds; keys of one slot only, as always. */
  private @Nullable CommandError refusalOfReplay(CommandContext ctx, CommandSpec spec, Args args) {
    Router by = router;
    if (by != null && spec.isRouted()) {
      RouteQuery query = by.ask(ctx, spec, args);
      if (query.isCrossSlot()) {
        return Router.CROSS_SLOT;
      }
      ctx.slot(query.slot());
    }
    return null;
  }

  private void fail(RespWriter out, CommandError error) {
    errors.count(error.text());
    out.error(error.text());
  }

  private void run(CommandContext ctx, CommandSpec spec, Args args, RespWriter out) {
    long errorsBefore = out.errors();
    call(ctx, spec, args, out);
    IoLoop loop = ctx.loop();
    long took = loop.lap();
    loop.stats().ran(spec.id(), took, config.latencyTracking.get());
    if (out.errors() != errorsBefore) {
      loop.stats().failed(spec.id());
      String text = out.lastError();
      errors.count(text == null ? "ERR" : text);
    }
    monitors.show(ctx, spec, args);
    if (slowLog.isSlow(took) && !spec.has(CommandFlag.SKIP_SLOWLOG)) {
      SlowLog.Caller caller =
          new SlowLog.Caller(ctx.session().peer().remote(), ctx.session().name());
      slowLog.add(ctx.nowMs(), took, args, ctx.redacted(), caller);
    }
    if (latencies.isSpike(took)) {
      String event = spec.has(CommandFlag.FAST) ? "fast-command" : "command";
      latencies.add(event, ctx.nowMs(), took);
    }
  }

  /** Runs the handler; whatever it throws ends in one error reply. */
  private void call(CommandContext ctx, CommandSpec spec, Args args, RespWriter out) {
    CommandHandler handler = spec.handler();
    if (handler == null) {
      out.error(Refusals.arity(spec).text());
      return;
    }
    long mark = out.mark();
    try {
      if (spec.takesKeys()) {
        callLocked(ctx, spec, handler, args, out);
      } else {
        handler.run(ctx, args, out);
      }
    } catch (CommandError error) {
      out.rewind(mark);
      out.error(error.text());
    } catch (RuntimeException failure) {
      // A fault of ours in one command must not end the service of all others.
      LOG.error("Command '{}' failed", spec.name(), failure);
      ctx.loop().stats().unexpectedFailures++;
      out.rewind(mark);
      out.error("ERR internal error");
    }
  }

  private void callLocked(
      CommandContext ctx, CommandSpec spec, CommandHandler handler, Args args, RespWriter out) {
    ctx.lock();
    try {
      Router by = router;
      if (by != null && !ctx.session().replays()) {
        requireStillHere(by, ctx, spec, args);
      }
      handler.run(ctx, args, out);
    } finally {
      ctx.unlock(args);
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

  /** Writes the late reply of a command that was suspended. */
  public void completeSuspended(CommandContext ctx, Suspension.Reply reply, RespWriter out) {
    Session session = ctx.session();
    long mark = out.mark();
    long errorsBefore = out.errors();
    reply.write(out);
    if (out.errors() != errorsBefore) {
      ctx.loop().stats().failed(ctx.spec().id());
      String text = out.lastError();
      errors.count(text == null ? "ERR" : text);
    }
    if (session.replyMode() == ReplyMode.OFF || session.replyMode() == ReplyMode.SKIP) {
      out.rewind(mark);
    }
  }

  /** Answers a request that violates the grammar. */
  public void protocolError(CommandContext ctx, String text, RespWriter out) {
    LOG.debug("Protocol error ({}) from client {}", text, ctx.session().peer().remote());
    fail(out, CommandError.of(text));
  }
}
