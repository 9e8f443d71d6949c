package io.redknot.server.config;

import static io.redknot.server.config.Rows.INT_MAX;
import static io.redknot.server.config.Rows.LONG_MAX;
import static io.redknot.server.config.Rows.UINT_MAX;
import static io.redknot.server.config.Rows.choice;
import static io.redknot.server.config.Rows.integer;
import static io.redknot.server.config.Rows.memory;

import io.redknot.server.config.Directive.Effect;
import io.redknot.server.config.Directive.Flag;
import io.redknot.server.config.ScalarTypes.ChoiceType;
import io.redknot.server.config.ScalarTypes.NumberForm;
import io.redknot.server.config.ScalarTypes.NumberType;
import java.util.List;

/** The directives about the process, its sockets, its clients and who may do what. */
final class NodeDirectives {
  private static final long HZ_MIN = 1;
  private static final long HZ_MAX = 500;
  private static final long SHARDS_MAX = 1024;
  private static final long IO_THREADS_MAX = 128;

  /** The version of RDB that Redis 7.0 reads and writes, and that of Redis 7.2. */
  private static final long RDB_VERSION_MIN = 10;

  private static final long RDB_VERSION_MAX = 11;

  private NodeDirectives() {}

  static void addTo(List<Directive<?>> rows) {
    addRedknot(rows);
    addNetwork(rows);
    addTls(rows);
    addClients(rows);
    addSecurity(rows);
    addProcess(rows);
    addProcessOfAnotherKind(rows);
    addObservation(rows);
  }

  private static void addRedknot(List<Directive<?>> rows) {
    NumberType shards =
        new NumberType(NumberForm.INTEGER, 1, SHARDS_MAX, NodeDirectives::powerOfTwo);
    List<String> transports = List.of("auto", "epoll", "nio");
    new Rows(rows, "Redknot", Effect.APPLIED)
        .add("redknot-shards", shards, "16", Flag.IMMUTABLE, Flag.HIDDEN)
        .add(
            "redknot-transport",
            new ChoiceType<>(Choices.Transport.class, transports),
            "auto",
            Flag.IMMUTABLE,
            Flag.HIDDEN)
        .bool("redknot-huge-pages", "yes", Flag.HIDDEN)
        .add(ConfigTable.IO_THREADS, integer(1, IO_THREADS_MAX), "", Flag.IMMUTABLE)
        .add("rdb-version", integer(RDB_VERSION_MIN, RDB_VERSION_MAX), "10", Flag.HIDDEN);
  }

  private static long powerOfTwo(long value) throws BadValueException {
    if (Long.bitCount(value) != 1) {
      throw new BadValueException("argument must be a power of two");
    }
    return value;
  }

  private static void addNetwork(List<Directive<?>> rows) {
    new Rows(rows, "Network", Effect.APPLIED)
        .add("bind", WordList.ADDRESSES, "* -::*")
        .port("port", "6379")
        .add("tcp-backlog", integer(0, INT_MAX), "511", Flag.IMMUTABLE)
        .add("tcp-keepalive", integer(0, INT_MAX), "300")
        .bool("protected-mode", "yes")
        .text("bind-source-addr", "")
        .text("unixsocket", "", Flag.IMMUTABLE)
        .add("unixsocketperm", new NumberType(NumberForm.OCTAL, 0, 0777, null), "0", Flag.IMMUTABLE)
        .with(Effect.none("The JVM cannot set a socket's mark."))
        .add("socket-mark-id", integer(0, UINT_MAX), "0", Flag.IMMUTABLE);
  }

