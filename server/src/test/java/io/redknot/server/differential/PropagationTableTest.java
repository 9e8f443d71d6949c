package io.redknot.server.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.redknot.server.dispatch.CommandFlag;
import io.redknot.server.dispatch.CommandSpec;
import io.redknot.server.replication.StreamCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * How each command is told in the stream of changes: a row a rule, and redis-server's word on it.
 */
final class PropagationTableTest {
  private static @TempDir Path directory;
  private static StreamPair servers;

  @BeforeAll
  static void start() throws IOException {
    List<String> options = List.of("--stream-node-max-entries", "2");
    servers = new StreamPair(directory, options);
  }

  @AfterAll
  static void stop() throws IOException {
    servers.close();
  }

  /**
   * A rule.
   *
   * @param before commands that prepare, with {@code ;} between them
   * @param given the command
   * @param told how it is told, the same way; {@code <ms>} is a time, {@code MULTI} and {@code
   *     EXEC} stand there where they are told
   * @param byRedis how Redis 7.0 tells it
   */
  record Rule(String before, String given, String told, String byRedis) {
    @Override
    public String toString() {
      return given + " after " + before;
    }
  }

  private static Rule rule(String before, String given, String told) {
    return new Rule(before, given, told, told);
  }

  /** Told otherwise than Redis 7.0 does, for a reason that the call stands behind. */
  private static Rule ours(String before, String given, String told, String byRedis) {
    return new Rule(before, given, told, byRedis);
  }

  static Stream<Rule> rules() {
    return Stream.of(
            strings(),
            numbers(),
            expiry(),
            removals(),
            collections(),
            stores(),
            pops(),
            waits(),
            trims(),
            groups(),
            databases())
        .flatMap(List::stream);
  }

  private static List<Rule> strings() {
    return List.of(
        rule("", "sEt k v", "sEt k v"),
        rule("", "SET k v NX", "SET k v NX"),
        rule("SET k o", "SET k v XX GET", "SET k v XX"),
        rule("SET k o", "SET k v gEt KEEPTTL get", "SET k v KEEPTTL"),
        rule("", "SET k v EX 100 NX", "SET k v PXAT <ms>"),
        rule("", "SET k v GET PX 100000", "SET k v PXAT <ms>"),
        rule("", "SET k v EXAT 4102444800", "SET k v PXAT 4102444800000"),
        rule("", "SET k v PXAT 4102444800000", "SET k v PXAT 4102444800000"),
        rule("", "SET k v PXAT 5", "SET k v PXAT 5"),
        rule("", "SETEX k 100 v", "SET k v PXAT <ms>"),
        rule("", "psetex k 100000 v", "SET k v PXAT <ms>"),
        rule("SET k o", "GETSET k v", "SET k v"),
        rule("SET k o", "SET k v NX", ""),
        rule("", "SET k v XX", ""),
        rule("", "INCRBYFLOAT k 1.50", "SET k 1.5 KEEPTTL"),
        rule("", "HINCRBYFLOAT k f 1.50", "HSET k f 1.5"),
        rule("", "APPEND k ", "APPEND k "),
        rule("SET k v", "APPEND k ", "APPEND k "),
        rule("SET k v", "SETRANGE k 5 ", ""),
        rule("SETBIT k 7 1", "SETBIT k 7 1", ""),
        rule("SETBIT k 7 1", "BITFIELD k GET u8 0", ""),
        rule("SETBIT k 7 1", "BITFIELD k SET u8 0 1", ""),
        rule("SETBIT k 7 1", "BITFIELD k SET u8 0 2 GET u8 0", "BITFIELD k SET u8 0 2 GET u8 0"),
        rule("", "PFADD k a", "PFADD k a"),
        rule("PFADD k a", "PFADD k a", ""),
        rule("PFADD k a", "PFCOUNT k", "PFCOUNT k"),
        rule("PFADD k a;PFCOUNT k", "PFCOUNT k", ""),
        rule("PFADD k a;PFADD l b", "PFCOUNT k l", ""),
        rule("MSET k 1 l 2", "MSETNX k 1 m 2", ""));
  }

