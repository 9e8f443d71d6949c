package io.redknot.server.info;

import io.redknot.protocol.RespWriter;
import io.redknot.server.Server;
import io.redknot.server.info.KeyspaceFigures.Database;
import java.util.ArrayList;
import java.util.List;

/** MEMORY STATS for programs and MEMORY DOCTOR for people. */
public final class MemoryReport {
  private static final long TOO_LITTLE_BYTES = 5L * 1024 * 1024;
  private static final double PEAK_RATIO_MAX = 1.5;
  private static final double FREE_ROOM_RATIO_MAX = 1.4;
  private static final long FREE_ROOM_BYTES_MAX = 10L * 1024 * 1024;
  private static final long CLIENT_BYTES_MAX = 200L * 1024;

  /** Entries of the reply beside those of the databases. */
  private static final int FIGURES = 28;

  private final Server server;
  private final MemoryMeter.Reading memory;
  private final RespWriter out;

  private MemoryReport(Server server, RespWriter out) {
    this.server = server;
    this.memory = server.memory().read();
    this.out = out;
  }

  /** Writes the reply of MEMORY STATS: a map of figures, in bytes unless their names say more. */
  public static void stats(Server server, RespWriter out) {
    new MemoryReport(server, out).write();
  }

  private void write() {
    List<Integer> databases = new ArrayList<>();
    List<Database> figures = new ArrayList<>();
    for (int db = 0; db < server.shards().databases(); db++) {
      Database found = KeyspaceFigures.database(server.shards(), db, server.clock().nowMs());
      if (found.keys() > 0) {
        databases.add(db);
        figures.add(found);
      }
    }
    out.map(FIGURES + databases.size());
    writeUse();
    for (int i = 0; i < databases.size(); i++) {
      writeDatabase(databases.get(i), figures.get(i));
    }
    writeData();
    writeRoom(Platform.residentBytes(), memory.heapBytes());
  }

  private void writeUse() {
    figure("peak.allocated", memory.peakBytes());
    figure("total.allocated", memory.usedBytes());
    figure("startup.allocated", memory.startupBytes());
    figure("replication.backlog", server.replication().bufferBytes());
    figure("clients.slaves", MemoryInfo.replicaBytes(server));
    figure("clients.normal", memory.clientBytes());
    figure("cluster.links", MemoryInfo.clusterLinkBytes(server));
    figure("aof.buffer", server.persister().appendOnly().bufferedBytes());
    figure("lua.caches", 0);
    figure("functions.caches", 0);
  }

  /** Expiries stand in the entries themselves, and tables are per slot: one figure has it all. */
  private void writeDatabase(int db, Database figures) {
    out.bulk("db." + db);
    out.map(3);
    figure("overhead.hashtable.main", figures.tableBytes());
    figure("overhead.hashtable.expires", 0);
    figure("overhead.hashtable.slot-to-keys", 0);
  }

  private void writeData() {
    long keys = memory.keys();
    figure("overhead.total", memory.overheadBytes());
    figure("keys.count", keys);
    figure("keys.bytes-per-key", keys == 0 ? 0 : memory.dataBytes() / keys);
    figure("dataset.bytes", memory.datasetBytes());
    figure("dataset.percentage", memory.datasetPercent());
    figure("peak.percentage", memory.peakPercent());
  }

  private void writeRoom(long resident, long heap) {
    long used = memory.usedBytes();
    long held = memory.heldBytes();
    figure("allocator.allocated", used);
    figure("allocator.active", held);
    figure("allocator.resident", heap);
    figure("allocator-fragmentation.ratio", MemoryInfo.ratio(held, used));
    figure("allocator-fragmentation.bytes", held - used);
    figure("allocator-rss.ratio", MemoryInfo.ratio(heap, held));
    figure("allocator-rss.bytes", heap - held);
    figure("rss-overhead.ratio", MemoryInfo.ratio(resident, heap));
    figure("rss-overhead.bytes", resident - heap);
    figure("fragmentation", MemoryInfo.ratio(resident, used));
    figure("fragmentation.bytes", resident - used);
    figure("redknot.heap.max", Runtime.getRuntime().maxMemory());
  }

  private void figure(String name, long value) {
    out.bulk(name);
    out.integer(value);
  }

  private void figure(String name, double value) {
    out.bulk(name);
    out.real(value);
  }

  /** The text of MEMORY DOCTOR. */
  public static String of(Server server) {
    MemoryMeter.Reading memory = server.memory().read();
    if (memory.usedBytes() < TOO_LITTLE_BYTES) {
      return "There is hardly any data in memory, so its use tells nothing. Ask again when there"
          + " is more.\n";
    }
    List<String> oddities = oddities(server, memory);
    if (oddities.isEmpty()) {
      return "Nothing is odd about the use of memory.\n";
    }
    return "This is odd about the use of memory:\n\n * " + String.join("\n * ", oddities) + "\n";
  }

  private static List<String> oddities(Server server, MemoryMeter.Reading memory) {
    List<String> found = new ArrayList<>();
    if ((double) memory.peakBytes() / memory.usedBytes() > PEAK_RATIO_MAX) {
      found.add(
          "The peak was much higher than what is used now, so that ratios to resident memory"
              + " mislead: the JVM keeps what it once took.");
    }
    long freeRoom = memory.heldBytes() - memory.usedBytes();
    boolean sparse = (double) memory.heldBytes() / memory.usedBytes() > FREE_ROOM_RATIO_MAX;
    if (sparse && freeRoom > FREE_ROOM_BYTES_MAX) {
      found.add("Pages have much free room between entries; MEMORY PURGE moves them together.");
    }
    int clients = Math.max(1, server.clients().count());
    if (memory.clientBytes() / clients > CLIENT_BYTES_MAX) {
      found.add("Clients have large buffers; CLIENT LIST shows whose (qbuf, omem).");
    }
    return found;
  }
}
