package io.redknot.server.tool;

import java.util.List;
import java.util.stream.Stream;

/**
 * What a server is asked while it is recorded: what clients send when they connect, and the
 * commands that are sent most. A command that the server does not have is answered with an error,
 * which is practice, too.
 */
final class TrainingCommands {
  /** Once. */
  static final List<List<String>> FIRST =
      words(
          "COMMAND",
          "COMMAND DOCS get",
          "COMMAND COUNT",
          "CLUSTER ADDSLOTSRANGE 0 16383",
          "CONFIG GET *",
          "CONFIG SET slowlog-max-len 128",
          "CONFIG RESETSTAT",
          "INFO everything",
          "MEMORY STATS",
          "MEMORY DOCTOR",
          "LATENCY LATEST",
          "LATENCY HISTOGRAM",
          "NO SUCH COMMAND");

  /** Again and again. */
  static final List<List<String>> USUAL =
      words(
          "CLIENT SETINFO LIB-NAME training",
          "CLIENT SETNAME training",
          "CLIENT ID",
          "CLIENT LIST",
          "CLIENT INFO",
          "CLIENT NO-EVICT off",
          "CLUSTER INFO",
          "CLUSTER NODES",
          "CLUSTER SLOTS",
          "CLUSTER SHARDS",
          "CLUSTER MYID",
          "CLUSTER KEYSLOT key",
          "CLUSTER COUNTKEYSINSLOT 12539",
          "READONLY",
          "READWRITE",
          "PING",
          "ECHO text",
          "TIME",
          "INFO",
          "INFO server clients",
          "SLOWLOG GET",
          "SLOWLOG LEN",
          "SET key value",
          "SET key value EX 100 NX",
          "GET key",
          "GETRANGE key 0 2",
          "APPEND key more",
          "STRLEN key",
          "MSET {m}1 a {m}2 b",
          "MGET {m}1 {m}2",
          "INCR number",
          "INCRBY number 5",
          "INCRBYFLOAT float 1.5",
          "EXPIRE key 100",
          "TTL key",
          "PERSIST key",
          "TYPE key",
          "OBJECT ENCODING key",
          "EXISTS key",
          "DEL key",
          "SCAN 0",
          "DBSIZE",
          "HSET hash field value other value",
          "HGET hash field",
          "HGETALL hash",
          "HINCRBY hash count 1",
          "HDEL hash other",
          "LPUSH list a b c",
          "LRANGE list 0 -1",
          "RPOP list",
          "SADD set a b c 1 2 3",
          "SMEMBERS set",
          "SISMEMBER set a",
          "ZADD zset 1 a 2 b",
          "ZRANGE zset 0 -1 WITHSCORES",
          "ZSCORE zset a",
          "XADD stream * field value",
          "XRANGE stream - +",
          "GET list",
          "MULTI",
          "INCR number",
          "EXEC",
          "GET");

  /**
   * As often: what moving a slot takes, from the node to itself and back from a peer.
   *
   * @param self the node's id
   * @param peer that of another primary
   */
  static List<List<String>> moving(NodeAddress address, String self, String peer) {
    String target = address.host() + " " + address.port();
    return words(
        "CLUSTER SETSLOT 12539 MIGRATING " + peer,
        "CLUSTER GETKEYSINSLOT 12539 100",
        "SET key value",
        "MIGRATE " + target + "  0 1000 COPY REPLACE KEYS key",
        "ASKING",
        "GET key",
        "CLUSTER SETSLOT 12539 STABLE",
        "CLUSTER SETSLOT 0 NODE " + peer,
        "CLUSTER SETSLOT 0 IMPORTING " + peer,
        "CLUSTER SETSLOT 0 NODE " + self);
  }

  private TrainingCommands() {}

  private static List<List<String>> words(String... lines) {
    return Stream.of(lines).map(line -> List.of(line.split(" ", -1))).toList();
  }
}