  private static List<Rule> numbers() {
    return List.of(
        rule("", "INCR k", "INCR k"),
        rule("SET k 7", "DECR k", "DECR k"),
        rule("SET k 7 EX 100", "INCRBY k 3", "INCRBY k 3"),
        rule("", "DECRBY k -3", "DECRBY k -3"),
        rule("SET k 7", "INCRBY k 0", "INCRBY k 0"),
        rule("SET k x", "INCR k", ""),
        rule("", "HINCRBY k f 3", "HINCRBY k f 3"),
        rule("", "SETNX k v", "SETNX k v"),
        rule("SET k o", "SETNX k v", ""),
        rule("", "SETRANGE k 2 v", "SETRANGE k 2 v"),
        rule("", "SETBIT k 7 1", "SETBIT k 7 1"),
        rule("", "MSET k 1 l 2", "MSET k 1 l 2"),
        rule("", "MSETNX k 1 l 2", "MSETNX k 1 l 2"),
        rule("PFADD k a;PFADD l b", "PFMERGE m k l", "PFMERGE m k l"),
        rule("", "PFMERGE m", "PFMERGE m"),
        rule("PFADD k a", "PFDEBUG ENCODING k", ""),
        rule("PFADD k a", "PFDEBUG TODENSE k", "PFDEBUG TODENSE k"));
  }

  private static List<Rule> expiry() {
    return List.of(
        rule("SET k v", "EXPIRE k 100", "PEXPIREAT k <ms>"),
        rule("SET k v", "EXPIRE k 100 nX", "PEXPIREAT k <ms> nX"),
        rule("SET k v", "PEXPIRE k 100000 LT", "PEXPIREAT k <ms> LT"),
        rule("SET k v", "EXPIREAT k 4102444800", "PEXPIREAT k 4102444800000"),
        rule("SET k v", "pexpireat k 4102444800000", "pexpireat k 4102444800000"),
        rule("SET k v", "EXPIRE k 100 XX", ""),
        rule("", "EXPIRE k 100", ""),
        rule("SET k v", "EXPIRE k -1", "DEL k"),
        rule("SET k v", "PEXPIREAT k 1", "DEL k"),
        rule("SET k v EX 100", "PERSIST k", "PERSIST k"),
        rule("SET k v", "PERSIST k", ""),
        rule("SET k v", "GETEX k", ""),
        rule("SET k v", "GETEX k EX 100", "PEXPIREAT k <ms>"),
        rule("SET k v", "GETEX k PXAT 1", "DEL k"),
        rule("SET k v EX 100", "GETEX k PERSIST", "PERSIST k"),
        rule("SET k v", "GETEX k PERSIST", ""),
        rule("SET k v PXAT 5", "GET k", "DEL k"),
        rule("SET k v PXAT 5", "APPEND k x", "MULTI;DEL k;APPEND k x;EXEC"),
        rule("SET k v PXAT 5", "DEL k", "DEL k"),
        rule("SET k v PXAT 5;SET l v", "DEL k l", "MULTI;DEL k;DEL k l;EXEC"),
        rule("SET k v PXAT 5;SET l v PXAT 5", "MGET k l", "MULTI;DEL k;DEL l;EXEC"),
        rule("SET k v PXAT 5", "EXPIRE k 100", "DEL k"),
        rule("SADD s a b;SET k v PXAT 5", "SUNIONSTORE k s", "MULTI;DEL k;SUNIONSTORE k s;EXEC"));
  }

