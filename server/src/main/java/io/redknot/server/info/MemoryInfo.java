package io.redknot.server.info;

import io.redknot.server.Server;
import io.redknot.server.config.ServerConfig;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;

/** The section about memory. */
final class MemoryInfo {
  private MemoryInfo() {}

  static void memory(Server server, InfoText out) {
    MemoryMeter.Reading memory = server.memory().read();
    long resident = Platform.residentBytes();
    out.section("Memory")
        .bytes("used_memory", memory.usedBytes())
        .bytes("used_memory_rss", resident)
        .bytes("used_memory_peak", memory.peakBytes())
        .field("used_memory_peak_perc", memory.peakPercent(), 2, "%")
        .field("used_memory_overhead", memory.overheadBytes())
        .field("used_memory_startup", memory.startupBytes())
        .field("used_memory_dataset", memory.datasetBytes())
        .field("used_memory_dataset_perc", memory.datasetPercent(), 2, "%")
        .field("allocator_allocated", memory.usedBytes())
        .field("allocator_active", memory.heldBytes())
        .field("allocator_resident", memory.heapBytes())
        .bytes("total_system_memory", Platform.totalMemoryBytes());
    scripts(out);
    limit(server.config(), out);
    ratios(memory, resident, out);
    buffers(server, memory, out);
    heap(out);
  }

  private static void scripts(InfoText out) {
    out.field("used_memory_lua", 0)
        .field("used_memory_vm_eval", 0)
        .field("used_memory_lua_human", InfoText.human(0))
        .zeros(
            "used_memory_scripts_eval",
            "number_of_cached_scripts",
            "number_of_functions",
            "number_of_libraries",
            "used_memory_vm_functions")
        .bytes("used_memory_vm_total", 0)
        .field("used_memory_functions", 0)
        .bytes("used_memory_scripts", 0);
  }

  private static void limit(ServerConfig config, InfoText out) {
    out.bytes("maxmemory", config.maxmemory.get())
        .field("maxmemory_policy", config.maxmemoryPolicy.text());
  }

  private static void ratios(MemoryMeter.Reading memory, long resident, InfoText out) {
    long heap = memory.heapBytes();
    out.field("allocator_frag_ratio", ratio(memory.heldBytes(), memory.usedBytes()), 2)
        .field("allocator_frag_bytes", memory.heldBytes() - memory.usedBytes())
        .field("allocator_rss_ratio", ratio(heap, memory.heldBytes()), 2)
        .field("allocator_rss_bytes", heap - memory.heldBytes())
        .field("rss_overhead_ratio", ratio(resident, heap), 2)
        .field("rss_overhead_bytes", resident - heap)
        .field("mem_fragmentation_ratio", ratio(resident, memory.usedBytes()), 2)
        .field("mem_fragmentation_bytes", resident - memory.usedBytes());
  }

  static double ratio(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }

  private static void buffers(Server server, MemoryMeter.Reading memory, InfoText out) {
    long replication = server.replication().bufferBytes();
    out.field("mem_not_counted_for_evict", replication)
        .field("mem_replication_backlog", replication)
        .field("mem_total_replication_buffers", replication)
        .field("mem_clients_slaves", replicaBytes(server))
        .field("mem_clients_normal", memory.clientBytes())
        .field("mem_cluster_links", clusterLinkBytes(server))
        .field("mem_aof_buffer", server.persister().appendOnly().bufferedBytes())
        .field("mem_allocator", "redknot-pages")
        .zeros("active_defrag_running")
        .field("lazyfree_pending_objects", KeyspaceFigures.dropped(server.shards()))
        .field("lazyfreed_objects", KeyspaceFigures.stats(server.shards()).lazilyFreed);
  }

  /** Bytes that are with the sockets of replicas; what is not yet is in the one buffer of all. */
  static long replicaBytes(Server server) {
    return server.replication().replicas().stream()
        .mapToLong(link -> link.connection().memory().outputBytes())
        .sum();
  }

  /** Bytes that wait to be sent to other nodes. */
  static long clusterLinkBytes(Server server) {
    var cluster = server.cluster();
    return cluster == null
        ? 0
        : cluster.view().links().stream().mapToLong(link -> link.sendBufferBytes()).sum();
  }

  private static void heap(InfoText out) {
    Runtime runtime = Runtime.getRuntime();
    long collections = 0;
    long collectionMs = 0;
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      collections += Math.max(0, collector.getCollectionCount());
      collectionMs += Math.max(0, collector.getCollectionTime());
    }
    out.field("redknot_heap_used", runtime.totalMemory() - runtime.freeMemory())
        .field("redknot_heap_committed", runtime.totalMemory())
        .field("redknot_heap_max", runtime.maxMemory())
        .field("redknot_gc_collections", collections)
        .field("redknot_gc_milliseconds", collectionMs);
  }
}
