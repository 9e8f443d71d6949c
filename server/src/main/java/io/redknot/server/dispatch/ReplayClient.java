package io.redknot.server.dispatch;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.Server;
import io.redknot.server.net.PeerAddress;
import io.redknot.server.net.Session;
import io.redknot.server.stats.LoopStats;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Executes the commands of a stream that was made elsewhere: of an append-only file, or of a
 * primary. There is no connection, and nobody gets a reply. SELECT counts for what follows it, and
 * what stands between MULTI and EXEC is executed at EXEC, all under one hold of the locks.
 *
 * <p>One thread at a time.
 */
public final class ReplayClient {
  /** The id that a session has which executes an append-only file. */
  private static final long FILE_ID = -1;

  private static final PeerAddress NOWHERE = new PeerAddress("", "", true, false, -1);

  private final Server server;
  private final Dispatcher dispatcher;
  private final Turn turn;
  private final boolean quiet;
  private final CommandContext context;
  private final RespWriter replies = new RespWriter();

  /** What stands behind a MULTI that has no EXEC yet. */
  private final List<Args> queued = new ArrayList<>();

  private boolean queuing;

  private ReplayClient(Server server, Turn turn, Session session, boolean quiet) {
    this.server = server;
    this.dispatcher = server.dispatcher();
    this.turn = turn;
    this.quiet = quiet;
    CommandContext made = CommandContext.withoutConnection(server, turn, session);
    this.context = quiet ? made.silent() : made;
  }

  /**
   * For an append-only file, on any thread; its commands count in no statistics, and are not told
   * in the stream of changes.
   */
  public static ReplayClient ofFile(Server server) {
    Turn turn = new Turn(server.clock(), new LoopStats(server.table().size()));
    Session session = Session.replaying(FILE_ID, NOWHERE, server.clock().nowMs());
    return new ReplayClient(server, turn, session, true);
  }

  /**
   * For the stream of a primary; its commands count like those of a client.
   *
   * @param turn of the thread that will execute: {@code IoLoop.turn()} on an event loop
   * @param session made by {@link Session#replaying}
   */
  public static ReplayClient ofLink(Server server, Turn turn, Session session) {
    return new ReplayClient(server, turn, session, false);
  }

  /** What holds for the stream: the selected database and what else a client has. */
  public Session session() {
    return context.session();
  }

  /** Whether there is such a command here. */
  public boolean knows(Args args) {
    if (args.is(0, "multi") || args.is(0, "exec") || args.is(0, "discard")) {
      return true;
    }
    CommandSpec command = server.table().find(args);
    return command != null && server.table().resolve(command, args) != null;
  }

  /** Whether a MULTI waits for its EXEC; what came since has not been executed. */
  public boolean inTransaction() {
    return queuing;
  }

  /** Forgets a transaction that has not come to its EXEC. */
  public void dropTransaction() {
    queuing = false;
    queued.clear();
  }

  /**
   * Executes the next command, or keeps it until its transaction is executed.
   *
   * @param args borrowed
   * @return the text of the error that it ended in, of a transaction the first one; null: none
   */
  public @Nullable String execute(Args args) {
    turn.begin();
    if (args.is(0, "multi")) {
      return multi();
    }
    if (args.is(0, "exec")) {
      return exec();
    }
    if (args.is(0, "discard")) {
      return discard();
    }
    if (queuing) {
      queued.add(args.detach());
      return null;
    }
    return run(args);
  }

  private @Nullable String multi() {
    if (queuing) {
      return Transactions.NESTED.text();
    }
    queuing = true;
    return null;
  }

  private @Nullable String discard() {
    if (!queuing) {
      return Transactions.DISCARD_ALONE.text();
    }
    dropTransaction();
    return null;
  }

  private @Nullable String exec() {
    if (!queuing) {
      return Transactions.EXEC_ALONE.text();
    }
    String first = null;
    lockAll();
    try {
      for (Args args : queued) {
        String error = run(args);
        first = first == null ? error : first;
      }
    } finally {
      unlockAll();
      dropTransaction();
    }
    return first;
  }

  private void lockAll() {
    if (quiet) {
      server.shards().lockAll();
    } else {
      context.lockTransaction(TransactionLocks.ofAll(server));
    }
  }

  private void unlockAll() {
    if (quiet) {
      server.shards().unlockAll();
    } else {
      context.unlockTransaction();
    }
  }

  private @Nullable String run(Args args) {
    String error = runWhole(args);
    int wordsOfKey = Router.CROSS_SLOT.text().equals(error) ? wordsOfKey(args) : 0;
    return wordsOfKey == 0 ? error : runInPieces(args, wordsOfKey);
  }

  /**
   * What a server that is no cluster node did to keys of several slots in one command can be done
   * key by key where none of the keys depends on another.
   *
   * @return how many words belong to a key; 0 for other commands
   */
  private static int wordsOfKey(Args args) {
    if (args.is(0, "del") || args.is(0, "unlink")) {
      return 1;
    }
    return args.is(0, "mset") || args.is(0, "msetnx") ? 2 : 0;
  }

  /** Libraries of a primary that has functions are kept, though nothing calls them here. */
  private boolean isFunctionKept(Args args) {
    if (!args.is(0, "function")) {
      return false;
    }
    server.shards().lockAll();
    try {
      boolean kept = server.persister().applyFunction(args);
      if (kept) {
        context.propagate(args);
      }
      return kept;
    } finally {
      server.shards().unlockAll();
    }
  }

  /** MSETNX stands in a stream only where it has set all. */
  private @Nullable String runInPieces(Args args, int wordsOfKey) {
    byte[] set = {'m', 's', 'e', 't'};
    String first = null;
    for (int i = 1; i + wordsOfKey <= args.count() && first == null; i += wordsOfKey) {
      Args piece =
          wordsOfKey == 1
              ? Args.of(args.copy(0), args.copy(i))
              : Args.of(set, args.copy(i), args.copy(i + 1));
      first = runWhole(piece);
    }
    return first;
  }

  private @Nullable String runWhole(Args args) {
    if (!quiet && isFunctionKept(args)) {
      return null;
    }
    long errorsBefore = replies.errors();
    if (quiet) {
      dispatcher.load(context, args, replies);
    } else {
      dispatcher.dispatch(context, args, replies);
    }
    String error = replies.errors() == errorsBefore ? null : replies.lastError();
    replies.clear();
    return error;
  }
}