  private static List<Rule> removals() {
    String lazily = "CONFIG SET lazyfree-lazy-";
    return List.of(
        rule("SET k v", "del k x", "del k x"),
        rule("SET k v", "UNLINK k", "UNLINK k"),
        rule("", "DEL k", ""),
        rule("SET k v", "GETDEL k", "DEL k"),
        rule("SET k v;" + lazily + "user-del yes", "GETDEL k", "UNLINK k"),
        rule("SET k v;" + lazily + "user-del yes", "DEL k", "DEL k"),
        rule("SET k v;" + lazily + "expire yes", "EXPIRE k 0", "UNLINK k"),
        rule("SET k v;" + lazily + "expire yes", "GETEX k PXAT 1", "UNLINK k"),
        rule("SET k v PXAT 5;" + lazily + "expire yes", "GET k", "UNLINK k"),
        // Redis follows that directive here since 7.2.
        ours("SADD k a b;" + lazily + "server-del yes", "SPOP k 5", "UNLINK k", "DEL k"),
        rule("SADD k a b", "SPOP k 5", "DEL k"),
        rule("SADD k a", "SUNIONSTORE k x", "SUNIONSTORE k x"),
        rule("", "SUNIONSTORE k x", ""),
        rule("SET k a", "ZRANGESTORE k x 0 -1", "ZRANGESTORE k x 0 -1"),
        rule(
            "SET k a",
            "GEOSEARCHSTORE k x FROMLONLAT 1 1 BYRADIUS 1 m",
            "GEOSEARCHSTORE k x FROMLONLAT 1 1 BYRADIUS 1 m"),
        rule("SET k a", "SORT x STORE k", "SORT x STORE k"),
        rule("SET k a", "BITOP OR k x", "BITOP OR k x"),
        rule("SET k a", "RENAME k l", "RENAME k l"),
        rule("SET k a", "RENAME k k", ""),
        rule("SET k a", "RENAMENX k l", "RENAMENX k l"),
        rule("MSET k a l b", "RENAMENX k l", ""),
        rule("SET k a", "COPY k l", "COPY k l"),
        rule("MSET k a l b", "COPY k l", ""));
  }

  private static List<Rule> collections() {
    return List.of(
        rule("SADD k a", "SADD k a", ""),
        rule("SADD k a", "SADD k a b", "SADD k a b"),
        rule("SADD k a", "SREM k x", ""),
        rule("SADD k a b", "SMOVE k l a", "SMOVE k l a"),
        rule("HSET k f v", "HSET k f v", "HSET k f v"),
        rule("HSET k f v", "HSETNX k f v", ""),
        rule("HSET k f v", "HDEL k x", ""),
        rule("ZADD k 1 a", "ZADD k 1 a", ""),
        rule("ZADD k 1 a", "ZADD k GT 0 a", ""),
        rule("ZADD k 1 a", "ZINCRBY k 2 a", "ZINCRBY k 2 a"),
        rule("ZADD k 1 a", "ZINCRBY k 0 a", ""),
        rule("ZADD k 1 a", "ZREMRANGEBYRANK k 5 6", ""),
        rule("RPUSH k a b", "LREM k 0 x", ""),
        rule("RPUSH k a b", "LTRIM k 0 -1", ""),
        rule("RPUSH k a b", "LTRIM k 1 -1", "LTRIM k 1 -1"),
        rule("RPUSH k a b", "LSET k 0 a", "LSET k 0 a"),
        rule("RPUSH k a b", "LINSERT k BEFORE x y", ""),
        rule("RPUSH k a b", "LMOVE k l LEFT RIGHT", "LMOVE k l LEFT RIGHT"),
        rule("RPUSH k a b", "LPUSHX l a", ""),
        rule("RPUSH k a", "LPUSHX k b", "LPUSHX k b"),
        rule("RPUSH k a", "RPUSHX k b c", "RPUSHX k b c"),
        rule("", "RPUSHX k b", ""),
        rule("", "LPUSH k a b", "LPUSH k a b"),
        rule("", "RPUSH k a b", "RPUSH k a b"),
        rule("RPUSH k a b", "LREM k -1 a", "LREM k -1 a"),
        rule("RPUSH k a b", "LINSERT k AFTER a x", "LINSERT k AFTER a x"),
        rule("RPUSH k a b", "RPOPLPUSH k k", "RPOPLPUSH k k"),
        rule("", "RPOPLPUSH k l", ""),
        rule("SADD k a b", "SREM k a x", "SREM k a x"),
        rule("SADD k a b", "SMOVE k l x", ""),
        rule("HSET k f v", "HMSET k f w g x", "HMSET k f w g x"),
        rule("", "HSETNX k f v", "HSETNX k f v"),
        rule("HSET k f v g w", "HDEL k f x", "HDEL k f x"),
        rule("ZADD k 1 a", "ZADD k GT CH 2 a 3 b", "ZADD k GT CH 2 a 3 b"),
        rule("ZADD k 1 a", "ZADD k INCR 2 a", "ZADD k INCR 2 a"),
        rule("ZADD k 1 a 2 b", "ZREM k a x", "ZREM k a x"),
        rule("ZADD k 1 a 2 b", "ZREM k x", ""),
        rule("ZADD k 1 a 2 b", "ZREMRANGEBYRANK k 0 0", "ZREMRANGEBYRANK k 0 0"),
        rule("ZADD k 1 a 2 b", "ZREMRANGEBYSCORE k (1 +inf", "ZREMRANGEBYSCORE k (1 +inf"),
        rule("ZADD k 1 a 2 b", "ZREMRANGEBYSCORE k 5 6", ""),
        rule("ZADD k 0 a 0 b", "ZREMRANGEBYLEX k - [a", "ZREMRANGEBYLEX k - [a"),
        rule("ZADD k 0 a 0 b", "ZREMRANGEBYLEX k [c +", ""),
        rule("", "GEOADD k 13.361389 38.115556 a", "zadd k 3479099956230698 a"),
        rule("", "GEOADD k NX cH 13.361389 38.115556 a", "zadd k NX cH 3479099956230698 a"),
        rule("GEOADD k 1 1 a", "GEOADD k NX 2 2 a", ""));
  }

