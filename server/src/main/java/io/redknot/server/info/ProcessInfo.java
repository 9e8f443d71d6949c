package io.redknot.server.info;

import io.redknot.server.Server;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.config.StartOptions;
import io.redknot.server.net.ConnectionHandler;
import io.redknot.server.net.Suspension;
import io.redknot.server.net.Transport;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The sections about the process and its clients. */
final class ProcessInfo {
  private static final long MS_PER_SECOND = 1000;
  private static final long SECONDS_PER_DAY = 86_400;
  private static final int LRU_CLOCK_MASK = 0xffffff;

  private ProcessInfo() {}

  static void server(Server server, InfoText out) {
    ServerConfig config = server.config();
    out.section("Server")
        .field("redis_version", Server.REDIS_VERSION)
        .field("server_name", "redknot")
        .field("redknot_version", StartOptions.REDKNOT_VERSION)
        .field("redis_git_sha1", "00000000")
        .field("redis_git_dirty", 0)
        .field("redis_build_id", "0")
        .field("redis_mode", config.clusterEnabled.get() ? "cluster" : "standalone")
        .field("os", Platform.operatingSystem())
        .field("arch_bits", 64)
        .field("monotonic_clock", "JVM nanoTime")
        .field("multiplexing_api", transport(config))
        .field("atomicvar_api", "java-varhandle")
        .field("gcc_version", "0.0.0")
        .field("redknot_java_version", Runtime.version().toString())
        .field("process_id", ProcessHandle.current().pid())
        .field("process_supervised", "no")
        .field("run_id", server.runId())
        .field("tcp_port", config.port.get());
    time(server, out);
    Path file = config.configFile();
    out.field("executable", Platform.executable())
        .field("config_file", file == null ? "" : file.toString())
        .field("io_threads_active", config.ioThreads.get() > 1);
    long leftMs = server.stopping().leftMs();
    if (leftMs >= 0) {
      out.field("shutdown_in_milliseconds", leftMs);
    }
    if (config.port.get() != 0) {
      out.field("listener0", listener(config));
    }
    if (!config.unixsocket.get().isEmpty()) {
      out.field("listener1", "name=unix,bind=" + config.unixsocket.get());
    }
  }

  private static String transport(ServerConfig config) {
    return Transport.of(config.redknotTransport.get()).name().toLowerCase(Locale.ROOT);
  }

  private static void time(Server server, InfoText out) {
    long nowMs = server.clock().nowMs();
    long uptimeSeconds = Math.max(0, nowMs - server.startMs()) / MS_PER_SECOND;
    out.field("server_time_usec", server.clock().nowMicros())
        .field("uptime_in_seconds", uptimeSeconds)
        .field("uptime_in_days", uptimeSeconds / SECONDS_PER_DAY)
        .field("hz", server.config().hz.get())
        .field("configured_hz", server.config().hz.get())
        .field("lru_clock", (nowMs / MS_PER_SECOND) & LRU_CLOCK_MASK);
  }

  private static String listener(ServerConfig config) {
    StringBuilder text = new StringBuilder("name=tcp");
    for (String address : config.bind.get().words()) {
      text.append(",bind=").append(address);
    }
    return text.append(",port=").append(config.port.get()).toString();
  }

  static void clients(Server server, InfoText out) {
    List<ConnectionHandler> clients = server.clients().all();
    long input = 0;
    long output = 0;
    long blocked = 0;
    for (ConnectionHandler client : clients) {
      input = Math.max(input, client.memory().queryBytes());
      output = Math.max(output, client.memory().outputBytes());
      Suspension waiting = client.suspension();
      blocked += waiting != null && waiting.isBlocked() ? 1 : 0;
    }
    out.section("Clients")
        .field("connected_clients", clients.size())
        .field("cluster_connections", clusterConnections(server))
        .field("maxclients", server.config().maxclients.get())
        .field("client_recent_max_input_buffer", input)
        .field("client_recent_max_output_buffer", output)
        .field("blocked_clients", blocked)
        .field("tracking_clients", server.tracking().clientCount())
        .zeros("clients_in_timeout_table", "total_blocking_keys", "total_blocking_keys_on_nokey");
  }

  private static long clusterConnections(Server server) {
    var cluster = server.cluster();
    return cluster == null ? 0 : cluster.view().links().size();
  }

  static void cpu(Server server, InfoText out) {
    Platform.CpuTime process = Platform.processCpu();
    Platform.CpuTime thread = Platform.threadCpu();
    out.section("CPU")
        .field("used_cpu_sys", process.system(), 6)
        .field("used_cpu_user", process.user(), 6)
        .field("used_cpu_sys_children", process.childrenSystem(), 6)
        .field("used_cpu_user_children", process.childrenUser(), 6)
        .field("used_cpu_sys_main_thread", thread.system(), 6)
        .field("used_cpu_user_main_thread", thread.user(), 6);
  }
}
