package io.redknot.server.differential;

import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * A difference that is meant, or that only the versions explain: the reference is Redis 7.0, what
 * Redknot offers is Redis 7.2.
 */
record AcceptedDifference(String reason, Predicate<Step> step, BiPredicate<Reply, Reply> replies) {
  private static final Set<String> BAD_ARGUMENT =
      Set.of("-ERR value is not an integer or out of range", "-ERR syntax error");

  /** What 7.0 tells where it looked at the key first. */
  private static final Set<String> NOTHING_FOUND =
      Set.of(":0", ":-1", "-WRONGTYPE Operation against a key holding the wrong kind of value");

  static final List<AcceptedDifference> ALL =
      List.of(
          new AcceptedDifference(
              "7.2 checks the arguments of BITCOUNT and BITPOS before it looks at the key",
              step -> step.name().equals("bitcount") || step.name().equals("bitpos"),
              (reference, redknot) ->
                  BAD_ARGUMENT.contains(redknot.header())
                      && NOTHING_FOUND.contains(reference.header())),
          new AcceptedDifference(
              "7.2 has one database on a cluster node, 7.0 has those configured",
              step -> step.name().equals("copy"),
              (reference, redknot) ->
                  reference.isError() && redknot.header().equals("-ERR DB index is out of range")),
          new AcceptedDifference(
              "7.2 refuses the rank that has no positive counterpart",
              step -> step.name().equals("lpos"),
              (reference, redknot) -> redknot.header().startsWith("-ERR value is out of range, v")),
          new AcceptedDifference(
              "ZRANK and ZREVRANK of 7.2 take a third argument, WITHSCORE",
              step -> step.name().endsWith("rank") && step.words().size() == 4,
              (reference, redknot) -> reference.header().startsWith("-ERR wrong number")),
          new AcceptedDifference(
              "SORT of Redis takes the errno of an earlier command's number for one of its own",
              step -> step.name().startsWith("sort"),
              (reference, redknot) ->
                  reference.header().startsWith("-ERR One or more scores can't be converted")
                      && !redknot.isError()),
          new AcceptedDifference(
              "Redis routes a call with STORE and STOREDIST by the last one alone",
              step -> step.name().startsWith("georadius"),
              (reference, redknot) -> redknot.header().startsWith("-CROSSSLOT")),
          new AcceptedDifference(
              "7.2 keeps small lists as listpacks",
              step -> step.name().equals("object"),
              (reference, redknot) ->
                  reference.raw().contains("quicklist") && redknot.raw().contains("listpack")),
          new AcceptedDifference(
              "Redis gives a sorted set that it sorts its large form, to which it has no way back",
              step -> step.name().equals("object"),
              (reference, redknot) ->
                  reference.raw().contains("skiplist") && redknot.raw().contains("listpack")),
          new AcceptedDifference(
              "7.2 keeps small sets as listpacks",
              step -> step.name().equals("object"),
              (reference, redknot) ->
                  reference.raw().contains("hashtable") && redknot.raw().contains("listpack")),
          new AcceptedDifference(
              "What is behind a cursor that the server did not give out is its own affair",
              AcceptedDifference::scansOn,
              (reference, redknot) -> reference.type() == '*' && redknot.type() == '*'),
          new AcceptedDifference(
              "7.2 names the command as it was called where ids are missing",
              step -> step.name().startsWith("xread"),
              (reference, redknot) ->
                  reference.header().startsWith("-ERR Unbalanced ")
                      && redknot.header().startsWith("-ERR Unbalanced '")),
          new AcceptedDifference(
              "7.2 makes a consumer also where it gets nothing",
              step -> step.name().equals("xgroup"),
              (reference, redknot) ->
                  reference.header().equals(":1") && redknot.header().equals(":0")),
          new AcceptedDifference(
              "7.2 lets no id of a stream fall below that of a deleted entry",
              step -> step.name().equals("xsetid"),
              (reference, redknot) ->
                  redknot.header().endsWith("is smaller than current max_deleted_entry_id")),
          new AcceptedDifference(
              "Redis shares the values of small integers and counts their references",
              step -> step.name().equals("object"),
              (reference, redknot) ->
                  reference.header().equals(":2147483647") && redknot.header().equals(":1")));

  /** HSCAN, SSCAN or ZSCAN that does not begin at the beginning. */
  private static boolean scansOn(Step step) {
    return Set.of("hscan", "sscan", "zscan").contains(step.name())
        && !step.toString().contains("\" \"0\"");
  }

  static boolean covers(Step step, Reply reference, Reply redknot) {
    for (AcceptedDifference accepted : ALL) {
      if (accepted.step.test(step) && accepted.replies.test(reference, redknot)) {
        return true;
      }
    }
    return false;
  }
}