  private static List<Rule> stores() {
    String near = "GEOADD k 1 1 a 2 2 b";
    return List.of(
        rule("SADD k a b;SADD l b c", "SDIFFSTORE m k l", "SDIFFSTORE m k l"),
        rule("SADD k a b;SADD l b c", "SINTERSTORE m k l", "SINTERSTORE m k l"),
        rule("SADD k a b", "SINTERSTORE k k l", "SINTERSTORE k k l"),
        rule("", "SDIFFSTORE m k l", ""),
        rule("ZADD k 1 a", "ZUNIONSTORE m 2 k l", "ZUNIONSTORE m 2 k l"),
        rule("ZADD k 1 a", "ZINTERSTORE m 2 k l", ""),
        rule("ZADD k 1 a", "ZINTERSTORE k 2 k l", "ZINTERSTORE k 2 k l"),
        rule("ZADD k 1 a", "ZDIFFSTORE m 2 k l", "ZDIFFSTORE m 2 k l"),
        rule(near, "GEORADIUS k 1 1 9 km", ""),
        rule(near, "GEORADIUS k 1 1 9 km STORE m", "GEORADIUS k 1 1 9 km STORE m"),
        rule(near, "GEORADIUS k 9 9 1 m STOREDIST m", ""),
        rule(
            near,
            "GEORADIUSBYMEMBER k a 9 km STOREDIST m",
            "GEORADIUSBYMEMBER k a 9 km STOREDIST m"),
        rule("RPUSH k 2 1", "SORT k", ""),
        rule("RPUSH k 2 1", "SORT k STORE m", "SORT k STORE m"),
        rule("BITOP NOT m k", "BITOP NOT m k", ""));
  }

  /** By commands that could wait, and find something. */
  private static List<Rule> waits() {
    return List.of(
        rule("RPUSH k a b", "BLPOP x k 0", "LPOP k"),
        rule("RPUSH k a b", "brpop x k 0", "RPOP k"),
        rule("RPUSH k a b", "BLMOVE k l lefT RIGHT 0", "LMOVE k l lefT RIGHT"),
        rule("RPUSH k a b", "BRPOPLPUSH k l 0", "RPOPLPUSH k l"),
        rule("RPUSH k a b", "BLMPOP 0 2 x k LEFT COUNT 9", "LPOP k 2"),
        rule("RPUSH k a b", "BLMPOP 0 2 x k right", "RPOP k 1"),
        rule("ZADD k 1 a 2 b", "BZPOPMIN x k 0", "ZPOPMIN k"),
        rule("ZADD k 1 a 2 b", "BZPOPMAX x k 0", "ZPOPMAX k"),
        rule("ZADD k 1 a 2 b", "BZMPOP 0 1 k MIN COUNT 5", "ZPOPMIN k 2"),
        rule("ZADD k 1 a 2 b", "BZMPOP 0 1 k MAX", "ZPOPMAX k 1"));
  }

