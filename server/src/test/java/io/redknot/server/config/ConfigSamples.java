package io.redknot.server.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Texts to try on Redknot and on Redis alike. */
final class ConfigSamples {
  /** Right and wrong for one type or another. */
  private static final List<String> GENERAL =
      List.of(
          "",
          "0",
          "1",
          "-1",
          "7",
          "007",
          "+7",
          " 7",
          "7 ",
          "1.5",
          "abc",
          "yes",
          "NO",
          "maybe",
          "65535",
          "65536",
          "101",
          "2147483647",
          "2147483648",
          "-2147483648",
          "4294967295",
          "9223372036854775807",
          "99999999999999999999999",
          "0x10",
          "2mb",
          "2MB",
          "3k",
          "1 2",
          "5%");

  /** Nothing above 2^63-1 is a size for us; Redis lets it wrap around. */
  private static final List<String> HUGE = List.of("99999999999999999999999");

  /** Redis reads a missing number of changes as none, and percentiles in hexadecimal. */
  private static final Map<String, List<String>> LENIENT =
      Map.of("save", List.of("7 "), "latency-tracking-info-percentiles", List.of("0x10"));

  private static final Map<String, List<String>> SPECIAL =
      Map.ofEntries(
          Map.entry("save", List.of("10 0", "900 1 300 10", "  900   1  ", "0 10", "1 2 3")),
          Map.entry(
              "notify-keyspace-events",
              List.of("KEA", "Kg$lshzxe", "KEAmn", "g$lshzxetd", "mnK", "Q", "")),
          Map.entry(
              "client-output-buffer-limit",
              List.of(
                  "normal 0 0",
                  "foo 0 0 0",
                  "master 0 0 0",
                  "normal a 0 0",
                  "normal 0 0 -1",
                  "normal 0 0 1x",
                  "normal 1 2 3 foo a 1 1",
                  "replica 1mb 2kb 3 NORMAL 1 2 3",
                  "pubsub 1 1 1 foo")),
          Map.entry(
              "oom-score-adj-values",
              List.of("1 2", "1 2 3000", "1 2 a", "3 2 1", "1 2 3 4", "-2001 2 3")),
          Map.entry(
              "latency-tracking-info-percentiles",
              List.of("101", "a", "50 -1", "50.5 99.999 0", "1e1 0.001 33.33333333333", "50  60")),
          Map.entry(
              "shutdown-on-sigint",
              List.of("save now", "save nosave", "default force", "FORCE nosave", "foo bar")),
          Map.entry("maxmemory-policy", List.of("ALLKEYS-LRU", "volatile-ttl")),
          Map.entry("maxmemory-clients", List.of("100%", "101%", "-5", "10mb", "x%", "0%", "%")),
          Map.entry("cluster-announce-hostname", List.of("a_b", "a.b-c", "a".repeat(256))),
          Map.entry("cluster-preferred-endpoint-type", List.of("hostname", "unknown-endpoint")),
          Map.entry("proc-title-template", List.of("{title} x", "{foo}", "{", "{{x}} {port}", "}")),
          Map.entry("sanitize-dump-payload", List.of("clients")));

  /** Several names in one CONFIG SET. */
  static final List<List<String>> PAIRS =
      List.of(
          List.of("timeout", "1", "timeout", "2"),
          List.of("timeout", "1", "TIMEOUT", "2"),
          List.of("timeout", "5", "foo", "3"),
          List.of("cluster-enabled", "yes", "foo", "3"),
          List.of("foo", "3", "cluster-enabled", "yes"),
          List.of("timeout", "5", "maxmemory", "abc", "hz", "abc"),
          List.of("dir", "/tmp", "dbfilename", "x"),
          List.of("Slave-Priority", "abc"),
          List.of("timeout", "5", "hz"),
          List.of("maxmem*", "5"));

  /** A file with comments, repetitions, aliases and things that are gone. */
  static final String FILE =
      """
      # first comment


      # two
         timeout   5
      TCP-Keepalive 60
      timeout 6
      slave-priority 50
      hash-max-ziplist-entries 99
      maxmemory 100mb
        # indented
      save 900 1
      save 300 10
      save 60 100
      requirepass ""
      logfile ""
      include inc*.conf
      rename-command FLUSHALL ""
      user alice on nopass ~* +@all
      client-output-buffer-limit normal 1 2 3
      client-output-buffer-limit slave 1mb 2mb 3
      cluster-announce-ip "1.2.3.4"
      unixsocketperm 700
      list-max-ziplist-entries 5
      notify-keyspace-events "KEA"
      loglevel notice
      maxclients 4000
      appendfilename "appendonly.aof"
      shutdown-on-sigint default
      oom-score-adj-values 0 200 800
      maxmemory-clients 5%
      proto-max-bulk-len 512mb
      lua-time-limit 9

      """;

  /** What is changed before the file is rewritten. */
  static final Map<String, String> CHANGES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("timeout", "9"),
              Map.entry("save", "900 1"),
              Map.entry("slowlog-max-len", "5"),
              Map.entry("repl-backlog-size", "2000000"),
              Map.entry("maxmemory-policy", "allkeys-lru"),
              Map.entry("masterauth", "x\"y\u00ff"),
              Map.entry("hz", "33"),
              Map.entry("cluster-announce-ip", ""),
              Map.entry("shutdown-on-sigterm", "save now"),
              Map.entry("latency-tracking-info-percentiles", "50 99.9")));

  /** Files that stop the start. */
  static final List<String> WRONG_FILES =
      List.of(
          "foo bar\n",
          "# c\n\n  timeout  x  \n",
          "timeout \"5\n",
          "save 1\n",
          "client-output-buffer-limit normal 0 0\n",
          "include a b\n",
          "user foo on\nuser foo off\n",
          "dir /etc/passwd\n",
          "replicaof 1.2.3.4 x\n",
          "slaveof 1 2 3\n",
          "cluster-enabled yes\nreplicaof 1.2.3.4 5\n",
          "unixsocketperm 1777\n",
          "logfile /nonexistent/x\n",
          "activedefrag yes\n");

  private ConfigSamples() {}

  static List<String> valuesFor(String name) {
    List<String> values = new ArrayList<>(GENERAL);
    values.addAll(SPECIAL.getOrDefault(name, List.of()));
    values.removeAll(LENIENT.getOrDefault(name, List.of()));
    Directive<?> row = ConfigTable.find(name);
    if (row != null && row.type().accepts().contains("size")) {
      values.removeAll(HUGE);
    }
    return values;
  }
}
