package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.DANGEROUS;
import static io.redknot.server.dispatch.AclCategory.KEYSPACE;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyFinders;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.server.dispatch.Treatment;
import io.redknot.server.migration.Migration;
import io.redknot.server.migration.MigrationRequest;

/** MIGRATE: keys go to another server. */
final class MigrateCommands {
  private MigrateCommands() {}

  static void register(CommandTable table) {
    table
        .add("migrate", -6, MigrateCommands::migrate)
        .treated(Treatment.MIGRATE)
        .flags(WRITE)
        .in(KEYSPACE, DANGEROUS)
        .keys(
            KeySpec.at(3, "RW access delete"),
            KeySpec.of(
                new KeySpec.Begin.Keyword("KEYS", -2),
                new KeySpec.Find.Range(-1, 1, 0),
                "RW access delete incomplete"))
        .findKeysBy(KeyFinders::migrate)
        .tips("nondeterministic_output");
  }

  private static void migrate(CommandContext ctx, Args args, RespWriter out) {
    MigrationRequest request = MigrationRequest.of(args);
    redactPasswords(ctx, args);
    Migration.begin(ctx, args, request, out);
  }

  private static void redactPasswords(CommandContext ctx, Args args) {
    for (int i = 6; i < args.count() && !args.is(i, "keys"); i++) {
      if (args.is(i, "auth")) {
        ctx.redact(++i);
      } else if (args.is(i, "auth2")) {
        ctx.redact(i + 1);
        ctx.redact(i + 2);
        i += 2;
      }
    }
  }
}