  private static List<Rule> pops() {
    return List.of(
        rule("SADD k a", "SPOP k", "SREM k a"),
        rule("SADD k a", "SPOP k 1", "DEL k"),
        rule("SADD k a", "SPOP k 0", ""),
        // A set of equal names would have one member: which one goes is drawn.
        rule("RPUSH k a b c", "LPOP k", "LPOP k"),
        rule("RPUSH k a b c", "LPOP k 5", "LPOP k 5"),
        rule("RPUSH k a b c", "LPOP k 0", ""),
        rule("RPUSH k a b c", "LMPOP 2 x k LEFT COUNT 9", "LPOP k 3"),
        rule("RPUSH k a b c", "LMPOP 2 x k right", "RPOP k 1"),
        rule("", "LMPOP 1 x LEFT", ""),
        rule("RPUSH k a b c", "RPOP k 2", "RPOP k 2"),
        rule("ZADD k 1 a 2 b", "ZPOPMAX k 5", "ZPOPMAX k 5"),
        rule("ZADD k 1 a 2 b", "ZPOPMIN k", "ZPOPMIN k"),
        rule("ZADD k 1 a 2 b", "ZMPOP 1 k MIN", "ZPOPMIN k 1"),
        rule("ZADD k 1 a 2 b", "ZMPOP 2 x k max COUNT 7", "ZPOPMAX k 2"),
        rule("", "ZMPOP 1 k MIN", ""));
  }

  private static List<Rule> trims() {
    String five = "XADD k 1 a 1;XADD k 2 a 1;XADD k 3 a 1;XADD k 4 a 1;XADD k 5 a 1";
    return List.of(
        rule("", "XADD k 5 a 1", "XADD k 5 a 1"),
        rule("", "XADD k 5-* a 1", "XADD k 5-0 a 1"),
        rule("XADD k 4102444800000-7 a 1", "XADD k * a 1", "XADD k 4102444800000-8 a 1"),
        rule("", "XADD k NOMKSTREAM * a 1", ""),
        rule(five, "XADD k MAXLEN 2 6-* a 1", "XADD k MAXLEN 2 6-0 a 1"),
        rule(five, "XADD k maxlen ~ 3 6-* a 1", "XADD k maxlen = 4 6-0 a 1"),
        rule(five, "XADD k MAXLEN ~ 3 LIMIT 2 6 a 1", "XADD k MAXLEN = 4 LIMIT 2 6 a 1"),
        rule(five, "XADD k MINID ~ 4 6-* a 1", "XADD k MINID = 3-0 6-0 a 1"),
        rule(five, "XTRIM k MAXLEN 2", "XTRIM k MAXLEN 2"),
        rule(five, "XTRIM k MAXLEN 5", ""),
        rule(five, "XTRIM k MAXLEN ~ 2", "XTRIM k MAXLEN = 3"),
        rule(five, "XTRIM k MINID ~ 4 LIMIT 2", "XTRIM k MINID = 3-0 LIMIT 2"),
        rule(
            five, "XTRIM k MINID ~ 9", "XTRIM k MINID = 18446744073709551615-18446744073709551615"),
        rule(five, "XDEL k 1 9", "XDEL k 1 9"),
        rule(five, "XDEL k 9", ""),
        rule(five, "XSETID k 9", "XSETID k 9"));
  }