  private static void addTls(List<Directive<?>> rows) {
    new Rows(rows, "TLS", Effect.later("Comes with TLS."))
        .port("tls-port", "0")
        .bool("tls-cluster", "no")
        .bool("tls-replication", "no")
        .add("tls-auth-clients", choice(Choices.TlsAuthClients.class), "yes")
        .text("tls-cert-file", "", Flag.VOLATILE)
        .text("tls-key-file", "", Flag.VOLATILE)
        .text("tls-key-file-pass", "", Flag.VOLATILE, Flag.SENSITIVE)
        .text("tls-client-cert-file", "", Flag.VOLATILE)
        .text("tls-client-key-file", "", Flag.VOLATILE)
        .text("tls-client-key-file-pass", "", Flag.VOLATILE, Flag.SENSITIVE)
        .text("tls-ca-cert-file", "", Flag.VOLATILE)
        .text("tls-ca-cert-dir", "", Flag.VOLATILE)
        .text("tls-protocols", "", Flag.VOLATILE)
        .text("tls-ciphers", "", Flag.VOLATILE)
        .text("tls-ciphersuites", "", Flag.VOLATILE)
        .bool("tls-prefer-server-ciphers", "no")
        .bool("tls-session-caching", "yes")
        .add("tls-session-cache-size", integer(0, INT_MAX), "20480")
        .add("tls-session-cache-timeout", integer(0, INT_MAX), "300")
        .with(Effect.none("The JVM chooses the parameters of the key exchange."))
        .text("tls-dh-params-file", "", Flag.VOLATILE);
  }

  private static void addClients(List<Directive<?>> rows) {
    new Rows(rows, "Clients", Effect.APPLIED)
        .add("maxclients", integer(1, UINT_MAX), "10000")
        .add("timeout", integer(0, INT_MAX), "0")
        .add("proto-max-bulk-len", memory(ConfigNumbers.MIB, LONG_MAX), "536870912")
        .add("client-query-buffer-limit", memory(ConfigNumbers.MIB, LONG_MAX), "1073741824")
        .add(
            "client-output-buffer-limit",
            OutputBufferLimits.TYPE,
            "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60")
        .add(
            "maxmemory-clients",
            new NumberType(NumberForm.MEMORY_OR_PERCENT, -100, LONG_MAX, null),
            "0")
        .add("tracking-table-max-keys", integer(0, LONG_MAX), "1000000")
        .with(Effect.none("Replies are recorded by tests outside the server."))
        .add("client-default-resp", integer(2, 3), "2", Flag.IMMUTABLE, Flag.HIDDEN)
        .text("req-res-logfile", "", Flag.IMMUTABLE, Flag.HIDDEN);
  }

  private static void addSecurity(List<Directive<?>> rows) {
    new Rows(rows, "Security", Effect.APPLIED)
        .text("requirepass", "", Flag.SENSITIVE)
        .add("enable-protected-configs", choice(Choices.Access.class), "no", Flag.IMMUTABLE)
        .add("enable-debug-command", choice(Choices.Access.class), "no", Flag.IMMUTABLE)
        .with(Effect.later("Comes with access control lists."))
        .plainText("aclfile", "", Flag.IMMUTABLE)
        .add("acllog-max-len", integer(0, LONG_MAX), "128")
        .add("acl-pubsub-default", choice(Choices.AclPubsubDefault.class), "resetchannels")
        .with(Effect.none("Modules are native code for Redis, and Redknot loads none."))
        .add("enable-module-command", choice(Choices.Access.class), "no", Flag.IMMUTABLE);
  }

  private static void addProcess(List<Directive<?>> rows) {
    NumberType hz = new NumberType(NumberForm.INTEGER, 0, INT_MAX, NodeDirectives::clampHz);
    new Rows(rows, "Process", Effect.APPLIED)
        .add("loglevel", choice(Choices.LogLevel.class), "notice")
        .plainText("logfile", "", Flag.IMMUTABLE)
        .text("pidfile", "", Flag.IMMUTABLE)
        .add("databases", integer(1, INT_MAX), "16", Flag.IMMUTABLE)
        .add("hz", hz, "10")
        .add("shutdown-on-sigint", ShutdownOptions.TYPE, "default")
        .add("shutdown-on-sigterm", ShutdownOptions.TYPE, "default")
        .add("shutdown-timeout", integer(0, INT_MAX), "10")
        .with(Effect.later("Comes with scripts: how long one may run before others are told."))
        .add("busy-reply-threshold lua-time-limit", integer(0, LONG_MAX), "5000");
  }

