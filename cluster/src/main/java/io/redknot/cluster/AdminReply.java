package io.redknot.cluster;

/** What a CLUSTER subcommand answers. */
public sealed interface AdminReply {

  /** Simple string OK. */
  record Ok() implements AdminReply {}

  /** Another simple string. */
  record Text(String text) implements AdminReply {}

  record Count(long value) implements AdminReply {}

  /** An error with its code, such as {@code ERR Invalid slot}, without the leading dash. */
  record Refused(String text) implements AdminReply {}

  AdminReply OK = new Ok();

  static AdminReply error(String sentence) {
    return new Refused("ERR " + sentence);
  }
}