  private static List<Rule> groups() {
    String two = "XADD k 1 a 1;XADD k 2 a 1;XGROUP CREATE k g 0";
    String read = two + ";XREADGROUP GROUP g c STREAMS k >";
    String claim = " FORCE JUSTID LASTID ";
    return List.of(
        rule("", "XGROUP CREATE k g $ MKSTREAM", "XGROUP CREATE k g $ MKSTREAM"),
        rule(two, "XGROUP CREATECONSUMER k g c", "XGROUP CREATECONSUMER k g c"),
        rule(read, "XGROUP CREATECONSUMER k g c", ""),
        rule(read, "XGROUP DELCONSUMER k g c", "XGROUP DELCONSUMER k g c"),
        rule(two, "XGROUP DELCONSUMER k g c", ""),
        rule(two, "XGROUP SETID k g $", "XGROUP SETID k g $"),
        rule(two, "XGROUP DESTROY k g", "XGROUP DESTROY k g"),
        rule(read, "XACK k g 1 7", "XACK k g 1 7"),
        rule(read, "XACK k g 7", ""),
        rule(
            two,
            "XREADGROUP GROUP g c COUNT 1 STREAMS k >",
            "XCLAIM k g c 0 1-0 TIME <ms> RETRYCOUNT 1" + claim + "1-0"),
        rule(
            two,
            "XREADGROUP GROUP g c NOACK STREAMS k >",
            "MULTI;XGROUP CREATECONSUMER k g c;XGROUP SETID k g 2-0 ENTRIESREAD 2;EXEC"),
        rule(read, "XREADGROUP GROUP g c STREAMS k 0", ""),
        rule(read, "XREADGROUP GROUP g c STREAMS k >", ""),
        // Made since 7.2, and told so that it is there too.
        ours(read, "XREADGROUP GROUP g d STREAMS k >", "XGROUP CREATECONSUMER k g d", ""),
        rule(read, "XCLAIM k g d 0 1 9", "XCLAIM k g d 0 1 TIME <ms> RETRYCOUNT 2" + claim + "2-0"),
        rule(
            read,
            "XCLAIM k g d 0 1 TIME 7 RETRYCOUNT 5 JUSTID",
            "XCLAIM k g d 0 1 TIME 7 RETRYCOUNT 5" + claim + "2-0"),
        rule(
            read + ";XDEL k 1",
            "XCLAIM k g c 0 1",
            "XCLAIM k g c 0 1 TIME <ms> RETRYCOUNT 1" + claim + "2-0"),
        rule(read, "XCLAIM k g c 0 9 LASTID 5", "XGROUP SETID k g 5-0 ENTRIESREAD 2"),
        rule(
            read,
            "XAUTOCLAIM k g c 0 0",
            "MULTI;XCLAIM k g c 0 1-0 TIME <ms> RETRYCOUNT 2"
                + claim
                + "2-0"
                + ";XCLAIM k g c 0 2-0 TIME <ms> RETRYCOUNT 2"
                + claim
                + "2-0;EXEC"));
  }

  private static List<Rule> databases() {
    return List.of(
        rule("", "FUNCTION FLUSH", "FUNCTION FLUSH"),
        rule("", "FLUSHALL", "FLUSHALL"),
        rule("", "FLUSHDB async", "FLUSHDB async"),
        rule("SET k v", "SWAPDB 0 1", "SWAPDB 0 1"),
        rule("", "SWAPDB 0 1", "SWAPDB 0 1"),
        rule("SET k v", "MOVE k 1", "MOVE k 1"),
        rule("", "MOVE k 1", ""));
  }

  /** Commands that change something and have no row: what their own tests are. */
  private static final Map<String, String> ELSEWHERE =
      Map.of(
          "restore", "restoredKeyIsToldWithItsTimeOfExpiry",
          "restore-asking", "RESTORE under another name",
          "migrate", "MigrateTest");

  @Test
  void everyCommandThatChangesSomethingHasARule() {
    Set<String> given = new TreeSet<>();
    rules().forEach(rule -> given.addAll(names(rule.given)));
    Set<String> missing = new TreeSet<>();
    for (CommandSpec spec : servers.table().all()) {
      boolean changes = spec.has(CommandFlag.WRITE) && !spec.isContainer();
      if (changes && !given.contains(spec.name()) && !ELSEWHERE.containsKey(spec.name())) {
        missing.add(spec.name());
      }
    }
    assertEquals(Set.of(), missing);
  }

  /** A command's name, and that which it has if it is a subcommand. */
  private static List<String> names(String command) {
    String[] words = command.toLowerCase(Locale.ROOT).split(" ", -1);
    return List.of(words[0], words.length > 1 ? words[0] + '|' + words[1] : words[0]);
  }

  @ParameterizedTest
  @MethodSource("rules")
  void commandIsToldAs(Rule rule) throws IOException {
    for (String name : List.of("user-del", "expire", "server-del")) {
      servers.call("CONFIG", "SET", "lazyfree-lazy-" + name, "no");
    }
    servers.call("FLUSHALL");
    for (String command : split(rule.before)) {
      servers.call(command.split(" ", -1));
    }
    List<byte[]> info = Step.of("INFO", "persistence").bytes("");
    List<byte[]> given = Step.of((Object[]) rule.given.split(" ", -1)).bytes("");
    StreamPair.Outcome outcome = servers.run(List.of(info, given, info));
    assertEquals(rule.byRedis, text(outcome.theirs(), rule.byRedis), "redis-server");
    assertEquals(rule.told, text(outcome.ours(), rule.told), "redknot");
    if (rule.told.equals(rule.byRedis)) {
      assertEquals(changes(outcome.theirReplies()), changes(outcome.ourReplies()), "changes");
    }
  }