  private static long clampHz(long value) {
    return Math.clamp(value, HZ_MIN, HZ_MAX);
  }

  private static void addProcessOfAnotherKind(List<Directive<?>> rows) {
    Effect cpus = Effect.none("The JVM cannot bind its threads to cores; use taskset or cgroups.");
    Effect title = Effect.none("A process on the JVM cannot change its title.");
    Effect supervisor = Effect.none("Redknot runs in the foreground; let a supervisor start it.");
    Effect syslog = Effect.none("Redknot logs to a file or to standard output.");
    Effect oom = Effect.none("Redknot forks no children to tell apart; set it for the process.");
    Effect crash = Effect.none("The JVM writes its own crash report.");
    new Rows(rows, "Process", supervisor)
        .bool("daemonize", "no", Flag.IMMUTABLE)
        .add("supervised", choice(Choices.Supervised.class), "no", Flag.IMMUTABLE)
        .with(title)
        .bool("set-proc-title", "yes", Flag.IMMUTABLE)
        .checked(
            "proc-title-template",
            "{title} {listen-addr} {server-mode}",
            TextChecks::titleTemplate,
            "text with {title} and the like")
        .with(syslog)
        .bool("syslog-enabled", "no", Flag.IMMUTABLE)
        .plainText("syslog-ident", "redis", Flag.IMMUTABLE)
        .add("syslog-facility", choice(Choices.SyslogFacility.class), "local0", Flag.IMMUTABLE)
        .with(oom)
        .add("oom-score-adj", choice(Choices.OomScoreAdj.class), "no")
        .add("oom-score-adj-values", WordList.SCORE_VALUES, "0 200 800")
        .with(cpus)
        .text("server_cpulist", "", Flag.IMMUTABLE)
        .text("bio_cpulist", "", Flag.IMMUTABLE)
        .text("bgsave_cpulist", "", Flag.IMMUTABLE)
        .text("aof_rewrite_cpulist", "", Flag.IMMUTABLE)
        .with(crash)
        .bool("crash-log-enabled", "yes")
        .bool("crash-memcheck-enabled", "yes")
        .bool("use-exit-on-panic", "no", Flag.HIDDEN)
        .add("watchdog-period", integer(0, INT_MAX), "0", Flag.HIDDEN)
        .with(
            Effect.none(
                "There is no fork that huge pages would make slow; see redknot-huge-pages."))
        .bool("disable-thp", "yes", Flag.IMMUTABLE)
        .with(Effect.none("Every I/O thread reads, parses and executes."))
        .bool("io-threads-do-reads", "no", Flag.IMMUTABLE)
        .with(Effect.none("There is no banner."))
        .bool("always-show-logo", "no", Flag.IMMUTABLE)
        .with(Effect.none("The checks it silences are about bugs of the kernel that need a fork."))
        .plainText("ignore-warnings", "")
        .with(Effect.none("Periodic work is shared by loops that follow the load by themselves."))
        .bool("dynamic-hz", "yes")
        .with(Effect.none("Texts are compared by bytes."))
        .plainText("locale-collate", "");
  }

  private static void addObservation(List<Directive<?>> rows) {
    new Rows(rows, "Observation", Effect.later("Comes with publish/subscribe."))
        .add("notify-keyspace-events", KeyspaceEvents.TYPE, "")
        .with(Effect.APPLIED)
        .add("slowlog-log-slower-than", integer(-1, LONG_MAX), "10000")
        .add("slowlog-max-len", integer(0, LONG_MAX), "128")
        .with(Effect.later("Comes with the latency commands."))
        .add("latency-monitor-threshold", integer(0, LONG_MAX), "0")
        .bool("latency-tracking", "yes")
        .add(
            "latency-tracking-info-percentiles",
            WordList.PERCENTILES,
            "50 99 99.9",
            Flag.ALWAYS_WRITTEN);
  }
}
