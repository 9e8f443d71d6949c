package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.CONNECTION;
import static io.redknot.server.dispatch.CommandFlag.NOSCRIPT;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.persistence.AppendOnly;
import io.redknot.server.replication.AckWaiters;
import io.redknot.server.replication.AckWaiters.Goal;
import io.redknot.server.replication.AckWaiters.OnDisk;
import io.redknot.server.replication.Replication;

/** WAIT and WAITAOF: until replicas, or disks, have what the client has written. */
final class WaitCommands {
  private WaitCommands() {}

  private static final CommandError ON_REPLICA =
      CommandError.of(
          "ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if"
              + " a replica is configured to be writable (which is not the default) writes to"
              + " replicas are just local and are not propagated.");

  private static final CommandError AOF_ON_REPLICA =
      CommandError.of(
          "ERR WAITAOF cannot be used with replica instances. Please also note that writes to"
              + " replicas are just local and are not propagated.");
  private static final CommandError NOT_0_OR_1 =
      CommandError.of("ERR value is out of range, value must between 0 and 1");
  private static final CommandError NOT_POSITIVE =
      CommandError.of("ERR value is out of range, must be positive");
  private static final CommandError NO_FILE = CommandError.of(AckWaiters.NO_FILE);

  static void register(CommandTable table) {
    table
        .add("wait", 3, WaitCommands::await)
        .in(CONNECTION)
        .tips("request_policy:all_shards", "response_policy:agg_min");
    table
        .add("waitaof", 4, WaitCommands::awaitDisks)
        .flags(NOSCRIPT)
        .in(CONNECTION)
        .tips("request_policy:all_shards", "response_policy:agg_min");
  }

  private static void await(CommandContext ctx, Args args, RespWriter out) {
    Replication replication = ctx.server().replication();
    if (replication.isReplica()) {
      throw ON_REPLICA;
    }
    long replicas = LongArgument.of(args, 1);
    long endMs = Timeouts.endMs(args, 2, ctx.nowMs());
    answer(ctx, new Goal(ctx.session().writtenOffset(), replicas, null), endMs, out);
  }

  private static void awaitDisks(CommandContext ctx, Args args, RespWriter out) {
    long local = LongArgument.of(args, 1);
    if (local < 0 || local > 1) {
      throw NOT_0_OR_1;
    }
    long replicas = LongArgument.of(args, 2);
    if (replicas < 0) {
      throw NOT_POSITIVE;
    }
    long endMs = Timeouts.endMs(args, 3, ctx.nowMs());
    if (ctx.server().replication().isReplica()) {
      throw AOF_ON_REPLICA;
    }
    if (local == 1 && ctx.server().persister().appendOnly().state() == AppendOnly.State.OFF) {
      throw NO_FILE;
    }
    OnDisk disk = new OnDisk(ctx.session().writtenAppend(), local == 1);
    answer(ctx, new Goal(ctx.session().writtenOffset(), replicas, disk), endMs, out);
  }

  private static void answer(CommandContext ctx, Goal goal, long endMs, RespWriter out) {
    AckWaiters waiters = ctx.server().replication().waiters();
    if (waiters.isReached(goal) || ctx.inTransaction()) {
      waiters.reply(goal, out);
    } else {
      waiters.add(goal, ctx.suspend(), endMs - ctx.nowMs());
    }
  }
}
