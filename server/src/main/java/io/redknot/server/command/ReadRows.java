package io.redknot.server.command;

import static io.redknot.server.dispatch.CommandFlag.FAST;
import static io.redknot.server.dispatch.CommandFlag.READONLY;

import io.redknot.server.dispatch.AclCategory;
import io.redknot.server.dispatch.CommandHandler;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeySpec;

/** Adds rows of commands that read the one key that is their first argument. */
record ReadRows(CommandTable table, AclCategory category) {
  private static final int KEY = 1;

  void addFast(String name, int arity, String access, CommandHandler handler) {
    table
        .add(name, arity, handler)
        .flags(READONLY, FAST)
        .in(category)
        .keys(KeySpec.at(KEY, access));
  }

  void add(String name, int arity, String tip, CommandHandler handler) {
    table
        .add(name, arity, handler)
        .flags(READONLY)
        .in(category)
        .keys(KeySpec.at(KEY, "RO access"))
        .tips(tip);
  }
}
