package io.redknot.server.persistence;

import io.redknot.server.Server;
import io.redknot.server.config.ServerConfig;
import io.redknot.storage.keyspace.AccessClock;
import io.redknot.storage.keyspace.Shards;
import io.redknot.storage.rdb.ByteSink;
import io.redknot.storage.rdb.EntryWriter;
import io.redknot.storage.rdb.RdbFileWriter;
import io.redknot.storage.rdb.RdbOutput;
import io.redknot.storage.snapshot.SnapshotSession;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Writes the data set in the format of RDB, as it is when it begins: to a file, or to replicas.
 * Runs on the file thread, so that there is one snapshot at a time.
 */
public final class SnapshotWriter {
  /**
   * What is asked for.
   *
   * @param sink gets the bytes
   * @param keys whether the keys are written at all
   * @param aofBase whether commands of an append-only file follow
   * @param onBegin runs at the moment whose data set is written, while all shards are locked; may
   *     neither wait nor fail
   * @param onSession gets to know the session, for who wants to see how far it has come
   */
  public record Order(
      ByteSink sink,
      boolean keys,
      boolean aofBase,
      Runnable onBegin,
      Consumer<SnapshotSession> onSession) {}

  private final Server server;
  private final ServerConfig config;

  public SnapshotWriter(Server server) {
    this.server = server;
    this.config = server.config();
  }

  /**
   * Writes all; blocks as long as it takes.
   *
   * @return how many bytes
   * @throws IOException of the sink
   */
  public long write(Order order) throws IOException {
    RdbOutput out =
        new RdbOutput(order.sink(), config.rdbcompression.get(), config.rdbchecksum.get());
    int version = config.rdbVersion.getInt();
    Begun begun = server.replication().whileStill(() -> begin(version, order));
    SnapshotSession session = begun.session();
    order.onSession().accept(session);
    try {
      RdbFileWriter writer = new RdbFileWriter(out, version);
      writeFields(writer, order.aofBase(), begun.fields());
      for (byte[] source : begun.functions()) {
        writer.function(source);
      }
      GivingWay pace = new GivingWay(server.stats(), server.clock());
      // Each step is one slice under a lock, and the writing of what it collected.
      while (order.keys() && session.step(writer)) {
        pace.afterStep();
      }
      writer.end();
    } finally {
      // However it ended, nobody may go on keeping entries for it.
      session.abandon();
    }
    return out.size();
  }

  private record Begun(
      SnapshotSession session, Map<String, String> fields, List<byte[]> functions) {}

  private Begun begin(int version, Order order) {
    Shards shards = server.shards();
    AccessClock clock = shards.clock();
    EntryWriter records = new EntryWriter(version, clock, use());
    SnapshotSession.Options options = new SnapshotSession.Options(config.rdbcompression.get());
    shards.lockAll();
    try {
      SnapshotSession session = SnapshotSession.begin(shards, records, options);
      order.onBegin().run();
      return new Begun(
          session,
          order.aofBase() ? Map.of() : server.replication().savedFields(),
          server.persister().functions());
    } finally {
      shards.unlockAll();
    }
  }

  private EntryWriter.Use use() {
    String policy = config.text("maxmemory-policy");
    if (policy.endsWith("-lfu")) {
      return EntryWriter.Use.FREQUENCY;
    }
    return policy.endsWith("-lru") ? EntryWriter.Use.IDLE : EntryWriter.Use.NOTHING;
  }

  private void writeFields(RdbFileWriter writer, boolean aofBase, Map<String, String> replication)
      throws IOException {
    writer.field("redis-ver", Server.REDIS_VERSION);
    writer.field("redis-bits", "64");
    writer.field("ctime", Long.toString(server.clock().nowMs() / 1000));
    writer.field("used-mem", Long.toString(server.memory().read().usedBytes()));
    for (Map.Entry<String, String> field : replication.entrySet()) {
      writer.field(field.getKey(), field.getValue());
    }
    writer.field("aof-base", aofBase ? "1" : "0");
  }
}