  /** By how much the count of changes rose between two calls of INFO, around one command. */
  private static long changes(List<Reply> replies) {
    return StreamDifferentialTest.changes(replies.getLast())
        - StreamDifferentialTest.changes(replies.getFirst());
  }

  private static List<String> split(String commands) {
    return commands.isEmpty() ? List.of() : Arrays.asList(commands.split(";"));
  }

  /** Commands as the table has them: numbers that are times near now are shown as such. */
  private static String text(List<StreamCommand> commands, String wanted) {
    List<String> texts = new ArrayList<>();
    for (StreamCommand command : commands) {
      texts.add(String.join(" ", command.words()));
    }
    String all = String.join(";", texts);
    return wanted.contains("<ms>") ? all.replaceAll("\\b1\\d{12}\\b", "<ms>") : all;
  }

  @ParameterizedTest
  @MethodSource("payloads")
  void restoredKeyIsToldWithItsTimeOfExpiry(String options, boolean absolute) throws IOException {
    servers.call("FLUSHALL");
    servers.call("SET", "k", "v");
    List<Reply> dumps = servers.call("DUMP", "k").theirReplies();
    String raw = dumps.getFirst().raw();
    String payload = raw.substring(raw.indexOf('\n') + 1, raw.length() - 2);
    List<Object> words = new ArrayList<>(List.of("RESTORE", "k"));
    words.add(absolute ? "4102444800000" : "100000");
    words.add(payload.getBytes(StandardCharsets.ISO_8859_1));
    words.addAll(List.of(options.split(" ")));
    StreamPair.Outcome outcome = servers.run(List.of(Step.of(words).bytes("")));
    assertEquals(1, outcome.ours().size());
    List<String> told = outcome.ours().getFirst().words();
    assertEquals(payload, told.get(3));
    List<String> theirs = new ArrayList<>(outcome.theirs().getFirst().words());
    long apart = Long.parseLong(told.get(2)) - Long.parseLong(theirs.get(2));
    assertEquals(0, apart / 2000);
    theirs.set(2, told.get(2));
    assertEquals(theirs, told);
  }

  static Stream<Object[]> payloads() {
    return Stream.of(
        new Object[] {"REPLACE", false},
        new Object[] {"REPLACE IDLETIME 7", false},
        new Object[] {"absttl REPLACE", true});
  }

  @ParameterizedTest
  @MethodSource("counts")
  void severalDrawnMembersAreToldInOneCommandUpToALimit(int popped) throws IOException {
    servers.call("FLUSHALL");
    List<Object> words = new ArrayList<>(List.of("SADD", "k"));
    for (int i = 0; i < 5000; i++) {
      words.add(i);
    }
    servers.run(List.of(Step.of(words).bytes("")));
    StreamPair.Outcome outcome = servers.call("SPOP", "k", "" + popped);
    List<StreamCommand> commands = new ArrayList<>(outcome.ours());
    if (popped > 1024) {
      assertEquals(List.of("MULTI"), commands.removeFirst().words());
      assertEquals(List.of("EXEC"), commands.removeLast().words());
    }
    assertEquals((popped + 1023) / 1024, commands.size());
    List<String> told = new ArrayList<>();
    for (StreamCommand command : commands) {
      assertEquals(List.of("SREM", "k"), command.words().subList(0, 2));
      told.addAll(command.words().subList(2, command.words().size()));
    }
    assertEquals(popped, told.size());
    List<String> replied =
        outcome.ourReplies().getFirst().elements().stream()
            .map(reply -> reply.raw().substring(reply.raw().indexOf('\n') + 1).strip())
            .toList();
    assertEquals(replied, told);
  }

  static Stream<Integer> counts() {
    return Stream.of(2, 1024, 1025, 4000);
  }
}
