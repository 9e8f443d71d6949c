package io.redknot.server.command;

import io.redknot.server.dispatch.CommandTable;

/** The one list of all command families. */
public final class CommandFamilies {
  private CommandFamilies() {}

  /** Adds the rows of every family to a table, which the caller seals. */
  public static void register(CommandTable table) {
    registerServer(table);
    registerData(table);
  }

  /** What concerns connections, the server and the cluster. */
  private static void registerServer(CommandTable table) {
    ConnectionCommands.register(table);
    ClientCommands.register(table);
    TransactionCommands.register(table);
    PubSubCommands.register(table);
    ClusterCommands.register(table);
    ServerCommands.register(table);
    PersistenceCommands.register(table);
    SyncCommands.register(table);
    ReplicationCommands.register(table);
    FailoverCommand.register(table);
    WaitCommands.register(table);
    ConfigCommands.register(table);
    SlowLogCommands.register(table);
    LatencyCommands.register(table);
    MemoryCommands.register(table);
    DebugCommands.register(table);
    ModuleCommands.register(table);
    FunctionCommands.register(table);
    ShutdownCommand.register(table);
    MonitorCommand.register(table);
    Lolwut.register(table);
    new CommandCommands(table).register(table);
  }

  /** What works on keys. */
  private static void registerData(CommandTable table) {
    KeyCommands.register(table);
    ExpireCommands.register(table);
    ObjectCommands.register(table);
    ScanCommands.register(table);
    DatabaseCommands.register(table);
    StringCommands.register(table);
    RangeCommands.register(table);
    ListCommands.register(table);
    ListMoveCommands.register(table);
    BlockingListCommands.register(table);
    SortCommands.register(table);
    IncrementCommands.register(table);
    DumpCommands.register(table);
    MigrateCommands.register(table);
    StreamCommands.register(table);
    StreamReadCommands.register(table);
    StreamGroupCommands.register(table);
    StreamClaimCommands.register(table);
    StreamPendingCommand.register(table);
    StreamInfoCommands.register(table);
    BitCommands.register(table);
    BitfieldCommands.register(table);
    LcsCommand.register(table);
    HyperLogLogCommands.register(table);
    SortedSetCommands.register(table);
    SortedSetRangeCommands.register(table);
    SortedSetPopCommands.register(table);
    BlockingSortedSetCommands.register(table);
    SortedSetAlgebra.register(table);
    SortedSetScan.register(table);
    HashCommands.register(table);
    HashReads.register(table);
    SetCommands.register(table);
    SetReads.register(table);
    SetOperations.register(table);
    GeoCommands.register(table);
    GeoSearchCommands.register(table);
  }
}
